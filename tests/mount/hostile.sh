# A lock that falls into an edit, a server older than the command, and one that has come to a stop: the edit is made, the
# command makes do, and other instances go on mounting.
# What programs of the same user do to harm it is campaigns/neighbours.sh.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
cp "$TESTS"/mount/*.py "$BIN/" && chmod 755 "$BIN"/*
# Not the default name, which whatever else runs on this machine has.
name=hostile-$$
tvh() {
	as_user timeout 20 "$BIN/tokenvault" --vault "$name" --passphrase-fd 9 "$@" \
		9<"$SANDBOX/passphrase" </dev/null
}
check "init" tvh init --memory 64 --passes 1
check "add" as_user sh -c 'echo abcdef | "$0" --vault "$1" --passphrase-fd 9 add --no-verify choreo 9<"$2"' \
	"$BIN/tokenvault" "$name" "$SANDBOX/passphrase"
check "mount" tvh mount
[ "$n_failed" = 0 ] || finish

socket=$XDG_RUNTIME_DIR/tokenvault/$name.sock
pid=$(tvh status --json | "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["server_pid"])')
like "the server's process is known" "$pid" '^[0-9]+$'

# ---- a lock that falls between an edit's save and what the server is told of it
versions() {
	tvh history choreo --json | grep -c '"version"'
}
before=$(versions)
as_user "$PYTHON" "$BIN/between.py" "$socket" >"$SANDBOX/between" 2>&1 &
between=$!
check "somebody stands between" wait_for 10 grep -q ready "$SANDBOX/between"
check "an edit succeeds all the same" tvh set choreo --note between
wait "$between"
same "he ended in order" "$(cat "$SANDBOX/between")" ready
same "it was locked" "$(as_user cat "$HOME/.choreo/token" 2>&1 | grep -c 'Required key')" 1
same "the edit was made once" "$(versions)" "$((before + 1))"
check "unlock" tvh unlock

# ---- a server that was started before the programs were replaced
as_user "$PYTHON" "$BIN/older.py" "$socket" >"$SANDBOX/older" 2>&1 &
older=$!
check "an older server is there" wait_for 10 grep -q ready "$SANDBOX/older"
like "its entries are listed all the same" "$(tvh list 2>&1)" '^choreo +default +yes'
same "and shown" "$(tvh show choreo 2>&1)" abcdef
wait "$older"
same "after it refused either request" "$(tr '\n' ' ' <"$SANDBOX/older")" "ready 1 2 "

# ---- a server that has stopped must not stop the others
kill -STOP "$pid"
as_user mkdir "$SANDBOX/tmp/home" "$SANDBOX/tmp/run"
elsewhere() {
	HOME="$SANDBOX/tmp/home" XDG_RUNTIME_DIR="$SANDBOX/tmp/run" \
		XDG_DATA_HOME="$SANDBOX/tmp/home/.local/share" XDG_CONFIG_HOME="$SANDBOX/tmp/home/.config" \
		XDG_STATE_HOME="$SANDBOX/tmp/home/.local/state" tvh "$@"
}
as_user mkdir -p "$SANDBOX/tmp/home/.local/share/tokenvault"
as_user cp "$XDG_DATA_HOME/tokenvault/$name.vault" "$SANDBOX/tmp/home/.local/share/tokenvault/"
check "an instance of the same name elsewhere mounts" elsewhere mount
same "and serves" "$(as_user timeout 5 cat "$SANDBOX/tmp/home/.choreo/token" 2>&1)" abcdef
check "and unmounts" elsewhere unmount
kill -CONT "$pid"
same "the first one goes on" "$(as_user timeout 5 cat "$HOME/.choreo/token" 2>&1)" abcdef
check "unmount" tvh unmount
check "nothing stays mounted" wait_for 3 none_mounted
finish
