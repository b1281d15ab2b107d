# Sourced by the tests of `doctor`, behind lib.sh: single checks, each to be seen both ways.
#
#	set_up				the driver, and an empty directory $FAKE as the machine's root
#	put PATH TEXT			a file of that machine
#	finds VERDICT CHECK REGEX	the check, on that machine, has a remark of that verdict like it
#	both CHECK			it was fine once, and once not

set_up() {
	cp "$TV_BUILD/tests/checkup_drive" "$BIN/" && chmod 755 "$BIN/checkup_drive"
	FAKE=$SANDBOX/fake
	KEY=-
	: >"$SANDBOX/seen"
	fresh
}

fresh() {
	chmod -R u+rwx "$FAKE" 2>/dev/null
	rm -rf "$FAKE"
	mkdir -p "$FAKE" && chmod 755 "$FAKE"
}

put() {
	(umask 022 && mkdir -p "$(dirname "$FAKE$1")" && printf '%s\n' "$2" >"$FAKE$1")
}

# The report in JSON as the driver has it: lines of NAME, VERDICT, what --fix can do or did, whether it was looked
# at, and TEXT.
remarks() {
	"$PYTHON" -c '
import json, sys
for c in json.load(sys.stdin)["checks"]:
    print(c["name"], c["verdict"], "fixed" if c["fixed"] else "fixable" if c["fixable"] else "-",
          "checked" if c["checked"] else "unchecked", c["text"], sep="\t")
'
}

# With what is set in $LIMITS, by ulimit, and run by $AROUND, if anything.
drive() {
	# shellcheck disable=SC2086
	as_user ${AROUND:-} sh -c "${LIMITS:-:}"' && exec "$@"' sh \
		"$BIN/checkup_drive" "$FAKE" "$KEY" "$@" 2>"$SANDBOX/err"
}

finds() {
	said=$(drive "$2")
	printf '%s\n' "$2 $1" >>"$SANDBOX/seen"
	like "$2, $1: $(printf '%s' "$3" | cut -c1-60)" "$(printf '%s\n' "$said" | grep "^$2	$1	")" "$3"
}

both() {
	check "$1 was seen fine" grep -qx "$1 fine" "$SANDBOX/seen"
	check "$1 was seen otherwise" grep -qxE "$1 (note|wrong)" "$SANDBOX/seen"
}
