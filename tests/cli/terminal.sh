# The terminal: questions without echo, and a terminal that is as it was in the end.
. "$(dirname "$0")/../lib.sh"
sandbox
cp "$TESTS/cli/terminal.py" "$BIN/" && chmod 755 "$BIN/terminal.py"
as_user "$PYTHON" "$BIN/terminal.py" "$BIN/tokenvault" >"$SANDBOX/said" 2>&1
while IFS= read -r line; do
	case $line in
	'ok '*) ok "${line#ok }" ;;
	'not ok '*) not_ok "${line#not ok }" ;;
	*) echo "# $line" ;;
	esac
done <"$SANDBOX/said"
[ "$n_checks" -gt 15 ] || not_ok "terminal.py made its checks"
finish
