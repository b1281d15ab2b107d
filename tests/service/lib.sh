# Sourced after tests/lib.sh: a local HTTPS server that plays the services under their own names.
#
#	. "$(dirname "$0")/../lib.sh"
#	. "$TESTS/service/lib.sh"
#	need_service [HOST …]		before sandbox: runs this test again in a private network where the
#					services' hosts (and these) lead to it; skips where that can't be made
#	service_accepts SERVICE TOKEN …	the tokens that api7, azion, choreo or other accept from now on;
#					azion's may be "TOKEN UUID NAME"; it adds to those it has
#	service_mode HOST[.METHOD] MODE	ok, refused, closed (no TLS), slow, drip, big, bigchunked, redirect (to
#					evil.example), odd (html), 500, 429, empty, badjson, hugeheader,
#					continues, cut, eof, nothttp, plain, stalled, tls11, lost (done, but
#					not answered); or as certificate expired, wronghost, selfsigned
#	service_replies HOST JSON	the body of its answers with status 200
#	service_log [HOST [METHOD]]	the requests so far, a JSON object a line
#	service_forget			empties the log
#	service_pages N			azion's list of tokens comes in pages of N
#	use_service			has the vault trust it: setting set ca_file, private_hosts
#	$SERVICE/ca.pem			the root of its certificates
#
# All names lead to 127.0.0.1 but public.example (93.184.216.34), two.example (that, and 10.0.0.1),
# private.example (10.0.0.1), six.example (::1), mapped.example and down.example (nobody listens).

need_service() {
	[ -z "${SERVICE:-}" ] || return 0
	for program in unshare openssl ip setpriv "$PYTHON"; do
		command -v "$program" >/dev/null || skip_all "$program is not installed"
	done
	namespaces='-n -m'
	is_root || namespaces='-U --map-current-user --keep-caps -n -m'
	# shellcheck disable=SC2086
	unshare $namespaces true 2>/dev/null || skip_all "no private network for this user"
	SERVICE_HOSTS="$*"
	export SERVICE_HOSTS
	# shellcheck disable=SC2086
	exec unshare $namespaces sh "$TESTS/service/inside.sh" "$0"
}

service_accepts() {
	to=$1
	shift
	printf '%s\n' "$@" >"$SERVICE/tokens/$to.new"
	mv "$SERVICE/tokens/$to.new" "$SERVICE/tokens/$to"
}

service_mode() {
	printf '%s\n' "$2" >"$SERVICE/mode.new"
	mv "$SERVICE/mode.new" "$SERVICE/mode/$1"
}

service_replies() {
	printf '%s\n' "$2" >"$SERVICE/reply.new"
	mv "$SERVICE/reply.new" "$SERVICE/reply/$1"
}

service_log() {
	"$PYTHON" -c '
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    it = json.loads(line)
    if [it["host"], it["method"]][: len(sys.argv) - 2] == sys.argv[2:]:
        print(line, end="")
' "$SERVICE/log" "$@"
}

service_forget() {
	: >"$SERVICE/log"
}

service_pages() {
	echo "$1" >"$SERVICE/pages"
}

# shellcheck disable=SC2046
use_service() {
	tv --quiet setting set ca_file "$SERVICE/ca.pem" &&
		tv --quiet setting set private_hosts $(
			sed -n '/^127.0.0.1 /{s///;s/localhost//p;}' "$SERVICE/hosts"
		)
}
