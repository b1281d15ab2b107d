# The server or the keeper is killed: paths come clean and unreadable, and the next mount works.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
cp "$TESTS"/mount/*.py "$BIN/" && chmod 755 "$BIN"/*
check "init" make_vault
check "add two entries of each service" add_all
home_listing >"$SANDBOX/before"
check "mount" tv mount
mounted_paths >"$SANDBOX/paths"
server=$(server_pid)
keeper=$(keeper_pid)

# ---- the server
said=$("$PYTHON" "$BIN/killed.py" "$server" "$SANDBOX")
like "killed server: unmounted within 100 ms ($said)" "$said" '^[0-9]+ ms$'
ms=${said%% *}
limit=100
[ -z "${TV_SANITIZED:-}" ] || limit=400
[ "${ms:-999}" -le "$limit" ] && ok "in time" || not_ok "in time" "$said"
while IFS= read -r path; do
	said=$(as_user cat "$path" 2>&1) && code=0 || code=$?
	like "${path#"$HOME/"}: not readable, not missing" "$code $said" '^1 .*Permission denied$'
	same "an empty placeholder without any permission" "$(as_user stat -c '%a %s' "$path")" "0 0"
done <"$SANDBOX/paths"
like "a command says so" "$(tv status </dev/null 2>&1; tv mount 2>&1)" '.'
check "the next mount works" tv mount
reads "$HOME/.choreo/token" "$CHOREO"
check "unmount" tv unmount
check "nothing stays mounted" wait_for 3 none_mounted
home_listing >"$SANDBOX/after"
same "HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
check "no process is left" wait_for 3 sh -c "! kill -0 $keeper"

# ---- unmount without another mount
check "mount" tv mount
kill -9 "$(server_pid)"
check "unmounted" wait_for 3 none_mounted
tv unmount >/dev/null 2>&1
home_listing >"$SANDBOX/after"
same "unmount after a killed server: HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""

# ---- the keeper
check "mount" tv mount
server=$(server_pid)
keeper=$(keeper_pid)
kill -9 "$keeper"
check "killed keeper: the server goes too" wait_for 3 sh -c "! kill -0 $server"
said=$(while IFS= read -r path; do
	as_user cat "$path" 2>/dev/null && echo "empty success: $path"
done <"$SANDBOX/paths")
same "no file is readable or empty" "$said" ""
check "the next mount works" tv mount
reads "$HOME/.choreo/token" "$CHOREO"
reads "$HOME/.azion/profiles.json" "Name = 'default'"
check "unmount" tv unmount
check "nothing stays mounted" wait_for 3 none_mounted
home_listing >"$SANDBOX/after"
same "HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""

# ---- the keeper once more, and no time for the server to go
round=0
while [ $((round += 1)) -le 8 ]; do
	tv mount >/dev/null 2>&1
	kill -9 "$(keeper_pid)"
	check "mount at once after the keeper was killed, round $round" tv mount
	reads "$HOME/.choreo/token" "$CHOREO"
	tv unmount >/dev/null 2>&1
done
check "nothing stays mounted" wait_for 3 none_mounted

# ---- both at once, and unmount without another mount
check "mount" tv mount
server=$(server_pid)
kill -9 "$(keeper_pid)" "$server"
check "unmount at once" tv unmount
check "unmount clears what two killed processes left" wait_for 3 none_mounted
home_listing >"$SANDBOX/after"
same "HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
check "no process is left" wait_for 3 eval '[ -z "$(sandbox_pids)" ]'

# ---- asked to go
check "mount" tv mount
kill -TERM "$(keeper_pid)"
check "SIGTERM to the keeper unmounts" wait_for 3 none_mounted
home_listing >"$SANDBOX/after"
same "HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""

# ---- a server that hangs: its pulse is asked for once a minute, and it has half a minute to answer
if [ -n "${TV_LONG:-}" ]; then
	check "mount" tv mount
	server=$(server_pid)
	kill -STOP "$server"
	said=$(as_user timeout -s KILL 120 cat "$HOME/.choreo/token" 2>&1) && code=0 || code=$?
	like "who reads gets an error" "$code $said" '^1 .*(not connected|connection abort|Permission denied)$'
	check "it is ended" wait_for 3 sh -c "! kill -0 $server"
	check "and unmounted" wait_for 3 none_mounted
	check "the next mount works" tv mount
	reads "$HOME/.choreo/token" "$CHOREO"
	check "unmount" tv unmount
fi
finish
