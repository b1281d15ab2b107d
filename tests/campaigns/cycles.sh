# Mount, kill the server or the keeper at any moment, mount again: no stale mount, no process, no plaintext
# on the disk, and no reader that is given an empty file for the token's.
# Controls: stopped plaintext empty
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
cp "$TESTS/campaigns/cycles.py" "$BIN/" && chmod 755 "$BIN/cycles.py"
cycles=20
[ -z "${TV_MINUTES:-}" ] || cycles=1000
[ -z "${TV_CONTROL:-}" ] || cycles=3
key=$HOME/key
tv() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@"
}
check "init with a keyfile" tv init
check "add" add api7/ci "$API7_CI"
check "add" add azion "$AZION"
check "add" add choreo "$CHOREO"
tokens=$SANDBOX/tokens
printf '%s\n' "$API7_CI" "$AZION" "$CHOREO" >"$tokens"
chmod 644 "$tokens"
as_user "$PYTHON" "$BIN/cycles.py" "$SANDBOX" "$key" "$cycles" "$((${TV_MINUTES:-10} * 60))" \
	"${TV_CONTROL:-}" "$tokens" >"$SANDBOX/said" 2>&1
while IFS= read -r line; do
	case $line in
	'ok '*) ok "${line#ok }" ;;
	'not ok '*) not_ok "${line#not ok }" ;;
	'# '*) echo "$line" ;;
	*) echo "#   $line" ;;
	esac
done <"$SANDBOX/said"
grep -q '^# tried ' "$SANDBOX/said" || not_ok "cycles.py came to its end" "$(tail -n 3 "$SANDBOX/said")"
finish
