# Who may not read: other users and root, also through a descriptor that the owner hands them.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
is_root || skip_all "needs root, to be somebody else"
mounted_vault mount
tree=$(status_of tree)
# Every directory on the way is open, so that only the file itself can say no.
chmod 755 "$HOME" "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR/tokenvault"
find "$HOME" -xdev -type d -exec chmod 755 {} +
for path in "$HOME/.choreo/token" "$HOME/.api7cloud/config"; do
	said=$(as_other cat "$path" 2>&1)
	like "another user: ${path#"$HOME/"}" "$said" 'Permission denied$'
	said=$(cat "$path" 2>&1)
	like "root: ${path#"$HOME/"}" "$said" 'Permission denied$'
	like "stat as root" "$(stat "$path" 2>&1)" 'Permission denied$'
done
like "root, the directory view" "$(ls "$tree" 2>&1)" 'Permission denied$'
from_helper "$PYTHON" "$BIN/passed.py" "$HOME/.choreo/token" "$CHOREO"

# ---- the socket
socket=$XDG_RUNTIME_DIR/tokenvault/default.sock
same "the socket's directory" "$(as_user stat -c '%a %u' "$XDG_RUNTIME_DIR/tokenvault")" "755 65534"
chmod 666 "$socket"
other() {
	as_other "$BIN/tokenvault" "$@" </dev/null
}
check_exit 19 "another user's list is refused" other --vault "$XDG_DATA_HOME/tokenvault/default.vault" list
same "and shows nothing" "$OUT" ""
from_helper as_other "$PYTHON" "$BIN/passed.py" socket "$socket"
chmod 700 "$XDG_RUNTIME_DIR/tokenvault"
check "the owner still reads" as_user cat "$HOME/.choreo/token"
check "unmount" tv unmount
finish
