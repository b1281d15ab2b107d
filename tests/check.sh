#!/bin/sh
# Everything that can be tested, with one command: sh tests/check.sh [--long]
# Installs what is missing, builds with gcc, and with clang and sanitizers, runs all tests, and closes with
# `N passed, N failed, N skipped`. --long adds the full-size runs of the slow tests.

ROOT=$(cd "$(dirname "$0")/.." && pwd) || exit 1
. "$ROOT/tests/setup.sh"
. "$ROOT/tests/tools/setup.sh"
cd "$ROOT" || exit 1
export LC_ALL=C.UTF-8 TV_LONG=
fewer='--no-suite plain'
case ${1:-} in
'') ;;
--long) TV_LONG=1 && fewer= ;;
*) die "unknown: $1; usage: sh tests/check.sh [--long]" ;;
esac

# Every test puts its files here, so that what is left over can be told from what was there before.
TMPDIR=$(mktemp -d /tmp/tvc.XXXXXX) || exit 1
export TMPDIR
chmod 755 "$TMPDIR"
results=$TMPDIR/results
trap 'rm -rf --one-file-system "$TMPDIR"' EXIT
trap 'exit 129' HUP INT TERM PIPE
n_passed=0
n_failed=0
n_skipped=0

pass() {
	n_passed=$((n_passed + 1))
	echo "ok    $1"
}

# fail NAME [FILE with the output]
fail() {
	n_failed=$((n_failed + 1))
	echo "FAIL  $1"
	[ -z "${2:-}" ] || tail -n 60 "$2" | sed 's/^/      | /'
}

skip() {
	n_skipped=$((n_skipped + 1))
	echo "skip  $1: $2"
}

# build_with NAME COMPILER [OPTION …]
build_with() {
	name=$1
	if ! command -v "$2" >/dev/null; then
		skip "$name: build" "$2 is not installed"
		return 1
	fi
	if build "$@"; then
		pass "$name: build"
	else
		fail "$name: build" "$BUILDS/$name.log"
		return 1
	fi
}

# run_tests NAME [OPTION of meson test …]
run_tests() {
	name=$1
	shift
	logs=$BUILDS/$name/meson-logs
	rm -f "$logs/testlog.json"
	# One more than there are processors, as tests wait now and then.
	meson test -C "$BUILDS/$name" --no-rebuild --num-processes $(($(nproc) + 1)) "$@" \
		>"$BUILDS/$name.log" 2>&1
	if [ ! -s "$logs/testlog.json" ]; then
		fail "$name: meson test ran nothing" "$BUILDS/$name.log"
		return
	fi
	"$python" "$ROOT/tests/report.py" "$name" "$logs/testlog.json" "$results"
	read -r passed failed skipped <"$results"
	rm -f "$results"
	n_passed=$((n_passed + passed))
	n_failed=$((n_failed + failed))
	n_skipped=$((n_skipped + skipped))
}

files_of_checkout() {
	find "$ROOT" \( -path "$ROOT/build*" -o -path "$ROOT/.git" \) -prune -o -print | sort
}

# Processes of a test have its sandbox in their command line, their program's path or environment.
processes_in_tmp() {
	for dir in /proc/[0-9]*; do
		[ "$dir" != "/proc/$$" ] || continue
		case "$(readlink "$dir/exe") $(tr '\0' ' ' <"$dir/cmdline")" in
		*"$TMPDIR/tv."*) echo "process ${dir#/proc/}: $(tr '\0' ' ' <"$dir/cmdline")" ;;
		esac
	done 2>/dev/null
}

left_overs() {
	grep -F "$TMPDIR" /proc/self/mountinfo
	processes_in_tmp
	find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name build ! -name 'before' ! -name 'after'
	files_of_checkout >"$TMPDIR/after"
	diff "$TMPDIR/before" "$TMPDIR/after"
}

started=$(date +%s)
install_missing $wanted
# Meanwhile it is built, which wants none of these.
tools_pid=
if [ "$(id -u)" = 0 ]; then
	install_tools &
	tools_pid=$!
fi
open_fuse
choose_builds "$TMPDIR"
python=/usr/bin/python3
[ -x "$python" ] || python=python3
files_of_checkout >"$TMPDIR/before"

# The fuzz campaign, among the tests of the first, uses the second.
# shellcheck disable=SC2086
build_with clang clang $clang_options && has_clang=1 || has_clang=
build_with gcc gcc && has_gcc=1 || has_gcc=
[ -z "$tools_pid" ] || wait "$tools_pid"
[ -z "$has_gcc" ] || run_tests gcc
if [ -n "$has_clang" ]; then
	# What reads the sources and not the program says the same again.
	# shellcheck disable=SC2086
	run_tests clang --no-suite once $fewer --timeout-multiplier 4
fi

left=$(left_overs)
if [ -z "$left" ]; then
	pass "left-overs: none"
else
	echo "$left" >"$TMPDIR/left"
	fail "left-overs" "$TMPDIR/left"
fi

echo "took $(($(date +%s) - started)) seconds"
echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" = 0 ] && [ "$n_passed" -gt 0 ]
