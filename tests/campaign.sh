#!/bin/sh
# One campaign, or all: sh tests/campaign.sh NAME|all [MINUTES]
# A campaign tries one promise many times over; without MINUTES it takes its short form. Each has
# controls: runs in which the protection is missing, or the answer is wrong, and which must find that. It
# closes with a line for each campaign: how many were tried, found and expected, and which controls found
# what they had to.
#
# A campaign is tests/campaigns/NAME.sh, a test that prints TAP as all do. Its first line says what it shows,
# a line `# Controls: WORD …` names its controls, a line `# Wants: COMMAND=PACKAGE …` what is installed for it
# where the command is missing (else it skips what needs that), and the last that it prints but the plan is
# `# tried N, found N, expected N, skipped N`. It gets TV_MINUTES (empty: the short form) and TV_CONTROL
# (empty: none). With --tap before NAME: the short form with its controls, as one TAP test on TV_BUILD.

ROOT=$(cd "$(dirname "$0")/.." && pwd) || exit 1
tap=
[ "${1:-}" != --tap ] || { tap=1 && shift; }
case $#,${2:-0} in
1,* | 2,[0-9]*) ;;
*)
	echo "usage: sh tests/campaign.sh NAME|all [MINUTES]" >&2
	exit 2
	;;
esac
minutes=${2:-}
names=$1
[ "$names" != all ] || names=$(cd "$ROOT/tests/campaigns" && ls -- *.sh | sed 's/\.sh$//')
for name in $names; do
	[ -f "$ROOT/tests/campaigns/$name.sh" ] || {
		echo "no such campaign: $name; there are:" "$(cd "$ROOT/tests/campaigns" && ls -- *.sh)" >&2
		exit 2
	}
done
# The minutes are for all of them together.
# shellcheck disable=SC2086
[ -z "$minutes" ] || minutes=$(((minutes + $(echo $names | wc -w) - 1) / $(echo $names | wc -w)))

if [ -z "$tap" ] && [ -z "${TV_BUILD:-}" ]; then
	. "$ROOT/tests/setup.sh"
	# shellcheck disable=SC2086
	install_missing $wanted
	for name in $names; do
		for pair in $(sed -n 's/^# Wants: *//p' "$ROOT/tests/campaigns/$name.sh"); do
			command -v "${pair%%=*}" >/dev/null || (install_missing "${pair#*=}")
		done
	done
	open_fuse
	choose_builds "${TMPDIR:-/tmp}"
	build gcc gcc || die "does not build: see $BUILDS/gcc.log"
	TV_BUILD=$BUILDS/gcc
fi
export TV_BUILD
said=$(mktemp -d "${TMPDIR:-/tmp}/tv.XXXXXX") || exit 1
chmod 755 "$said"
trap 'rm -rf --one-file-system "$said"' EXIT
trap 'exit 129' HUP INT TERM PIPE

# run NAME CONTROL: its output to $said/out; sets tried, found, expected, skipped.
run() {
	mkdir -p "$said/tmp" && chmod 755 "$said/tmp"
	TV_CONTROL=$2 TV_MINUTES=$minutes TMPDIR=$said/tmp \
		sh "$ROOT/tests/campaigns/$1.sh" >"$said/out" 2>&1 </dev/null
	code=$?
	line=$(sed -n 's/^# tried \([0-9]*\), found \([0-9]*\), expected \([0-9]*\), skipped \([0-9]*\)$/\1 \2 \3 \4/p' \
		"$said/out" | tail -n 1)
	read -r tried found expected skipped <<-END_OF_LINE
		${line:-0 0 0 0}
	END_OF_LINE
	left=$(ls -A "$said/tmp"; grep -F "$said/tmp/" /proc/self/mountinfo | cut -d' ' -f5; processes_left)
}

# Processes of the campaign's own: their command line or environment has its sandbox.
processes_left() {
	for dir in /proc/[0-9]*; do
		case "$(cat "$dir/cmdline" "$dir/environ" | tr '\0' ' ')" in
		*"$said/tmp"*) echo "process ${dir#/proc/}: $(tr '\0' ' ' <"$dir/cmdline")" ;;
		esac
	done 2>/dev/null
}

controls_of() {
	sed -n 's/^# Controls: *//p' "$ROOT/tests/campaigns/$1.sh"
}

number=0
failed=0

# verdict WHETHER WHAT
verdict() {
	number=$((number + 1))
	[ "$1" = 0 ] && word=ok || word="not ok" failed=$((failed + 1))
	if [ -n "$tap" ]; then
		echo "$word $number - $2"
	else
		[ "$word" = ok ] || echo "FAIL  $2"
	fi
}

# The checks of the campaign itself, numbered on; the table of a reader who asked for one campaign.
show() {
	if [ -n "$tap" ]; then
		awk -v n="$number" '/^(not )?ok / { sub(/ok [0-9]* - /, "ok " ++n " - "); print } /^ *#/' "$said/out"
		number=$((number + $(grep -Ec '^(not )?ok ' "$said/out")))
		failed=$((failed + $(grep -c '^not ok ' "$said/out")))
	elif [ "$names" = "$1" ]; then
		sed -E -e '/^1\.\./d' -e 's/^ok [0-9]+ - (.*) # SKIP (.*)/skip  \1: \2/' \
			-e 's/^ok [0-9]+ - /ok    /' -e 's/^not ok [0-9]+ - /FAIL  /' -e 's/^# /      /' "$said/out"
	else
		awk '/^ok / { bad = 0 } sub(/^not ok [0-9]* - /, "FAIL  ") { bad = 1 } /^#/ && bad { sub(/^#/, "     ") }
			bad' "$said/out"
	fi
}

for name in $names; do
	run "$name" ''
	show "$name"
	[ "$code" = 0 ] || [ -n "$tap" ] || failed=$((failed + 1))
	if grep -q '^1\.\.0 # SKIP' "$said/out"; then
		[ -z "$tap" ] || { cat "$said/out" && exit 0; }
		echo "$name: skipped: $(sed -n 's/^1\.\.0 # SKIP //p' "$said/out")"
		continue
	fi
	summary="$name: $tried tried, $found found, $expected expected, $skipped skipped"
	[ "$code" = 0 ] && [ "$tried" -gt 0 ] && [ "$found" = "$expected" ]
	verdict $? "$summary"
	[ -z "$left" ]
	verdict $? "$name: nothing is left${left:+: }$left"
	for control in $(controls_of "$name"); do
		run "$name" "$control"
		[ "$expected" -gt 0 ] && [ "$found" -ge "$expected" ]
		verdict $? "$name: control $control: $found of $expected found"
		summary="$summary; control $control $found of $expected"
		[ -z "$left" ]
		verdict $? "$name: control $control: nothing is left${left:+: }$left"
	done
	[ -n "$tap" ] || echo "$summary"
done
[ -z "$tap" ] || echo "1..$number"
[ "$failed" = 0 ] && [ "$number" -gt 0 ]
