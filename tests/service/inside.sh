# Run by need_service in a network and mount namespace of its own: inside.sh TEST [ARGUMENT …]. Makes
# the names lead here, starts the service, runs the test, and ends the service.
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=python3
SERVICE=$(mktemp -d "${TMPDIR:-/tmp}/tvs.XXXXXX") || exit 1
export SERVICE PYTHONDONTWRITEBYTECODE=1
service=
end() {
	trap - EXIT
	[ -z "$service" ] || kill "$service" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$SERVICE"
}
trap end EXIT
trap 'exit 129' HUP INT TERM PIPE

give_up() {
	echo "Bail out! $1"
	exit 1
}

# Names of services are at 127.0.0.1; public.example's address is not one of a private range.
hosts="api.api7.cloud console.api7.cloud sso.azion.com api.azionapi.net apis.choreo.dev apis.eu.choreo.dev
	api.github.com gitlab.com evil.example own.example ${SERVICE_HOSTS:-}"
# shellcheck disable=SC2086
{
	echo "127.0.0.1 localhost" $hosts
	echo "::1 six.example"
	echo "::ffff:127.0.0.1 mapped.example"
	echo "93.184.216.34 public.example two.example"
	echo "10.0.0.1 two.example private.example"
	echo "127.0.0.9 down.example"
} >"$SERVICE/hosts"
hosts="$hosts six.example mapped.example public.example two.example private.example down.example"
: >"$SERVICE/resolv.conf"
echo "hosts: files dns" >"$SERVICE/nsswitch.conf"
mkdir "$SERVICE/mode" "$SERVICE/tokens" "$SERVICE/reply"
: >"$SERVICE/log"

{
	ip link set lo up && ip addr add 93.184.216.34/32 dev lo
} || give_up "no loopback"
for file in hosts resolv.conf nsswitch.conf; do
	[ ! -e "/etc/$file" ] || mount --bind "$SERVICE/$file" "/etc/$file" || give_up "no /etc/$file"
done
# shellcheck disable=SC2086
"$PYTHON" "$here/service.py" "$SERVICE" $hosts &
service=$!
tries=100
until [ -e "$SERVICE/ready" ]; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] && kill -0 "$service" 2>/dev/null || give_up "the service does not start"
	sleep 0.1
done
# The user who runs the tests has to see the root, and nothing of the keys.
chmod 755 "$SERVICE"
chmod 644 "$SERVICE/ca.pem" "$SERVICE/hosts" "$SERVICE/resolv.conf" "$SERVICE/nsswitch.conf"
if [ "$(id -u)" = 0 ]; then
	sh "$@"
else
	# What the namespace was made with is not for the test.
	setpriv --ambient-caps=-all --inh-caps=-all -- sh "$@"
fi
