# What expires: who says so, the list, the warnings, and what becomes of an expired token.
. "$(dirname "$0")/../lib.sh"
sandbox
key=$HOME/key

# k COMMAND …: tokenvault with the keyfile, which takes no time.
k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@"
}

# put ENTRY [OPTION …]: stores a token; nobody is asked about it.
put() {
	printf 'token-of-%s' "$1" | k -q add "$@" --no-verify
}

# jwt SECONDS: a token that says itself that it expires then.
jwt() {
	printf '%s.%s.c2ln' "$(printf '{"alg":"none"}' | base64 -w0 | tr -d =)" \
		"$(printf '{"exp":%s}' $(($(date +%s) + $1)) | base64 -w0 | tr -d = | tr '+/' '-_')"
}

names() {
	"$PYTHON" -c 'import json, sys
print(*(e["label"] for e in json.loads(sys.argv[1])))' "$1"
}

k -q init
check_exit 0 "nothing there" k list --expiring 14d
same "prints nothing" "$OUT" ""
same "an empty list in JSON" "$(k list --expiring 14d --json)" "[]"
put choreo/never
put choreo/far --expires 60d
check_exit 0 "nothing that soon" k list --expiring 14d
check_exit 0 "no warning either" k list
same "says nothing" "$ERR" ""
put choreo/ten --expires 10d
put choreo/six --expires 6d
put choreo/hour --expires 90d
jwt 4500 | k -q set choreo/hour --token --no-verify
jwt -3600 | k -q add azion/gone --no-verify

check_exit 10 "list --expiring" k list --expiring 14d
same "has a line for each, and heads" "$(printf '%s\n' "$OUT" | wc -l)" 5
like "the expired one too" "$OUT" '^azion +gone .*\(expired\)'
same "says nothing else" "$ERR" ""
check_exit 10 "in JSON" k list --expiring 14d --json
same "the same" "$(names "$OUT")" "gone hour six ten"
check_exit 10 "of one service" k list choreo --expiring 14d --json
same "only those" "$(names "$OUT")" "hour six ten"
for case in 1w:'hour six' 200h:'hour six' 2h:hour 100d:'far hour six ten' \
	"$(date -u -d '+8 days' +%Y-%m-%d):hour six"; do
	check_exit 10 "--expiring ${case%:*}" k list choreo --expiring "${case%:*}" --json
	same "has those" "$(names "$OUT")" "${case##*:}"
done
check_exit 10 "an expired one counts" k list azion --expiring 1h --json
same "whenever it was" "$(names "$OUT")" gone
check_exit 0 "none of that service" k list api7 --expiring 100d --json
same "an empty list" "$OUT" "[]"
check_exit 10 "--expiring 0d" k list --expiring 0d --json
same "has what has expired already" "$(names "$OUT")" gone
check_exit 2 "an expiry that has passed" put azion/past --expires 2020-01-01
like "is said to have" "$ERR" 'expires: 2020-01-01 has passed already'
for when in never 14 14y '' yesterday 2020-01-01; do
	check_exit 2 "--expiring '$when'" k list --expiring "$when"
done
check_exit 4 "--expiring of no service" k list azoin --expiring 1d

# Warnings.
check_exit 0 "a command that opens the vault" k show choreo/far
same "prints what it prints" "$OUT" token-of-choreo/far
same "and warns of four" "$(printf '%s\n' "$ERR" | grep -c '^warning: ')" 4
like "the expired one" "$ERR" '^warning: azion/gone expired 1 hour ago$'
like "the last day" "$ERR" '^warning: choreo/hour expires in 1 hour$'
like "the week" "$ERR" '^warning: choreo/six expires in [56] days$'
like "the two weeks" "$ERR" '^warning: choreo/ten expires in (9|10) days$'
check_exit 0 "quiet" k -q show choreo/far
same "does not" "$ERR" ""
check_exit 4 "a command that fails" k show choreo/nobody
same "does not" "$(printf '%s\n' "$ERR" | wc -l)" 1
check_exit 0 "one that opens no vault" k provider list
same "does not" "$ERR" ""
check_exit 0 "nor status, without a server" k status
same "nor does it ask" "$ERR" ""
check_exit 0 "status in JSON" as_user setsid -w "$BIN/tokenvault" status --json
same "knows nothing while it is locked" "$(printf '%s\n' "$OUT" | grep -c '"expiring":.null')" 1
for i in 1 2 3 4 5 6 7 8 9; do
	put choreo/more$i --expires 3d
done
check_exit 0 "many" k list
same "are ten lines and one" "$(printf '%s\n' "$ERR" | wc -l)" 11
like "that counts the rest" "$ERR" '^warning: and 3 more; see: tokenvault list --expiring 14d$'
if command -v strace >/dev/null && is_root; then
	# One derivation of the key would take 64 MiB at least.
	make_vault -q --vault slow
	echo x | tv -q --vault slow add choreo --expires 1d --no-verify
	strace -f -e trace=mmap -o "$SANDBOX/trace" setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$BIN/tokenvault" --vault slow --passphrase-fd 9 list 9<"$SANDBOX/passphrase" >/dev/null 2>&1
	same "a warning derives no second key" \
		"$(grep -cE 'mmap\(NULL, (6[4-9]|[7-9][0-9])[0-9]{6},' "$SANDBOX/trace")" 1
else
	skip "a warning derives no second key" "this needs root and strace"
fi

# Where there is a server.
need_server=$(
	need_fuse >/dev/null 2>&1
	echo yes
)
if [ -n "$need_server" ]; then
	k -q mount >/dev/null
	check_exit 0 "status" as_user "$BIN/tokenvault" status
	like "tells what expires" "$OUT" '^expiring +azion/gone expired 1 hour ago; tokenvault rotate azion/gone$'
	same "once" "$ERR" ""
	check_exit 0 "in JSON" as_user "$BIN/tokenvault" status --json
	check "each has its days" "$PYTHON" -c '
import json, sys
found = {e["label"]: e for e in json.loads(sys.argv[1])["expiring"]}
assert len(found) == 13, found
assert found["six"]["days"] in (5, 6) and found["hour"]["days"] == 0 and found["gone"]["days"] == -1, found
assert all(set(e) == {"provider", "label", "expires", "days"} for e in found.values())
assert found["six"]["expires"].endswith("Z")
' "$OUT"
	check_exit 0 "a command through the server" as_user setsid -w "$BIN/tokenvault" show choreo/far
	like "warns" "$ERR" '^warning: azion/gone expired'

	# An expired token is served, unless its entry says otherwise.
	file=$XDG_RUNTIME_DIR/tokenvault/default/azion/gone/settings.toml
	check "an expired token is served" as_user grep -q Token "$file"
	check_exit 2 "set --when-expired" k set azion/gone --when-expired never
	check_exit 0 "set --when-expired deny" k set azion/gone --when-expired deny
	check_exit 1 "then reading fails" as_user cat "$file"
	like "with a word of its own" "$ERR" 'Key has expired'
	check_exit 0 "set --when-expired serve" k set azion/gone --when-expired serve
	check "and it is served again" as_user grep -q Token "$file"
	k -q set azion/gone --when-expired deny
	jwt 864000 | k -q set azion/gone --token --no-verify
	check "a new token is" as_user grep -q Token "$file"
	check_exit 0 "a command after which the vault is closed" k lock
	same "does not open it again to warn" "$(printf '%s' "$ERR" | grep -c warning)" 0
	check_exit 0 "a locked server" k -q list
	check_exit 0 "is asked for nothing" as_user "$BIN/tokenvault" status
	k -q unmount
else
	skip "what a server tells" "nothing can be mounted here"
fi
finish
