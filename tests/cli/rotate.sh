# rotate and revoke against the service that is played here: whatever goes wrong, the mounted file shows a
# token that the service accepts, and nothing is left behind.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/service/lib.sh"
# A private network of a normal user is one in which fusermount3 is nobody.
is_root || skip_all "only root can have a private network to mount in"
need_service asks.example
sandbox
need_fuse
cp "$TESTS/service/azion.py" "$BIN/" && chmod 755 "$BIN"/*
FIRST=u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzd
FOREIGN=ocJ2isAjIhKtJ0RlgLKOmxgJTeKdNnFRIBXuDL7D
SETTINGS=$HOME/.azion/default/settings.toml
sso=sso.azion.com
api=api.azionapi.net

azion() {
	as_user "$PYTHON" "$BIN/azion.py" "$@"
}

# A member of the entry, or of its fields.
of() {
	tv show azion/default --json </dev/null | "$PYTHON" -c '
import json, sys
e = json.load(sys.stdin)
print(e["fields"][sys.argv[1]] if sys.argv[1] in e["fields"] else e[sys.argv[1]])
' "$1"
}

rotating() {
	tv list azion --json </dev/null | "$PYTHON" -c '
import json, sys
for e in json.load(sys.stdin):
    if e["label"] == "default":
        print(e["rotating"], e["revoking"])
'
}

# The names of the tokens that live, without what makes each one different.
names() {
	azion tokens "$FOREIGN" | sed 's/^[^ ]* //; s/ 2[0-9-]* [a-z2-9]*$//' | sort | tr '\n' ','
}

shown() {
	as_user sed -n "s/^Token = '\(.*\)'$/\1/p" "$SETTINGS"
}

# settled WHAT [NAMES]: the state in which a rotation that ended leaves everything.
settled() {
	token=$(shown)
	check "$1: the file's token is accepted" azion accepts "$token"
	same "$1: it is the one with the id that is noted" \
		"$(azion tokens "$FOREIGN" | grep -c "^$(of uuid) ")" 1
	same "$1: no other is left" "$(names)" "${2:-foreign,tokenvault azion/default,}"
	same "$1: nothing is pending" "$(rotating)" "False 0"
}

# unchanged WHAT: the token is the one of before.
unchanged() {
	same "$1: the file has the same token" "$(shown)" "$token"
	check "$1: which is accepted" azion accepts "$token"
}

posts() {
	service_log $api POST | wc -l
}

# at_terminal PROMPT ANSWER COMMAND …: tokenvault, where somebody answers its question.
at_terminal() {
	prompt=$1
	answer=$2
	shift 2
	as_user expect "$BIN/answer.exp" "$prompt" "$answer" "$BIN/tokenvault" "$@"
}
cat >"$BIN/answer.exp" <<'EXPECT'
set timeout 20
spawn -noecho {*}[lrange $argv 2 end]
expect -ex [lindex $argv 0]
send "[lindex $argv 1]\r"
expect eof
exit [lindex [wait] 3]
EXPECT
chmod 644 "$BIN/answer.exp"

service_accepts azion "$FIRST first-id first" "$FOREIGN foreign-id foreign"
check "init" make_vault
check "trust the service" use_service
echo "$FIRST" >"$SANDBOX/token"
check "add" tv add azion --field uuid=first-id --expires 30d <"$SANDBOX/token"
check "mount" tv mount azion
[ "$n_failed" = 0 ] || finish

# ---- the way it should go, while somebody reads and asks all the time
azion watch "$SETTINGS" "$SANDBOX/tmp/stop" >"$SANDBOX/watched" 2>&1 &
check_exit 0 "rotate" tv rotate azion
like "says whose it is and how long" "$ERR" 'Azion: me@example.com, expires in (29|30) days'
like "says that it is done" "$ERR" '^rotated azion/default$'
like "says that the old one was ended" "$ERR" 'ended 1 token at Azion'
settled "rotated"
check "the old token is refused" sh -c '! "$@"' sh as_user "$PYTHON" "$BIN/azion.py" accepts "$FIRST"
like "history knows it" "$(tv history azion </dev/null)" '^azion .* ended +-$'
check_exit 21 "undo does not bring it back" tv undo azion
like "and says why" "$ERR" 'was ended at its service on [0-9-]{10}; --force'
same "it lasts as long as the first" "$(service_log $api POST | "$PYTHON" -c '
import datetime, json, sys
wish = json.loads(json.loads(sys.stdin.read())["body"])
ends = datetime.datetime.fromisoformat(wish["expires_at"].replace("Z", "+00:00"))
days = (ends - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 86400
print(29.9 < days < 30.1, sorted(wish))
')" "True ['description', 'expires_at', 'name']"
check_exit 0 "rotate once more, in JSON" tv rotate azion --name laptop --expires 7d --json
check "has what it should" "$PYTHON" -c '
import json, sys
j = json.loads(sys.argv[1])
assert j["provider"] == "azion" and j["label"] == "default" and j["rotated"] is True, j
assert len(j["ended"]) == 1 and j["revoking"] == [] and j["by_hand"] is False, j
assert j["expires"].endswith("Z") and j["step"] is None, j
' "$OUT"
settled "named" foreign,laptop,
as_user touch "$SANDBOX/tmp/stop"
wait
like "whoever read along always had a token that is accepted" "$(cat "$SANDBOX/watched")" \
	'^[1-9][0-9]+ good, 0 bad, 3 tokens$'

# ---- grace
token=$(shown)
check_exit 0 "rotate with grace" tv rotate azion --grace 7d
like "says until when" "$ERR" 'the old token works until 2.*Z; tokenvault rotate --pending'
check "the old one is accepted" azion accepts "$token"
check_exit 0 "what is pending is not due" tv rotate --pending --json
like "and told" "$OUT" '"at":.*Z"'
check "so it is still accepted" azion accepts "$token"
same "and noted" "$(rotating)" "False 1"
check_exit 0 "revoke by id" tv revoke azion --yes --id "$(azion tokens "$FOREIGN" | sed -n 's/ laptop .*//p')"
settled "grace cut short"
token=$(shown)
check_exit 0 "rotate with a short grace" tv rotate azion --grace 1s
check "it was waited for" sh -c '! "$@"' sh as_user "$PYTHON" "$BIN/azion.py" accepts "$token"
settled "short grace"
check_exit 4 "revoke of an id that is none" tv revoke azion --yes --id mistyped
like "says so" "$ERR" 'no such token at Azion: mistyped'
check_exit 0 "nothing is pending" tv rotate --pending
like "and that is said" "$ERR" 'nothing is pending'

# ---- what the service may answer at each step
token=$(shown)
service_mode $api.POST refused
check_exit 21 "it refuses to make one" tv rotate azion
like "says what helps" "$ERR" 'tokenvault set azion/default'
unchanged "mint refused"
settled "mint refused"
service_mode $api.POST 500
check_exit 24 "it fails to make one" tv rotate azion
unchanged "mint failed"
same "which is noted" "$(rotating)" "True 0"
service_mode $api.POST closed
service_mode $api closed
check_exit 22 "it can't be reached" tv rotate azion
unchanged "unreachable"
service_mode $api ok
service_mode $api.POST ok
check_exit 0 "the next one goes on" tv rotate azion
like "and says so" "$ERR" 'going on with a rotation'
settled "after failures"

token=$(shown)
service_mode $api.POST lost
check_exit 24 "it makes one, and the answer is lost" tv rotate azion
service_mode $api.POST ok
unchanged "answer lost"
same "there is one that nobody has" "$(names)" "foreign,tokenvault azion/default,tokenvault azion/default,"
service_mode $api.GET 500
check_exit 24 "while it can't be looked for, nothing goes on" tv rotate azion
unchanged "not found"
service_replies $api '{"links":{"next":"https://evil.example/more"},"results":[]}'
service_mode $api.GET ok
check_exit 24 "a list that goes on elsewhere is not followed" tv rotate azion
same "and nothing went there" "$(service_log evil.example)" ""
rm "$SERVICE/reply/$api"
service_pages 1
service_forget
check_exit 0 "it is found on the last page and ended" tv rotate azion
same "of three" "$(service_log $api GET | grep -c 'personal_tokens[?"]')" 3
rm "$SERVICE/pages"
settled "lost and found"

token=$(shown)
service_mode $sso 500
service_forget
check_exit 24 "the new one can't be verified" tv rotate azion
like "says how to go on" "$ERR" 'to go on: tokenvault rotate azion/default'
unchanged "not verified"
service_mode $sso closed
check_exit 22 "nor can it now" tv rotate azion
unchanged "still not verified"
service_mode $sso ok
check_exit 0 "then it goes on" tv rotate azion
same "with the one that was made" "$(posts)" 1
settled "verified later"

token=$(shown)
service_mode $sso refused
check_exit 21 "the new one is refused" tv rotate azion
service_mode $sso ok
unchanged "new one refused"
settled "new one refused"
service_mode $sso refused
service_mode $api.DELETE 500
check_exit 21 "refused, and can't be ended" tv rotate azion
service_mode $sso ok
service_mode $api.DELETE ok
unchanged "neither"
same "it is noted" "$(rotating)" "False 1"
check_exit 0 "and ended later" tv rotate --pending
settled "ended later"

token=$(shown)
service_mode $api.DELETE 500
check_exit 24 "the old one can't be ended" tv rotate azion
like "says that it is still to be ended" "$ERR" 'still to be ended: tokenvault rotate --pending'
check "the old one is accepted" azion accepts "$token"
check "the new one is shown" test "$(shown)" != "$token"
check_exit 24 "nor is it by --pending" tv rotate --pending
check_exit 0 "a timer" tv notify
like "tells of it" "$OUT" '^azion/default has 1 earlier token to revoke: tokenvault rotate --pending$'
like "in JSON too" "$(tv notify --json)" '"due":.1$'
check_exit 0 "any other command" tv show azion/default --json
like "warns of it" "$ERR" '^(tokenvault: )?warning: azion/default: an old token is due to be ended: tokenvault rotate --pending$'
check_exit 14 "removing the entry" tv remove azion/default
like "says why not" "$ERR" 'its old token is still to be ended at Azion: tokenvault rotate --pending first; --force'
same "it is still there" "$(rotating)" "False 1"
check_exit 0 "but by force" tv remove azion/default --force
like "which is said" "$ERR" 'warning: azion/default: its old token is still to be ended'
check_exit 0 "it can be brought back" tv undo azion/default
same "with what is pending" "$(rotating)" "False 1"
service_mode $api.DELETE ok
check_exit 0 "undo" tv undo azion
check_exit 0 "what is in use again is not ended" tv rotate --pending
like "which is said" "$ERR" 'has a token in use that was to be ended'
unchanged "undone"
check_exit 0 "undo the undo" tv undo azion
check_exit 0 "and now it is" tv rotate --pending
settled "pending done"

# ---- giving up
token=$(shown)
check_exit 4 "nothing to give up" tv rotate --cancel azion
service_mode $api.POST lost
check_exit 24 "one that got lost" tv rotate azion
check_exit 14 "removing what is being rotated" tv remove azion
like "says what to do" "$ERR" 'azion/default is being rotated: tokenvault rotate azion/default first'
service_mode $api.POST ok
check_exit 0 "is given up" tv rotate --cancel azion
unchanged "given up"
settled "given up"
service_mode $sso 500
check_exit 24 "one that was not verified" tv rotate azion
service_mode $sso ok
check_exit 0 "is given up too" tv rotate --cancel azion
unchanged "given up later"
settled "given up later"
service_mode $api.POST 500
check_exit 24 "one that may have been made" tv rotate azion
service_mode $api closed
check_exit 0 "is given up without the service" tv rotate --cancel azion
like "naming what may be left" "$ERR" 'may have a token named .tokenvault azion/default'
service_mode $api ok
service_mode $api.POST ok
settled "given up alone"

# ---- two at a time, and one that died
service_mode $sso slow
tv rotate azion >"$SANDBOX/out.1" 2>&1 &
first=$!
wait_for 10 sh -c 'ls "$1"/rotate-*.lock' sh "$XDG_STATE_HOME/tokenvault"
check_exit 14 "a second one at the same time" tv rotate azion
check_exit 14 "one by a timer, which has another runtime directory" \
	as_user env XDG_RUNTIME_DIR="$SANDBOX/tmp" "$BIN/tokenvault" --passphrase-fd 9 rotate azion \
	9<"$SANDBOX/passphrase"
wait_for 10 sh -c 'grep -q "$1" "$2"' sh '"host": "sso.azion.com".*"mode": "slow"' "$SERVICE/log"
for pid in $(sandbox_pids); do
	if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q ' rotate azion'; then
		kill -9 "$pid"
	fi
done
wait "$first"
service_mode $sso ok
check_exit 0 "goes on when the first has died" tv rotate azion
settled "died"
same "no lock is left" "$(find "$XDG_STATE_HOME/tokenvault" -maxdepth 1 -name 'rotate-*' 2>/dev/null)" ""

# ---- old tokens that can't be ended for certain
token=$(shown)
printf '%s\n' "$token" >"$SANDBOX/token"
check "another entry with the same token" tv add azion/work <"$SANDBOX/token"
check_exit 0 "rotate one of the two" tv rotate azion/default
like "says who else has it" "$ERR" 'azion/work has the old token too'
check "which works on" azion accepts "$token"
check_exit 0 "rotate the other, whose id nobody knows" tv rotate azion/work
like "says where to end the old one" "$ERR" "id is not known; end it yourself: https://console.azion.com"
check "which was not guessed" azion accepts "$token"

service_accepts azion other-token
echo other-token >"$SANDBOX/token"
check_exit 0 "a token from elsewhere" tv set azion --token <"$SANDBOX/token"
same "has not the old one's id" "$(tv show azion/default --json </dev/null | grep -c '"uuid": *"[^"]')" 0
check_exit 0 "so rotating it" tv rotate azion/default
like "ends nothing" "$ERR" "id is not known"
check "though that is still there" azion accepts other-token

# ---- no token where others can read it
if is_root && command -v strace >/dev/null; then
	ASAN_OPTIONS=detect_leaks=0 strace -f -v -s 100000 -e trace=execve -o "$SANDBOX/trace" \
		setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/tokenvault" rotate azion/default \
		>"$SANDBOX/out" 2>&1 </dev/null
	token=$(shown)
	same "rotated under strace" "$(azion tokens "$FOREIGN" | grep -c "^$(of uuid) ")" 1
	check "traced" grep -q tokenvault-fetch "$SANDBOX/trace"
	same "no token in any argument or environment" "$(grep -c "$token" "$SANDBOX/trace")" 0
	same "nor in what was said" "$(grep -c "$token" "$SANDBOX/out")" 0
else
	skip "no token in any argument or environment" "this needs root and strace"
fi

# ---- guided
service_accepts api7 api7-old api7-new
echo api7-old >"$SANDBOX/token"
check "add for api7" tv -q add api7 <"$SANDBOX/token"
check_exit 11 "the same token again" tv rotate api7 <"$SANDBOX/token"
echo api7-wrong >"$SANDBOX/token"
check_exit 21 "a token that is refused" tv rotate api7 <"$SANDBOX/token"
like "says where to make one" "$ERR" 'https://console.api7.cloud'
same "the old one stays" "$(tv show api7 </dev/null)" api7-old
echo api7-new >"$SANDBOX/token"
service_mode api.api7.cloud 500
check_exit 24 "one that can't be verified" tv rotate api7 <"$SANDBOX/token"
same "nor changes anything" "$(tv show api7 </dev/null)" api7-old
service_mode api.api7.cloud ok
check_exit 0 "one that is accepted" tv rotate api7 --expires 30d <"$SANDBOX/token"
like "says whose" "$ERR" '^API7 Cloud: you@example.com$'
like "reminds of the old one" "$ERR" 'the old token still works: end it here'
same "is the entry's" "$(tv show api7 </dev/null)" api7-new
check "undo" tv undo api7
same "brings the old one back" "$(tv show api7 </dev/null)" api7-old
echo api7-wrong >"$SANDBOX/token"
check_exit 0 "unverified by will" tv rotate api7 --no-verify <"$SANDBOX/token"
same "is taken" "$(tv show api7 </dev/null)" api7-wrong
check_exit 2 "--no-verify is for guided ones" tv rotate azion --no-verify
check_exit 2 "--grace is not" tv rotate api7 --grace 1d
check_exit 2 "a grace that is none" tv rotate azion --grace soon

# ---- revoke
check_exit 25 "revoke without an interface" tv revoke api7 --yes
like "says where" "$ERR" 'console.api7.cloud'
check_exit 2 "an unknown id" tv revoke azion/work --yes --id ''
token=$(shown)
check_exit 2 "nobody to ask" as_user setsid -w "$BIN/tokenvault" revoke azion/default </dev/null
check "so it lives" azion accepts "$token"
if command -v expect >/dev/null; then
	check_exit 8 "somebody who says no" at_terminal 'Type yes: ' no revoke azion/default
	check "so it lives on" azion accepts "$token"
	check_exit 0 "somebody who says yes to another's" at_terminal 'Type yes: ' yes revoke azion/default \
		--id "$(azion tokens "$FOREIGN" | sed -n 's/ initial$//p')"
	like "is asked for that one" "$OUT" 'End the token [^ ]* of the account of azion/default for good'
	check "which is refused" sh -c '! "$@"' sh as_user "$PYTHON" "$BIN/azion.py" accepts other-token
	echo api7-old >"$SANDBOX/token"
	check "set" tv -q set api7 --token <"$SANDBOX/token"
	check_exit 0 "guided at the terminal" at_terminal 'Token for api7: ' api7-new rotate api7
	same "does not show the token" "$(printf '%s' "$OUT" | grep -c api7-new)" 0
	same "and takes it" "$(tv show api7 </dev/null)" api7-new
else
	skip "somebody at a terminal" "expect is not installed"
fi
check_exit 0 "revoke" tv revoke azion/default --yes
check "the token is refused" sh -c '! "$@"' sh as_user "$PYTHON" "$BIN/azion.py" accepts "$token"
same "and the entry says so" "$(of answer)" TOKEN_REFUSED
like "and the history" "$(tv history azion/default </dev/null)" ' current, ended +-$'
like "says that files still show it" "$ERR" 'files still show it'

# ---- through the file, with the passphrase before the token
check "unmount" tv unmount
{ cat "$SANDBOX/passphrase"; echo api7-old; } >"$SANDBOX/both"
check_exit 0 "guided, all on standard input" as_user "$BIN/tokenvault" --passphrase-fd 0 rotate api7 \
	<"$SANDBOX/both"
same "takes the token's line" "$(tv show api7 </dev/null)" api7-old
check_exit 0 "rotate without a server" tv rotate azion/work --grace never
finish
