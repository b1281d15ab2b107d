# A rotation never shows a reader a mixture: an open file keeps its bytes, the next open has the new
# ones, and many readers at once see whole versions only.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
cp "$TESTS"/mount/*.py "$BIN/" && chmod 755 "$BIN"/*
check "init" make_vault

# A version is its number, over and over: 2,000 times 6 digits, so that one read can't fetch it all.
version() {
	"$PYTHON" -c 'import sys; print(f"{int(sys.argv[1]):06d}" * 2000)' "$1"
}

rotate() {
	version "$1" | tv set choreo/default --token --no-verify
}

version 0 | tv add --no-verify choreo >/dev/null || not_ok "add"
check "mount" tv mount
token=$HOME/.choreo/token
from_helper as_user "$PYTHON" "$BIN/held.py" rotation "$token"

opens=20000
rotations=200
for reader in 1 2 3 4 5 6 7 8; do
	as_user "$PYTHON" "$BIN/reader.py" "$token" "$opens" >"$SANDBOX/reader.$reader" 2>&1 &
done
failed=0
number=1
while [ "$number" -le "$rotations" ]; do
	rotate "$number" >/dev/null 2>"$SANDBOX/err" || failed=$((failed + 1))
	number=$((number + 1))
done
same "$rotations rotations while 8 readers open $opens times each" "$failed failed" "0 failed"
wait
for reader in 1 2 3 4 5 6 7 8; do
	like "reader $reader saw whole versions, never an older one after a newer" \
		"$(cat "$SANDBOX/reader.$reader")" "^$opens whole, 0 broken, 0 backwards, "
done
like "and saw them change" "$(cat "$SANDBOX"/reader.*)" ', ([2-9]|[1-9][0-9]+) versions'
version "$rotations" >"$SANDBOX/wanted"
bytes_are "$token" <"$SANDBOX/wanted"
check "unmount" tv unmount
finish
