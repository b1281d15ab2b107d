# Waiting for the unlock and for the lock, and what a service manager is told.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
told=$SANDBOX/tmp/said
children=

end() {
	for pid in $children; do
		kill "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	cleanup
}
trap end EXIT

bare() {
	as_user setsid -w "$BIN/tokenvault" "$@" </dev/null
}

# later FILE COMMAND …: as the user, in the background; FILE gets what it says and how it ended.
later() {
	out=$1
	shift
	# What one before has said is not what is waited for.
	: >"$out"
	{
		as_user "$@" </dev/null >"$out" 2>&1
		echo "exit $?" >>"$out"
	} &
	children="$children $!"
}

ended() {
	grep -q '^exit ' "$1"
}

# Whoever waits is connected: the server has a socket more.
waiting() {
	[ "$(find "/proc/$server/fd" -lname 'socket:*' | wc -l)" = "$1" ]
}

# ---- without a server
check_exit 17 "wait, where no server runs" bare wait
like "says so" "$ERR" 'nothing is mounted: to mount: tokenvault mount$'
check "wait --locked: nothing is unlocked then" bare wait --locked
check_exit 2 "both at once are a mistake" bare wait --locked --until-locked
check_exit 2 "no time at all is, too" bare wait --timeout 0s

# ---- with one
check "mount" tv mount
check "wait for what is so already" bare wait
check_exit 14 "the lock does not come by itself" bare wait --locked --timeout 1s
server=$(server_pid)
sockets=$(find "/proc/$server/fd" -lname 'socket:*' | wc -l)
later "$SANDBOX/1" sh -c 'tokenvault wait --locked; cat "$HOME/.choreo/token"'
check "one waits for the lock" wait_for 5 waiting $((sockets + 1))
check "lock" tv lock
check "it hears of it" wait_for 5 ended "$SANDBOX/1"
like "when nothing can be read any more" "$(cat "$SANDBOX/1")" 'Required key not available'
check_exit 3 "the unlock does not come by itself" bare wait --timeout 1s
like "which is said" "$ERR" 'the vault is locked: still; to unlock: tokenvault unlock'
for n in 1 2 3 4 5 6 7 8; do
	later "$SANDBOX/$n" sh -c 'tokenvault wait --timeout 1m && cat "$HOME/.choreo/token"'
done
check "eight wait for the unlock" wait_for 10 waiting $((sockets + 8))
later "$SANDBOX/gone" "$BIN/tokenvault" wait
check "and a ninth" wait_for 5 waiting $((sockets + 9))
# shellcheck disable=SC2046
kill -9 $(for dir in /proc/[0-9]*; do
	[ "$(tr '\0' ' ' <"$dir/cmdline")" != "$BIN/tokenvault wait " ] || echo "${dir#/proc/}"
done 2>/dev/null)
check "which is killed, and let go" wait_for 5 waiting $((sockets + 8))
check "unlock" tv unlock
for n in 1 2 3 4 5 6 7 8; do
	check "one hears of it" wait_for 5 ended "$SANDBOX/$n"
	same "and can read" "$(cat "$SANDBOX/$n")" "$CHOREO
exit 0"
done
later "$SANDBOX/1" "$BIN/tokenvault" wait --locked
check "one waits for the lock" wait_for 5 waiting $((sockets + 1))
check "the end of the server" tv unmount
check "is a lock" wait_for 5 ended "$SANDBOX/1"
same "that came as asked for" "$(cat "$SANDBOX/1")" "exit 0"
check "mount --locked" bare mount --locked
server=$(server_pid)
later "$SANDBOX/1" "$BIN/tokenvault" wait
check "one waits for the unlock" wait_for 5 waiting $((sockets + 1))
check "the end of the server" tv unmount
check "is none" wait_for 5 ended "$SANDBOX/1"
like "which is said" "$(cat "$SANDBOX/1")" 'nothing is mounted'
like "by the exit status, too" "$(cat "$SANDBOX/1")" '^exit 17$'

# ---- what a service manager hears
for address in "$SANDBOX/tmp/notify" "@tv-test-$$"; do
	rm -f "$told"
	if is_root; then
		setpriv --reuid=65534 --regid=65534 --clear-groups -- "$PYTHON" "$BIN/manager.py" \
			"$address" "$told" &
	else
		"$PYTHON" "$BIN/manager.py" "$address" "$told" &
	fi
	children="$children $!"
	check "a manager listens at a name" wait_for 5 grep -q listening "$told"
	later "$SANDBOX/1" env NOTIFY_SOCKET="$address" "$BIN/tokenvault" mount --locked --foreground
	check "mount: ready" wait_for 10 grep -q '^READY=1$' "$told"
	check "once the files are there" as_user test -e "$HOME/.choreo/token"
	later "$SANDBOX/2" env NOTIFY_SOCKET="$address" "$BIN/tokenvault" wait --until-locked
	check "unlock" tv unlock
	check "the one that waits is ready" wait_for 5 grep -q '^READY=1 STATUS=unlocked$' "$told"
	check "the mount says that it is unlocked" wait_for 5 grep -q '^STATUS=unlocked$' "$told"
	check "lock" tv lock
	check "the one that waits ends" wait_for 5 ended "$SANDBOX/2"
	same "well" "$(cat "$SANDBOX/2")" "exit 0"
	check "the mount says that it is locked" wait_for 5 eval '[ "$(grep -c "^STATUS=locked: " "$told")" = 2 ]'
	pid=$(for dir in /proc/[0-9]*; do
		case $(tr '\0' ' ' <"$dir/cmdline") in
		"$BIN/tokenvault mount --locked --foreground ") echo "${dir#/proc/}" ;;
		esac
	done 2>/dev/null)
	kill "$pid"
	check "a signal ends it" wait_for 10 ended "$SANDBOX/1"
	like "well" "$(cat "$SANDBOX/1")" '^exit 0$'
	same "in this order" "$(cut -d: -f 1 "$told" | grep -vx -e 'READY=1 STATUS=unlocked' -e STOPPING=1)" "listening
READY=1
STATUS=locked
STATUS=unlocked
STATUS=locked
STOPPING=1 STATUS=taking the files away"
	same "and from the other" "$(grep -x -e 'READY=1 STATUS=unlocked' -e STOPPING=1 "$told")" \
		"READY=1 STATUS=unlocked
STOPPING=1"
	check "nothing stays mounted" none_mounted
done
later "$SANDBOX/1" env NOTIFY_SOCKET="$SANDBOX/tmp/nobody" "$BIN/tokenvault" mount --locked --foreground
check "nobody has to listen" wait_for 10 grep -q /.azion/ "$SANDBOX/1"
check "unmount" tv unmount
check "ends it" wait_for 5 ended "$SANDBOX/1"
finish
