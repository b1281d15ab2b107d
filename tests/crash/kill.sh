# SIGKILL at random moments of add and set: what was acknowledged is there, the vault opens, and the
# next edit clears what was left. kill.sh [ROUNDS]
. "$(dirname "$0")/../lib.sh"
sandbox
rounds=${1:-400}
[ -z "${TV_LONG:-}" ] || rounds=5000
[ -z "${TV_SANITIZED:-}" ] || rounds=100
cp "$TESTS/crash/kill.py" "$TESTS/spare.py" "$BIN/" && chmod 755 "$BIN"/*.py
key=$XDG_CONFIG_HOME/key
as_user mkdir -p "$XDG_CONFIG_HOME"
check "init with a keyfile" as_user "$BIN/tokenvault" --keyfile "$key" init
as_user "$PYTHON" "$BIN/kill.py" "$BIN/tokenvault" "$key" "$rounds" >"$SANDBOX/said" 2>&1
while IFS= read -r line; do
	case $line in
	'ok '*) ok "${line#ok }" ;;
	'not ok '*) not_ok "${line#not ok }" ;;
	*) echo "# $line" ;;
	esac
done <"$SANDBOX/said"
[ "$n_checks" -gt 4 ] || not_ok "kill.py made its checks" "$(cat "$SANDBOX/said")"
finish
