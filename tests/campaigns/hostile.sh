# Vault files with one fault each (tests/vectors/hostile): the library, a second reader and the command line all give
# the status that the file names. The control takes checks out of the library, one at a time, and each has to be missed.
# Controls: checks
. "$(dirname "$0")/../lib.sh"
sandbox
vectors=$TESTS/vectors/hostile
seconds=$((${TV_MINUTES:-1} * 60))
every=20 # vector for the command line, or check
[ -z "${TV_MINUTES:-}" ] || every=1
[ "$("$PYTHON" -c 'import nacl' 2>&1)" = "" ] || skip_all "python3-nacl is not installed"
case ${TV_CONTROL:-} in
checks)
	command -v cc >/dev/null || skip_all "no compiler"
	[ -n "${TV_MINUTES:-}" ] || every=80
	"$PYTHON" "$TESTS/campaigns/hostile_checks.py" checks "$TV_BUILD" "$vectors" "$every" "$seconds" >"$SANDBOX/said" 2>&1
	;;
*)
	"$PYTHON" "$TESTS/campaigns/hostile_checks.py" run "$TV_BUILD" "$vectors" "$every" >"$SANDBOX/said" 2>&1
	;;
esac
while IFS= read -r line; do
	case $line in
	'not ok '*) not_ok "${line#not ok }" ;;
	*) echo "$line" ;;
	esac
done <"$SANDBOX/said"
if grep -q '^# tried [1-9]' "$SANDBOX/said"; then
	ok "hostile_checks.py came to its end"
else
	not_ok "hostile_checks.py came to its end" "$(tail -n 5 "$SANDBOX/said")"
fi
finish
