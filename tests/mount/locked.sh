# Locked is not unmounted: files stay and keep their size, and no read gets through, old or new.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault mount
mounted_paths >"$SANDBOX/paths"
for path in .choreo/token .azion/default/settings.toml .api7cloud/config; do
	from_helper as_user "$PYTHON" "$BIN/held.py" lock "$HOME/$path"
done
from_helper as_user "$PYTHON" "$BIN/held.py" removed "$(status_of tree)/choreo/eu/token"

while IFS= read -r path; do
	as_user stat -c '%n %F %a %s' "$path"
done <"$SANDBOX/paths" >"$SANDBOX/before"
tree=$(status_of tree)
check "lock" tv lock
same "status says so" "$(status_of locked)" 1
check "lock again does no harm" tv lock
while IFS= read -r path; do
	as_user stat -c '%n %F %a %s' "$path"
done <"$SANDBOX/paths" >"$SANDBOX/after"
same "stat says what it said before" "$(cat "$SANDBOX/after")" "$(cat "$SANDBOX/before")"
said=$(while IFS= read -r path; do
	as_user cat "$path" 2>&1 && echo "READ: $path"
done <"$SANDBOX/paths")
same "every file says Required key not available" \
	"$(printf '%s\n' "$said" | grep -c 'Required key not available$')" "$(wc -l <"$SANDBOX/paths")"
same "and nothing else" "$(printf '%s\n' "$said" | grep -cv 'Required key not available$')" 0
said=$(as_user find "$tree" -type f -exec cat {} + 2>&1)
like "the directory view too" "$said" 'Required key not available'
same "and shows nothing" "$(printf '%s\n' "$said" | grep -cv 'Required key not available$')" 0

# ---- commands of a locked vault, with nobody to ask
bare() {
	as_user setsid -w "$BIN/tokenvault" "$@" </dev/null
}
for command in list 'show choreo' history 'remove choreo' 'use choreo/eu' 'undo choreo' 'key list'; do
	# shellcheck disable=SC2086
	check_exit 3 "locked: $command exits 3" bare $command
	like "one line that says what to do" "$ERR" '^tokenvault: .*lock.*'
done
same "three lines at most" "$(printf '%s\n' "$ERR" | wc -l | tr -d ' ' | grep -c '^[123]$')" 1
printf 'another-long-wrong-passphrase\n' >"$SANDBOX/wrong"
wrong() {
	as_user "$BIN/tokenvault" --passphrase-fd 9 "$@" 9<"$SANDBOX/wrong" </dev/null
}
chmod 644 "$SANDBOX/wrong"
check_exit 3 "unlock with a wrong passphrase exits 3" wrong unlock
same "and leaves it locked" "$(status_of locked)" 1
check "unlock" tv unlock
same "show" "$(tv show choreo)" "$CHOREO"
reads "$HOME/.choreo/token" "$CHOREO"
check "lock, then unmount" tv lock
check "unmount while locked" tv unmount
check "nothing stays mounted" none_mounted
finish
