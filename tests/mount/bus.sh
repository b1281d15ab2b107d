# Locks by D-Bus: sleep waits for the lock, the screen's lock and the session's lock too. The buses and logind
# are the test's own.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
[ -x "$BIN/tokenvault-bus" ] || skip_all "no tokenvault-bus: apt-get install libsystemd-dev"
command -v dbus-daemon >/dev/null || skip_all "no dbus-daemon"
"$PYTHON" -c 'import dbus, gi' 2>/dev/null || skip_all "no python3-dbus and python3-gi"
cp "$TESTS"/mount/*.py "$BIN/"
chmod 755 "$BIN"/*
key=$HOME/key
file=$HOME/.choreo/token
log=$SANDBOX/tmp/released
children=
mkdir "$SANDBOX/run/bus.d"
chmod 777 "$SANDBOX/run/bus.d"
export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$SANDBOX/run/bus.d/system"
export DBUS_SESSION_BUS_ADDRESS="unix:path=$SANDBOX/run/bus.d/user"

end() {
	for pid in $children; do
		kill "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	cleanup
}
trap end EXIT

# runs PROGRAM …: in the background, as the user; its id is in $!.
runs() {
	if is_root; then
		set -- setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
	fi
	"$@" &
	children="$! $children"
}

k() {
	as_user "$BIN/tokenvault" --quiet --keyfile "$key" "$@" </dev/null
}

is() {
	[ "$(status_of "$1")" = "$2" ]
}

# What wakes it: `watched` of status as words.
watched() {
	tv status --json </dev/null | "$PYTHON" -c 'import json, sys; print(*json.load(sys.stdin)["locks_on"])'
}

watches() {
	[ "$(watched)" = "$1" ]
}

# logind METHOD [BOOLEAN]: has the stand-in do something; prints its answer.
logind() {
	as_user "$PYTHON" -c '
import sys, dbus
path = "/org/freedesktop/login1" + (sys.argv[3] if len(sys.argv) > 3 else "")
there = dbus.Interface(dbus.SystemBus().get_object("org.freedesktop.login1", path), "test.Logind")
words = [sys.argv[2] == "true"] if len(sys.argv) > 2 and sys.argv[2] else []
said = getattr(there, sys.argv[1])(*words)
if said:
    print(*said)' "$@"
}

# screen INTERFACE BOOLEAN: what a desktop says.
screen() {
	as_user "$PYTHON" -c '
import sys, dbus, dbus.lowlevel
bus = dbus.SessionBus()
said = dbus.lowlevel.SignalMessage("/" + sys.argv[1].replace(".", "/"), sys.argv[1], "ActiveChanged")
said.append(sys.argv[2] == "true")
bus.send_message(said)
bus.flush()
bus.get_name_owner("org.freedesktop.DBus")' "$@"
}

holds() {
	[ "$(logind Held | cut -d' ' -f1)" = "$1" ]
}

released() {
	[ "$(wc -l <"$log" 2>/dev/null)" = "$1" ]
}

helper() {
	for dir in /proc/[0-9]*; do
		[ "$(readlink "$dir/exe" 2>/dev/null)" != "$BIN/tokenvault-bus" ] || echo "${dir#/proc/}"
	done
}

no_helper() {
	[ -z "$(helper)" ]
}

system_bus() {
	runs dbus-daemon --session --nofork --nopidfile --address="$DBUS_SYSTEM_BUS_ADDRESS" >/dev/null 2>&1
	system=$!
	check "a system's bus" wait_for 10 test -S "$SANDBOX/run/bus.d/system"
}

start_logind() {
	runs "$PYTHON" "$BIN/logind.py" "$log" "$file" 2>/dev/null
	logind=$!
}

# ---- without D-Bus
check "init" k init
printf '%s\n' "$CHOREO" | as_user "$BIN/tokenvault" -q --keyfile "$key" add choreo --no-verify
check "mount without a bus" k mount
check "nobody stays to listen" wait_for 5 no_helper
check "and status does not say so" watches ""
check "unmount" k unmount

# ---- with logind
system_bus
runs dbus-daemon --session --nofork --nopidfile --address="$DBUS_SESSION_BUS_ADDRESS" >/dev/null 2>&1
check "a user's bus" wait_for 10 test -S "$SANDBOX/run/bus.d/user"
check "mount with buses, without logind" k mount
check "it hears of the screen" wait_for 10 watches "screen"
start_logind
check "logind comes: of sleep too" wait_for 10 watches "sleep screen"
same "it has one inhibitor" "$(logind Held)" "1 sleep tokenvault delay"
same "status says it" "$(as_user "$BIN/tokenvault" status | sed -n 's/^locks  *//p')" \
	"before sleep; with the screen"

# ---- sleep, with readers active
for round in 1 2 3; do
	rm -f "$SANDBOX/tmp/stop"
	for reader in 1 2 3 4; do
		set -- "$file" "$SANDBOX/tmp/stop"
		[ $((reader % 2)) = 0 ] || set -- "$@" held
		runs "$PYTHON" "$BIN/busy.py" "$@" >"$SANDBOX/reader.$reader" 2>&1
		eval "reader_$reader=\$!"
	done
	sleep 0.5
	logind Sleep true
	check "round $round: the inhibitor is let go" wait_for 4 released "$round"
	same "by then it was locked" "$(status_of locked_by)" sleep
	sleep 0.2
	as_user touch "$SANDBOX/tmp/stop"
	# shellcheck disable=SC2154
	wait "$reader_1" "$reader_2" "$reader_3" "$reader_4"
	same "no read that began later got a byte, and all had some before" "$("$PYTHON" -c '
import json, sys
last = json.loads(open(sys.argv[1]).readlines()[-1])
rows = [list(map(float, open(f).read().split())) for f in sys.argv[2:]]
good = last["read"] == "ENOKEY" and all(got > 50 and refused and at < last["at"] for got, refused, at in rows)
print("ok" if good else (last, rows))' "$log" "$SANDBOX"/reader.?)" ok
	check "there is none while it sleeps" holds 0
	logind Sleep false
	check "awake it takes another" wait_for 4 holds 1
	check "which wakes nothing" is locked 1
	check "unlock" k unlock
done

# ---- a server that does not answer yet
server=$(server_pid)
kill -STOP "$server"
logind Sleep true
sleep 1
check "without its word the machine waits" holds 1
kill -CONT "$server"
check "with it, no longer" wait_for 4 released 4
same "locked by then" "$(status_of locked) $(tail -n 1 "$log" | grep -c ENOKEY)" "1 1"
logind Sleep false
k unlock

# ---- a lock that takes its time: what the kernel is to forget is part of it
n=4
if is_root && command -v strace >/dev/null; then
	strace -f -p "$server" -e trace=write -e inject=write:delay_enter=1000000 -o /dev/null 2>/dev/null &
	tracer=$!
	children="$tracer $children"
	check "a server that is slow" wait_for 5 grep -q "^TracerPid:.*[1-9]" "/proc/$server/status"
	logind Sleep true
	sleep 1
	check "the machine waits for the end of it" holds 1
	check "and no longer" wait_for 6 released 5
	kill "$tracer"
	wait "$tracer" 2>/dev/null
	logind Sleep false
	k unlock
	n=5
else
	skip "the machine waits for the end of it" "needs root and strace"
fi

# ---- the screen
check "the session of another user's is not ours" logind DoLock "" /session/theirs
logind DoLock "" /session/ours
check "our session's lock" wait_for 4 is locked_by screen
like "in words" "$(as_user "$BIN/tokenvault" status)" '^state +locked .*: with the screen$'
k unlock
logind DoLock "" /session/theirs
sleep 0.5
check "another user's session is not ours" is locked 0
for interface in org.freedesktop.ScreenSaver org.gnome.ScreenSaver org.cinnamon.ScreenSaver \
	org.mate.ScreenSaver org.xfce.ScreenSaver; do
	screen $interface false
	check "no $interface" is locked 0
	screen $interface true
	check "$interface" wait_for 4 is locked_by screen
	k unlock
done

# ---- switched off
check "not with the screen" k setting set lock_screen off
check "status says so" watches sleep
screen org.freedesktop.ScreenSaver true
logind DoLock "" /session/ours
check "not with sleep" k setting set lock_sleep off
check "status says so, too" watches ""
logind Sleep true
check "sleep waits for nothing then" wait_for 4 released $((n + 1))
same "and nothing was locked" "$(status_of locked) $(tail -n 1 "$log" | grep -c READ)" "0 1"
logind Sleep false
check "awake it takes another" wait_for 4 holds 1
k setting unset lock_sleep
k setting unset lock_screen
check "on again" watches "sleep screen"

# ---- what goes, and comes back
kill "$logind"
check "without logind there is no sleep to hear of" wait_for 4 watches screen
start_logind
check "another logind" wait_for 10 watches "sleep screen"
check "has an inhibitor" holds 1
kill "$system"
check "without its bus, neither" wait_for 4 watches screen
rm -f "$SANDBOX/run/bus.d/system"
system_bus
start_logind
check "another bus is found" wait_for 15 watches "sleep screen"
kill -9 "$(helper)"
check "without the listener nothing is heard" wait_for 4 watches ""
same "the files stay" "$(as_user cat "$file")" "$CHOREO"
check "no process is left unmourned" eval '! ps -o stat= --ppid "$(keeper_pid)" | grep -q Z'
check "unmount" k unmount
check "mount" k mount
check "a new one listens" wait_for 10 watches "sleep screen"
same "it links no FUSE, and the server no D-Bus" "$(ldd "$BIN/tokenvault-bus" | grep -c fuse) $(
	ldd "$BIN/tokenvault-fs" | grep -c -e systemd -e dbus)" "0 0"
kill -9 "$(keeper_pid)"
check "it ends with the keeper" wait_for 4 no_helper
k unmount
same "nothing runs" "$(sandbox_pids | grep -v -e "^$logind\$" | tr '\n' ' ')" ""
check "nothing stays mounted" none_mounted
finish
