#!/bin/sh
# How fast it is, beside the least that is possible and beside what people use instead: sh tests/bench.sh [NAME…]
# Builds an optimised tree, measures everything or what is named, and prints a table and a chart; the same goes as
# JSON to build-check/bench.json. Each figure is a median of ratios, of commands that ran in turn. --quick before the
# names takes a quarter of the rounds; --publish also puts the figures into tests/bench/results.json, and from there
# into the README. A target that is missed is said and fails nothing: this machine may be busy.

ROOT=$(cd "$(dirname "$0")/.." && pwd) || exit 1
quick=
publish=
while :; do
	case ${1:-} in
	--quick) quick=--quick ;;
	--publish) publish=1 ;;
	-*)
		echo "usage: sh tests/bench.sh [--quick] [--publish] [NAME…]" >&2
		exit 2
		;;
	*) break ;;
	esac
	shift
done
peers='gocryptfs securefs encfs cryfs pass gnupg gpg-agent age keepassxc libsecret-tools gnome-keyring dbus-daemon'

. "$ROOT/tests/setup.sh"
export LC_ALL=C.UTF-8
# What is compared with comes from the system's packages; without them their rows are left out.
install_missing libcmocka-dev python3
if [ "$(id -u)" = 0 ]; then
	# shellcheck disable=SC2086
	(install_missing $peers) || for package in $peers; do
		(install_missing "$package")
	done
fi
open_fuse
choose_builds "${TMPDIR:-/tmp}"
build bench gcc --buildtype=release || die "does not build: see $BUILDS/bench.log"
TV_BUILD=$BUILDS/bench
results=$BUILDS/bench.json

. "$ROOT/tests/lib.sh"
skip_all() {
	die "can't measure anything: $1"
}
sandbox
need_fuse
for tool in apart empty fifo fill floor kdf libfuse pair readers reads save visible; do
	cp "$TV_BUILD/tests/bench_$tool" "$BIN/$tool" || exit 1
done
export SANDBOX BIN
# shellcheck disable=SC2086
"$PYTHON" "$ROOT/tests/bench/bench.py" $quick "$results" "$@"
code=$?
[ "$code" -gt 1 ] || echo "the figures are in $results"
if [ "$code" = 0 ] && [ -n "$publish" ]; then
	cp "$results" "$ROOT/tests/bench/results.json" &&
		"$PYTHON" "$ROOT/tests/bench/report.py" "$ROOT/tests/bench/results.json" "$ROOT/README.md" \
			"$ROOT/tests/bench/results.svg"
	code=$?
fi
exit "$code"
