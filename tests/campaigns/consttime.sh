# Time that tells of keys: valgrind, to which all key bytes are undefined, follows them through unlocking, unwrapping, and the
# comparisons of commitment, header MAC, pins and tokens; found are places of our code at which a branch or an address depends
# on them. In the control memcmp stands where sodium_memcmp stood, and each place is found.
# Controls: memcmp
. "$(dirname "$0")/../lib.sh"
. "$TESTS/patched.sh"
sandbox
command -v valgrind >/dev/null || skip_all "valgrind is not installed"
[ -x "$TV_BUILD/tests/consttime" ] || skip_all "built without valgrind's header"
program=$TV_BUILD/tests/consttime
expected=0
if [ "${TV_CONTROL:-}" = memcmp ]; then
	program=$SANDBOX/consttime
	change='s/sodium_memcmp(/memcmp(/'
	patched "$TV_BUILD" tests/consttime "$program" vault/slot.c "$change" vault/wrap.c "$change" vault/open.c "$change" \
		vault/secret.c "$change"
	# All but the one of texts, whose lengths are looked for by strlen, and the one of pins that the document has.
	expected=$(cd "$ROOT/vault" && cat slot.c wrap.c open.c secret.c | grep -c 'sodium_memcmp(')
	expected=$((expected - 2))
fi
valgrind --error-limit=no --suppressions="$TESTS/campaigns/consttime.supp" "$program" >"$SANDBOX/said" 2>"$SANDBOX/err"
# Of each report the first line that is in a source of ours.
awk '/Conditional jump|Use of uninit/ { looks = 1 }
	looks && match($0, /[(_](slot|wrap|open|seal|secret|derive|header|stretch|keyfile|both|device)\.c:[0-9]+\)/) {
		print substr($0, RSTART + 1, RLENGTH - 2); looks = 0 }
	/== *$/ { if (looks) print "elsewhere"; looks = 0 }' "$SANDBOX/err" | sort -u >"$SANDBOX/places"
found=$(wc -l <"$SANDBOX/places")
sed 's/^/#   /' "$SANDBOX/places"
tried=$(sed -n 's/^# operations //p' "$SANDBOX/said")
if grep -q 'PASSED.* 8 test' "$SANDBOX/err"; then
	ok "every key, right or wrong, is answered as it has to be"
else
	not_ok "every key, right or wrong, is answered as it has to be" "$(tail -n 20 "$SANDBOX/err")"
fi
like "valgrind came to its end" "$(cat "$SANDBOX/err")" 'ERROR SUMMARY'
echo "# tried ${tried:-0}, found $found, expected $expected, skipped 0"
finish
