# Programs of the same user that mean harm, or have come to a stop: the server goes on answering, and
# other instances go on mounting.
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

# ---- descriptors that are not what they should be
socket=$XDG_RUNTIME_DIR/tokenvault/$name.sock
# In the background: who holds a file of a server that hangs can't even be killed.
sends() {
	# What the one before said must not be taken for this one's.
	: >"$SANDBOX/sent"
	as_user "$PYTHON" "$BIN/descriptors.py" "$1" "$socket" "$HOME/.choreo/token" \
		"$XDG_RUNTIME_DIR/tokenvault/$name" >"$SANDBOX/sent" 2>&1 &
	wait_for 20 grep -q '^end$' "$SANDBOX/sent"
}
pid=$(tvh status --json | "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["server_pid"])')
like "the server's process is known" "$pid" '^[0-9]+$'
# Clients that left may not be gone yet.
holds_no_more() {
	[ "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" -le "$1" ]
}
held=$(find "/proc/$pid/fd" -mindepth 1 | wc -l)
for kind in own-file own-directory pipe terminal unsealed many none half; do
	sends "$kind" || {
		not_ok "$kind: the server lives through it" "$(cat "$SANDBOX/sent")"
		finish
	}
	from_helper cat "$SANDBOX/sent"
	check "after $kind: status" tvh status
	same "after $kind: the file" "$(as_user timeout 5 cat "$HOME/.choreo/token" 2>&1)" abcdef
done

[ "$(id -u)" != 0 ] || check "none of them is held" wait_for 3 holds_no_more "$held"

# ---- clients that send almost all of a request must not keep the others out
as_user "$PYTHON" "$BIN/hog.py" "$socket" >"$SANDBOX/hog" 2>&1 &
hog=$!
check "four of them hold all there is" wait_for 10 grep -q ready "$SANDBOX/hog"
check "status answers" tvh status
check "lock locks" tvh lock
same "indeed" "$(as_user cat "$HOME/.choreo/token" 2>&1 | grep -c 'Required key')" 1
check "unlock" tvh unlock
wait "$hog"

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
