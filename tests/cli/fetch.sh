# One exchange with a service: what is believed, what is refused, and what the helper process may do.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/service/lib.sh"
need_service
sandbox
drive=$TESTS/service/drive.py
token=FETCHTOKEN0123456789abcdef
FETCH=$BIN/tokenvault-fetch
SSLKEYLOGFILE=$SANDBOX/tmp/keylog
https_proxy=http://127.0.0.1:9
OPENSSL_CONF=$SANDBOX/tmp/openssl.cnf
ALL_PROXY=$https_proxy
export SSLKEYLOGFILE https_proxy ALL_PROXY

# fetch URL [NAME=VALUE …]: $STATUS, $DETAIL, $HTTP, $REPLY and $TOOK of an exchange
fetch() {
	as_user env - "$PYTHON" "$drive" "$FETCH" "$SERVICE" "$@" >"$SANDBOX/told"
	for member in status detail http reply took; do
		told $member
	done
	STATUS=$status DETAIL=$detail HTTP=$http REPLY=$reply TOOK=$took
}

told() {
	value=$("$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1])).get(sys.argv[2], ""))' \
		"${2:-$SANDBOX/told}" "$1")
	eval "$1=\$value"
}

# case_of MODE STATUS DETAIL-REGEX
case_of() {
	service_mode own.example "$1"
	fetch https://own.example/x "headers=Authorization: Bearer $token
"
	same "$1: $2" "$STATUS" "$2"
	like "$1: says so" "$DETAIL" "$3"
	case $DETAIL in *"$token"*) not_ok "$1: the detail holds the token" "$DETAIL" ;; esac
}

# ---- slow ones first, beside all others
service_mode gitlab.com drip
service_mode api.github.com stalled
service_mode apis.choreo.dev slow
for host in gitlab.com api.github.com apis.choreo.dev; do
	as_user env - "$PYTHON" "$drive" "$FETCH" "$SERVICE" "https://$host/" \
		"headers=Authorization: Bearer $token
" >"$SANDBOX/told.$host" &
done

# ---- the process, while one of them waits
waiting() {
	for dir in /proc/[0-9]*; do
		case "$(tr '\0' ' ' <"$dir/cmdline")" in
		"$FETCH " | "tokenvault-fetch ") ;;
		*) continue ;;
		esac
		grep -q 'Seccomp:.*2' "$dir/status" && pid=${dir#/proc/} && return
	done 2>/dev/null
	return 1
}
sleep 1
check "a helper is waiting" wait_for 5 waiting
waiting
if [ -z "${TV_SANITIZED:-}" ] && [ -r "/proc/$pid/environ" ]; then
	same "its environment is empty" "$(tr '\0' '\n' <"/proc/$pid/environ")" ""
	same "no descriptor but 0 to 2 and sockets" "$(
		for fd in "/proc/$pid/fd"/*; do
			[ "${fd##*/}" -le 2 ] || readlink "$fd"
		done | grep -v '^socket:'
	)" ""
else
	skip "its environment is empty" "a sanitizer's needs one, or only root may look"
fi
same "its arguments are its name" "$(tr '\0' '\n' <"/proc/$pid/cmdline")" "$FETCH"
like "it has no new privileges" "$(cat "/proc/$pid/status")" 'NoNewPrivs:.1'
like "it has a filter of calls" "$(cat "/proc/$pid/status")" 'Seccomp:.2'
like "it has no capabilities" "$(cat "/proc/$pid/status")" 'CapEff:.0000000000000000'
like "it leaves no core" "$(cat "/proc/$pid/limits")" 'Max core file size +0 +0'
check_exit 1 "its user can't read its memory" as_user dd if="/proc/$pid/mem" of=/dev/null count=1

# ---- good answers
service_accepts api7 "$token"
fetch https://api.api7.cloud/api/v1/user/me "headers=Authorization: Bearer $token
"
same "a good answer: status" "$STATUS $HTTP" "OK 200"
like "a good answer: body" "$REPLY" 'you@example.com'
fetch https://apis.eu.choreo.dev/orgs method=POST 'body={"a":1}' 'headers=X-One: 1
X-Two: 2
'
like "a body arrives, and its type" "$(service_log apis.eu.choreo.dev)" \
	'"X-One": "1", "X-Two": "2", "Content-Type": "application/json".*"body": "{\\"a\\":1}"'
fetch https://apis.eu.choreo.dev/empty method=POST
like "a POST without a body says so" "$(service_log apis.eu.choreo.dev | grep /empty)" \
	'"Content-Length": "0"'
service_mode api.azionapi.net refused
fetch https://api.azionapi.net/iam/personal_tokens/1 method=DELETE
same "a DELETE" "$HTTP $(service_log api.azionapi.net DELETE | grep -c personal_tokens/1)" "401 1"

# ---- odd answers
service_mode own.example redirect
fetch https://own.example/x "headers=Authorization: Bearer $token
"
same "a redirect is an answer" "$STATUS $HTTP" "OK 302"
same "and is not followed" "$(service_log evil.example)" ""
case_of big ODD_REPLY '64 KiB'
case_of bigchunked ODD_REPLY '64 KiB'
case_of hugeheader ODD_REPLY 'headers'
case_of continues ODD_REPLY 'headers'
case_of eof ODD_REPLY 'own.example'
case_of nothttp ODD_REPLY 'no HTTP'
case_of cut UNREACHABLE 'broke'
case_of closed UNREACHABLE 'broke'

# ---- certificates
service_forget
case_of expired CERTIFICATE 'expired'
case_of wronghost CERTIFICATE 'own.example'
case_of selfsigned CERTIFICATE 'self-signed'
case_of tls11 CERTIFICATE 'TLS 1.2'
case_of plain CERTIFICATE 'TLS 1.2'
service_mode own.example ok
fetch https://own.example/ roots=
same "a root that nobody trusts" "$STATUS" CERTIFICATE
fetch https://own.example/ "roots=no certificate at all"
same "roots that are none are no more trusted" "$STATUS" CERTIFICATE
same "none of these was sent anything" "$(service_log)" ""

# ---- addresses
for host in own.example six.example mapped.example private.example; do
	fetch "https://$host/" private=
	same "$host: not without the setting" "$STATUS" UNREACHABLE
	like "$host: says which" "$DETAIL" 'private_hosts'
done
same "none of these was sent anything either" "$(service_log)" ""
fetch https://own.example/ private=yes
same "with the setting" "$STATUS" OK
fetch https://six.example/ private=yes
same "IPv6 with the setting" "$STATUS" OK
fetch https://public.example/ private=
same "a public address" "$STATUS" OK
fetch https://two.example/ private=
same "a name with both: the public one" "$STATUS" OK
service_mode two.example closed
fetch https://two.example/ private=
same "a name with both: never the other" "$STATUS" UNREACHABLE
fetch https://down.example/
same "nobody listens" "$STATUS" UNREACHABLE
fetch https://nowhere.example/
same "no such name" "$STATUS" UNREACHABLE
like "no such name: says so" "$DETAIL" 'no address'
fetch https://own.example/ proxy=http://127.0.0.1:9
same "a proxy that is set is used" "$STATUS" UNREACHABLE
like "and named" "$DETAIL" 'proxy'

# ---- requests that are none
for url in http://own.example/ file:///etc/passwd ftp://own.example/ 'https://own.example/a b'; do
	fetch "$url"
	same "not $url" "$STATUS" BAD_VALUE
done
fetch https://me:secret@own.example/
like "no password in a URL" "$STATUS" 'BAD_VALUE|FAILED|ODD_REPLY'
for header in 'Host: evil.example' 'Transfer-Encoding: chunked' 'content-length: 5' 'no header'; do
	fetch https://own.example/ "headers=$header
"
	same "not the header $header" "$STATUS" BAD_VALUE
done
printf 'TVF1nonsense' | as_user "$FETCH" >"$SANDBOX/out" 2>&1
same "a message that is none" "$?" 2

# ---- the settings
make_vault 2>/dev/null
same "settings: none at first" "$(tv setting list --json | tr -d '\n\t')" \
	'{"proxy":null,"ca_file":null,"private_hosts":[],"lock_idle":null,"lock_after":null,"lock_sleep":true,"lock_screen":true,"unlock_on_open":false,"prompt_wait":60,"audit":true}'
check "settings: what the tests use" use_service
like "settings: the file" "$(tv setting list)" "^ca_file +$SERVICE/ca.pem"
like "settings: the hosts" "$(tv setting list)" '^private_hosts +api.api7.cloud .*own.example'
check_exit 2 "settings: no certificate in it" tv setting set ca_file /etc/passwd
check_exit 2 "settings: no such file" tv setting set ca_file "$SERVICE/none"
check_exit 2 "settings: not a whole path" tv setting set ca_file ca.pem
check_exit 2 "settings: no such kind of proxy" tv setting set proxy ftp://own.example
check_exit 2 "settings: no host" tv setting set private_hosts 'a b'
check_exit 2 "settings: no such setting" tv setting set nonsense 1
check_exit 2 "settings: two proxies" tv setting set proxy http://a:1 http://b:1
check "settings: a proxy" tv setting set proxy http://me:pass@own.example:3128
like "settings: the proxy" "$(tv setting list --json | tr -d '\n\t')" '"proxy":"http://me:pass@own.example:3128"'
check "settings: none again" tv setting unset proxy
like "settings: gone" "$(tv setting list --json | tr -d '\n\t')" '"proxy":null,"ca_file":"/'

# ---- the slow ones
wait
for host in gitlab.com apis.choreo.dev api.github.com; do
	told status "$SANDBOX/told.$host"
	told took "$SANDBOX/told.$host"
	same "slow $host: out of reach" "$status" UNREACHABLE
	check "slow $host: ends in time, $took s" test "${took%.*}" -ge 7 -a "${took%.*}" -le 15
done

# ---- as tokenvault starts it, out of an environment that means ill
parent() {
	printf '%s' "$token" | as_user "$BIN/fetch_drive" "$SERVICE/ca.pem" "$@"
}
cp "$TV_BUILD/tests/fetch_drive" "$BIN/" && chmod 755 "$BIN/fetch_drive"
service_mode own.example ok
service_accepts other "$token"
check_exit 0 "through the parent" parent own.example https://own.example/user
like "through the parent: the reply" "$OUT" '^OK 200 .*octo@example.com'
like "through the parent: the token arrives" "$(service_log own.example | tail -n 1)" "Bearer $token"
check_exit 0 "a port makes no other host" parent own.example:444 https://own.example/user
like "a port makes no other host: allowed" "$OUT" '^OK 200'
check_exit 22 "a host that is not allowed" parent six.example https://six.example/
like "a host that is not allowed: says so" "$OUT" 'private_hosts'
service_mode own.example expired
check_exit 23 "a wrong certificate" parent own.example https://own.example/
service_mode own.example bigchunked
check_exit 24 "too long an answer" parent own.example https://own.example/
service_mode own.example slow
parent own.example https://own.example/ >"$SANDBOX/slow" 2>&1 &
sleep 1
check "it waits" wait_for 5 waiting
waiting
if [ -z "${TV_SANITIZED:-}" ] && [ -r "/proc/$pid/environ" ]; then
	same "nothing of the environment reaches it" "$(tr '\0' '\n' <"/proc/$pid/environ")" ""
else
	skip "nothing of the environment reaches it" "a sanitizer changes it, or only root may look"
fi
same "nor anything but its name" "$(tr '\0' '\n' <"/proc/$pid/cmdline")" tokenvault-fetch
same "no descriptor but 0 to 2 and sockets" "$(
	for fd in "/proc/$pid/fd"/*; do
		[ "${fd##*/}" -le 2 ] || readlink "$fd"
	done 2>/dev/null | grep -v '^socket:'
)" ""
kill -STOP "$pid"
check "a helper that hangs is ended" wait_for 25 grep -q '^UNREACHABLE' "$SANDBOX/slow"
like "a helper that hangs: says so" "$(cat "$SANDBOX/slow")" 'too slow'
check_exit 1 "and is gone" test -e "/proc/$pid"
# Only root can look into a process that holds secrets.
if command -v strace >/dev/null && is_root && [ -z "${TV_SANITIZED:-}" ]; then
	service_mode own.example ok
	printf '%s' "$token" | strace -f -v -s 10000 -e trace=execve,execveat -o "$SANDBOX/trace" \
		setpriv --reuid=65534 --regid=65534 --clear-groups -- "$BIN/fetch_drive" \
		"$SERVICE/ca.pem" own.example https://own.example/ >/dev/null 2>&1
	like "strace sees it start" "$(cat "$SANDBOX/trace")" \
		'/tokenvault-fetch", \["tokenvault-fetch"\], \[\]\) = 0$'
	check_exit 1 "with no token in any argument or environment" grep -q "$token" "$SANDBOX/trace"
else
	skip "strace sees it start" "no strace, or not root"
fi
rm -f "$BIN/tokenvault-fetch"
check_exit 1 "a helper that isn't there" parent own.example https://own.example/
like "a helper that isn't there: says so" "$OUT" 'tokenvault-fetch is not beside'

same "no key log" "$(ls "$SANDBOX/tmp")" ""
finish
