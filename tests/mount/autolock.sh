# Locks that nobody asks for: after a time without use, some time after the unlock, and by signal.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
key=$HOME/key
file=$HOME/.choreo/token

k() {
	as_user "$BIN/tokenvault" --quiet --keyfile "$key" "$@" </dev/null
}

# bare COMMAND …: with what the server says alone.
bare() {
	as_user setsid -w "$BIN/tokenvault" --quiet "$@" </dev/null
}

# is MEMBER WANTED: of status; asking must not count as use.
is() {
	[ "$(status_of "$1")" = "$2" ]
}

locks_at() {
	date -d "$(status_of locks_at)" +%s
}

tries() {
	as_user cat "$file" 2>&1
}

# uses SECONDS COMMAND …: again and again; fails when one fails.
uses() {
	until=$(($(date +%s) + $1))
	shift
	while [ "$(date +%s)" -lt "$until" ]; do
		"$@" >/dev/null || return 1
		sleep 0.3
	done
}

check "init" k init
printf '%s\n' "$CHOREO" | as_user "$BIN/tokenvault" -q --keyfile "$key" add choreo --no-verify
check "mount" k mount

# ---- the settings
check "at first it locks when told to" is locks_at ""
like "and says so" "$(bare status)" '^locks +when told to'
for wrong in 'lock_idle 0s' 'lock_idle 15' 'lock_idle m' 'lock_idle 15x' 'lock_idle -5m' 'lock_idle 367d' \
	'lock_after 1.5h' 'lock_after 99999999999999999999s' 'lock_after 5m 6m' 'lock_sleep yes' \
	'lock_screen never' 'lock_nothing on' 'unlock_on_open yes' 'prompt_wait never' 'prompt_wait 0s' \
	'prompt_wait 2h'; do
	# shellcheck disable=SC2086
	check_exit 2 "refused: $wrong" bare setting set $wrong
done
check "nothing of that was set" is locks_at ""
for right in 'lock_idle 15m' 'lock_after 12h' 'lock_sleep off' 'lock_screen off'; do
	# shellcheck disable=SC2086
	check "set $right" bare setting set $right
	like "$right" "$(bare setting list | tr -s ' ')" "^$right\$"
done
same "the first of both counts" "$(bare status --json | "$PYTHON" -c '
import datetime, json, sys
at = datetime.datetime.fromisoformat(json.load(sys.stdin)["locks_at"].replace("Z", "+00:00"))
left = (at - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
print("ok" if 890 < left <= 900 else left)')" ok
like "in words" "$(bare status)" '^locks +in 15 minutes unless used \(lock_idle\)$'
for name in lock_idle lock_after lock_sleep lock_screen; do
	check "unset $name" bare setting unset "$name"
done
same "the defaults" "$(bare setting list | grep ^lock_ | tr -s ' ' | tr '\n' ' ')" \
	"lock_idle never lock_after never lock_sleep on lock_screen on "
check "never is never" bare setting set lock_idle never
check "it is" is locks_at ""

# ---- without use
check "lock after 3 seconds" bare setting set lock_idle 3s
check "reading keeps it open" uses 5 tries
check "so does a descriptor that is read" as_user "$PYTHON" -c '
import os, sys, time
fd = os.open(sys.argv[1], os.O_RDONLY)
for _ in range(10):
    time.sleep(0.5)
    os.pread(fd, 5, 0)' "$file"
check "and a command that reads" uses 4 bare show choreo
check "stat does not, nor status, notify and doctor" wait_for 8 eval \
	'as_user stat "$file" && bare notify && bare doctor && is locked 1'
same "it says why" "$(status_of locked_by)" idle
like "in words" "$(bare status)" '^state +locked .*: it was not used \(lock_idle\)$'
check "and not when, any more" is locks_at ""
like "reading says so" "$(tries)" 'Required key not available'
check_exit 3 "so does a command" bare show choreo
check "unlock" k unlock
check "and the reason is gone" is locked_by ""
same "it reads" "$(tries)" "$CHOREO"
check "an edit keeps it open" uses 4 bare set choreo --note x
check "without any it locks" wait_for 8 is locked 1

# ---- after the unlock, whatever is read
k unlock
bare setting unset lock_idle
check "4 seconds after the unlock" bare setting set lock_after 4s
uses 10 tries
same "it locks while it is read" "$(status_of locked_by)" after
k unlock
check "an unlock gives it as long again" is locked 0
at=$(locks_at)
sleep 2
check "one of the unlocked needs no key" bare unlock
like "and gives no more time" "$(($(locks_at) - at))" '^-?[01]$'
check "until then" wait_for 6 is locked_by after

# ---- by signal
k unlock
bare setting unset lock_after
check "unlocked" is locked 0
kill -USR1 "$(keeper_pid)"
check "SIGUSR1 locks" wait_for 5 is locked 1
same "as a command does" "$(status_of locked_by)" command
check "unmount" k unmount

# ---- sleep counts, and the time is looked at before a request is
if [ -z "${TV_SANITIZED:-}" ]; then
	cp "$TV_BUILD/tests/boottime.so" "$BIN/"
	chmod 755 "$BIN/boottime.so"
	slept=$HOME/slept
	hours() {
		"$PYTHON" -c 'import sys; sys.stdout.buffer.write(int(3600 * float(sys.argv[1])).to_bytes(4, sys.byteorder))' "$1" |
			as_user dd of="$slept" seek="${2:-0}" bs=4 conv=notrunc status=none
	}
	hours 0
	export SLEPT="$slept"
	check "mount with a clock of ours" as_user env LD_PRELOAD="$BIN/boottime.so" "$BIN/tokenvault" -q \
		--keyfile "$key" mount
	bare setting set lock_idle 1h
	same "it reads" "$(tries)" "$CHOREO"
	hours 0.9
	same "and after 54 minutes of sleep" "$(tries)" "$CHOREO"
	hours 1.8
	same "and of 54 more" "$(tries)" "$CHOREO"
	hours 2.9
	like "the first to read after more than an hour gets nothing" "$(tries)" 'Required key not available'
	same "because of the time" "$(status_of locked_by)" idle

	# ---- where many ask, some are served in one turn with others
	k unlock
	bare setting set audit off
	crowd='
import os, sys, time
parent = os.getpid()
for _ in range(8):
    if not os.fork():
        while os.getppid() == parent:
            try:
                os.close(os.open(sys.argv[1], os.O_RDONLY))
            except OSError:
                time.sleep(.001)
        os._exit(0)
time.sleep(60)'
	locked=
	for round in 1 2 3 4 5 6; do
		k unlock
		as_user "$PYTHON" -c "$crowd" "$file" &
		readers=$!
		sleep 0.3
		hours $((2 + 2 * round))
		sleep 0.3
		kill "$readers"
		wait "$readers" 2>/dev/null
		locked="$locked $(status_of locked_by)"
	done
	same "it is locked in time though many read at once" "$locked" " idle idle idle idle idle idle"
	k unlock
	bare setting set audit on

	# ---- a date that is put right after a token seemed to have expired
	check "expires in an hour, and is denied then" k set choreo --expires 1h --when-expired deny
	check "lock" k lock
	hours 2 1
	check "unlock, two hours ahead" k unlock
	like "expired" "$(tries)" 'Key has expired'
	hours 0 1
	same "not yet, by the right date" "$(tries)" "$CHOREO"
	hours 2 1
	like "and when two hours have passed it has" "$(tries)" 'Key has expired'
	check "unmount" k unmount
else
	skip "sleep counts" "nothing can be preloaded to a sanitizer"
fi
check "nothing stays mounted" none_mounted
same "nor running" "$(sandbox_pids)" ""
finish
