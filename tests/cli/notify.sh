# Being told by a timer: what is printed, what the desktop shows, once each, and nothing that fails.
. "$(dirname "$0")/../lib.sh"
need_fuse
sandbox
key=$HOME/key
shown=$SANDBOX/tmp/shown
daemons=

end() {
	for pid in $daemons; do
		kill "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	cleanup
}
trap end EXIT

# k COMMAND …: tokenvault with the keyfile, which takes no time.
k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@"
}

# bare COMMAND …: without a credential and without a terminal to ask on.
bare() {
	as_user setsid -w "$BIN/tokenvault" "$@" </dev/null
}

put() {
	printf 'token-of-%s' "$1" | k -q add "$@" --no-verify
}

# runs PROGRAM …: in the background, as the user.
runs() {
	if is_root; then
		set -- setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
	fi
	"$@" >/dev/null 2>&1 &
	daemons="$! $daemons"
}

# what MEMBER: of each notification that was shown.
what() {
	"$PYTHON" -c 'import json, sys
print(*sorted(str(json.loads(line)[sys.argv[2]]) for line in open(sys.argv[1])), sep="|")' "$shown" "$1"
}

check_exit 0 "no vault, no server" bare notify
like "is nothing to do" "$ERR" '^no server runs, or it is locked'
k -q init
put choreo/never
put choreo/six --expires 6d
put choreo/ten --expires 10d
put azion/day --expires 20h
printf '%s.%s.c2ln' "$(printf '{"alg":"none"}' | base64 -w0 | tr -d =)" \
	"$(printf '{"exp":%s}' $(($(date +%s) - 7200)) | base64 -w0 | tr -d =)" |
	k -q add azion/gone --no-verify
check_exit 0 "no server" bare notify
same "prints nothing" "$OUT" ""
k -q mount >/dev/null
check_exit 0 "without a bus" bare notify
like "it prints the expired one" "$OUT" '^azion/gone expired 2 hours ago$'
like "the last day" "$OUT" '^azion/day expires in (19|20) hours$'
like "the week" "$OUT" '^choreo/six expires in [56] days$'
like "the two weeks" "$OUT" '^choreo/ten expires in (9|10) days$'
same "and no other, nor twice" "$(printf '%s\n' "$OUT" | wc -l) $ERR" "4 "
check "it remembers nothing that was not shown" test ! -e "$XDG_STATE_HOME/tokenvault/notified"
check_exit 0 "in JSON" bare notify --json
check "it has the levels" "$PYTHON" -c '
import json, sys
said = json.loads(sys.argv[1])
assert {e["label"]: e["level"] for e in said["expiring"]} == {"gone": 0, "day": 1, "six": 7, "ten": 14}, said
assert said["revoking"] == []
' "$OUT"

if [ -x "$BIN/tokenvault-notify" ] && command -v dbus-daemon >/dev/null &&
	"$PYTHON" -c 'import dbus, gi' 2>/dev/null; then
	export DBUS_SESSION_BUS_ADDRESS="unix:path=$XDG_RUNTIME_DIR/bus"
	runs dbus-daemon --session --nofork --nopidfile --address="$DBUS_SESSION_BUS_ADDRESS"
	check "a bus" wait_for 10 test -S "$XDG_RUNTIME_DIR/bus"
	check_exit 0 "with a bus, but no desktop" bare notify
	check "it remembers nothing" test ! -e "$XDG_STATE_HOME/tokenvault/notified"
	runs "$PYTHON" "$TESTS/cli/notifications.py" "$shown"
	check "a desktop" wait_for 10 test -e "$shown"
	as_user touch "$shown.deny"
	check_exit 0 "with a desktop that shows none" bare notify
	check "it remembers nothing" test ! -e "$XDG_STATE_HOME/tokenvault/notified"
	rm "$shown.deny"
	check_exit 0 "with a desktop" bare notify
	same "each is shown" "$(what summary)" "azion/day|azion/gone|choreo/six|choreo/ten"
	same "the last day and the end are urgent" "$(what urgency)" "1|1|2|2"
	like "in words" "$(what body)" 'The token expired 2 hours ago'
	same "by us" "$(what app)" "tokenvault|tokenvault|tokenvault|tokenvault"
	same "nobody else can read what was" "$(stat -c %a "$XDG_STATE_HOME/tokenvault/notified")" 600
	same "nothing of a token is in it" "$(grep -c token-of "$XDG_STATE_HOME/tokenvault/notified" "$shown" |
		cut -d: -f2 | tr '\n' ' ')" "0 0 "
	check_exit 0 "once more" bare notify
	same "prints as before" "$(printf '%s\n' "$OUT" | wc -l)" 4
	same "and shows none twice" "$(wc -l <"$shown")" 4
	k -q set choreo/six --expires 12h
	bare notify >/dev/null
	same "another level is news" "$(wc -l <"$shown")" 5
	k -q set choreo/ten --expires 9d
	as_user env -u DBUS_SESSION_BUS_ADDRESS "$BIN/tokenvault" notify >/dev/null
	same "another expiry too, and the bus is found without its address" "$(wc -l <"$shown")" 6
	echo rubbish >"$XDG_STATE_HOME/tokenvault/notified"
	check_exit 0 "a spoilt memory" bare notify
	same "is an empty one" "$(wc -l <"$shown")" 10
	k -q lock
	check_exit 0 "locked" bare notify
	like "there is nothing to do" "$ERR" '^no server runs, or it is locked'
	k -q unlock
else
	skip "what the desktop shows" "no tokenvault-notify, dbus-daemon or python3-dbus"
fi
same "tokenvault itself links no D-Bus" "$(ldd "$BIN/tokenvault" | grep -c -e systemd -e dbus)" 0
k -q unmount
finish
