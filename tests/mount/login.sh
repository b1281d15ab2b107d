# A login: a real manager of the user's services mounts while locked, what waits for the unlock starts with it and
# ends with the lock; and without systemd, a desktop or a shell does.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/mount/person.sh"

# systemd wants to have booted the machine, and control groups; namespaces of the test's own have both.
if is_root && [ -z "${TV_LOGIN:-}" ] && unshare -m true 2>/dev/null; then
	TV_LOGIN=1 exec unshare -m --propagation private sh "$0"
fi
MANAGER=
for manager in /lib/systemd/systemd /usr/lib/systemd/systemd; do
	[ ! -x "$manager" ] || MANAGER=$manager
done
groups=

end() {
	[ -z "${manager_pid:-}" ] || kill "$manager_pid" 2>/dev/null
	wait 2>/dev/null
	cleanup
	for group in $groups; do
		find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
	done
}

sandbox
need_fuse
trap end EXIT
mv "$BIN" "$SANDBOX/b %h \${HOME} \"q\" ="
BIN="$SANDBOX/b %h \${HOME} \"q\" ="
PATH="$BIN:$PATH"
export TOKENVAULT_FILE="$HOME/v %h \${HOME}/my vault.vault"
as_user mkdir "${TOKENVAULT_FILE%/*}" "$XDG_CONFIG_HOME"
check "init" make_vault
check "a token" add choreo "$CHOREO"
check "mount" tv mount
check "unmount" tv unmount
token=$HOME/.choreo/token

listing() {
	as_user find "$HOME" -path "$HOME/.local" -prune -o -printf '%P %y %m %l\n' | sort
}

locked() {
	as_user cat "$token" 2>&1 | grep -q 'Required key not available'
}

readable() {
	[ "$(as_user cat "$token" 2>/dev/null)" = "$CHOREO" ]
}

mount_id() {
	awk -v path="$token" '$5 == path { print $1 }' /proc/self/mountinfo
}

# In the environment of a login, which knows less than ours.
sc() {
	as_user env -i HOME="$HOME" XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" PATH=/usr/bin:/bin systemctl --user "$@"
}

is() {
	[ "$(sc is-active "$2")" = "$1" ]
}

of_login() (
	unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
	"$@"
)

# With the runtime directory that comes late.
in_late() (
	export XDG_RUNTIME_DIR="$late"
	"$@"
)

# No login is still at work. The pattern is not to find grep, which has it among its words.
settled() {
	! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -q "$TOKENVAULT_FILE --quiet mount --lock[e]d"
}

# A control group of the test's own in each hierarchy that systemd uses.
make_groups() {
	for above in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
		[ -w "$above/cgroup.procs" ] && mkdir "$above/tv-login-$$" 2>/dev/null || continue
		groups="$groups $above/tv-login-$$"
		chown -R 65534:65534 "$above/tv-login-$$"
	done
	[ -n "$groups" ]
}

log_in() {
	sh -c 'for group in $1; do echo $$ >"$group/cgroup.procs"; done; shift; exec "$@"' sh "$groups" \
		setpriv --reuid=65534 --regid=65534 --clear-groups env -i HOME="$HOME" LC_ALL=C.UTF-8 \
		XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" PATH=/usr/bin:/bin "$MANAGER" --user >"$SANDBOX/manager" 2>&1 &
	manager_pid=$!
}

log_out() {
	kill "$manager_pid"
	wait "$manager_pid"
	manager_pid=
}

with_systemd() {
	listing >"$SANDBOX/before"
	check "install" tv service install --systemd
	check "a unit that needs a token" as_user "$PYTHON" - "$name" "$SANDBOX/tmp/seen" <<-'END'
		import os, pathlib, sys
		name, seen = sys.argv[1:]
		units = pathlib.Path(os.environ["XDG_CONFIG_HOME"], "systemd/user")
		target = f"tokenvault-unlocked@{name}.target"
		(units / "needs.service").write_text(
		    f"[Unit]\nRequires={target}\nAfter={target}\n"
		    f"[Service]\nExecStart=/bin/sh -c 'cat %h/.choreo/token >>{seen}; exec sleep 1000'\n")
		(units / f"{target}.wants").mkdir(exist_ok=True)
		(units / f"{target}.wants/needs.service").symlink_to("../needs.service")
	END
	log_in
	check "after a login the file is there" wait_for 20 as_user test -f "$token"
	same "with its size" "$(as_user stat -c %s "$token")" "$((${#CHOREO} + 1))"
	check "locked" locked
	check "the service is up" wait_for 10 is active "tokenvault@$name.service"
	like "and says why it can't be read" "$(sc show -p StatusText "tokenvault@$name.service")" '=locked: '
	check "the login waits for no unlock" wait_for 10 is active default.target
	same "and may take as long as it likes" "$(sc show -p TimeoutStartUSec --value "tokenvault-unlocked@$name.service")" \
		infinity
	same "what needs a token is not there yet" "$(sc is-active "tokenvault-unlocked@$name.target" needs.service |
		tr '\n' ' ')" "inactive inactive "
	id=$(mount_id)
	check "unlock" tv unlock
	check "the same path can be read" readable
	same "by the same mount" "$(mount_id)" "$id"
	check "the target is reached" wait_for 10 is active "tokenvault-unlocked@$name.target"
	check "what needs a token has it" wait_for 10 grep -qx "$CHOREO" "$SANDBOX/tmp/seen"
	like "the service knows" "$(sc show -p StatusText "tokenvault@$name.service")" '=unlocked$'
	check "lock" tv lock
	check "what needs a token ends" wait_for 10 is inactive needs.service
	check "the target too" wait_for 10 is inactive "tokenvault-unlocked@$name.target"
	check "unlock" tv unlock
	check "and starts again" wait_for 10 is active needs.service
	kill -9 "$(server_pid)"
	check "a killed server is started again" wait_for 20 eval 'locked && is active "tokenvault@$name.service"'
	check "locked, so what needs a token ends" wait_for 10 is inactive needs.service
	check "unlock" tv unlock
	check "and starts again" wait_for 10 is active needs.service
	check "stop" sc stop "tokenvault@$name.service"
	check "nothing stays mounted" none_mounted
	check "what needs a token ends with it" wait_for 10 is inactive needs.service
	same "nothing failed" "$(sc list-units --failed --plain --no-legend)" ""
	check "install --now, from the environment of a login" of_login tv service install --systemd --now
	check "starts it at once" locked
	as_user find "$XDG_CONFIG_HOME/systemd" -name needs.service -delete
	check "remove" of_login tv service remove
	check "ends it" none_mounted
	same "nothing is left" "$(listing | diff "$SANDBOX/before" -)" ""
	same "of units neither" "$(sc list-units --all --plain --no-legend 'tokenvault*')" ""
	log_out
}

# Locked at login, read, asked for, read: the pinentry is the one that gpg-agent would use.
with_a_prompt() {
	person
	# A name that can be written in that file.
	mkdir "$SANDBOX/pin"
	cp "$BIN/pinentry" "$SANDBOX/pin/"
	chmod -R 755 "$SANDBOX/pin"
	as_user mkdir -p -m 700 "$HOME/.gnupg"
	echo "pinentry-program $SANDBOX/pin/pinentry" | as_user tee "$HOME/.gnupg/gpg-agent.conf" >/dev/null
	check "mount" tv mount
	check "have a prompt at an open" tv setting set unlock_on_open on
	check "unmount" tv unmount
	check "install" tv service install --systemd
	log_in
	check "after a login the file is there" wait_for 20 as_user test -f "$token"
	same "locked" "$(status_of locked)" 1
	id=$(mount_id)
	will "pin $PASSPHRASE"
	same "a read waits for the prompt, and succeeds" "$(as_user cat "$token" 2>&1)" "$CHOREO"
	same "there was one" "$(prompts)" 1
	like "which named program, file and entry" "$(told SETDESC)" "/cat%0AFile: $token%0AEntry: choreo/default$"
	same "nothing was mounted anew" "$(mount_id)" "$id"
	check "what needs a token has it" wait_for 10 is active "tokenvault-unlocked@$name.target"
	check "remove" of_login tv service remove
	check "set it off again" tv setting unset unlock_on_open
	log_out
	as_user rm -r "$HOME/.gnupg"
}

name=$("$BIN/tokenvault" service show --systemd | sed -n 's|^# .*/tokenvault@\(.*\)\.service: absent$|\1|p' | head -n 1)
if [ -z "${TV_LOGIN:-}" ] || [ -z "$MANAGER" ]; then
	skip "systemd" "needs root, namespaces and systemd: apt-get install systemd"
elif ! make_groups; then
	skip "systemd" "control groups are closed to this process"
else
	mount -t tmpfs -o mode=755 none /run && (umask 022 && mkdir -p /run/systemd/system)
	with_systemd
	with_a_prompt
fi

# ---- without it
if "$PYTHON" -c 'from gi.repository import Gio' 2>/dev/null; then
	check "a desktop entry" tv service install --autostart
	as_user env PATH=/usr/bin:/bin "$PYTHON" -c '
import sys
from gi.repository import Gio
Gio.DesktopAppInfo.new_from_filename(sys.argv[1]).launch([], None)' "$XDG_CONFIG_HOME/autostart/tokenvault@$name.desktop"
	check "as a desktop starts it" wait_for 20 locked
	check "unlock" tv unlock
	check "it can be read" readable
	check "unmount" tv unmount
	check "remove" tv service remove
else
	skip "a desktop entry" "no python3-gi"
fi
check "lines in ~/.profile" tv service install --profile
late=$SANDBOX/tmp/late
for shell in sh bash zsh; do
	if ! command -v $shell >/dev/null; then
		skip "$shell" "not installed"
		continue
	fi
	rm -rf "$late"
	same "$shell says nothing at a login" "$(as_user env -i HOME="$HOME" XDG_RUNTIME_DIR="$late" PATH=/usr/bin:/bin \
		$shell -c '. "$HOME/.profile"' 2>&1 </dev/null)" ""
	check "$shell: without the runtime directory nothing is made" test ! -e "$late"
	as_user mkdir -m 700 "$late"
	check "$shell: once it is there, the files are" wait_for 20 locked
	check "$shell: unlock" in_late tv unlock
	check "$shell: it can be read" readable
	check "$shell: a second login changes nothing" as_user env -i HOME="$HOME" XDG_RUNTIME_DIR="$late" \
		PATH=/usr/bin:/bin $shell -c '. "$HOME/.profile"'
	check "$shell: and ends" wait_for 20 settled
	same "$shell: with the vault as it was" "$(in_late status_of locked)" 0
	check "$shell: unmount" in_late tv unmount
done
check "remove" tv service remove
check "no process is left" wait_for 5 eval '[ -z "$(sandbox_pids)" ]'
check "nothing stays mounted" none_mounted
finish
