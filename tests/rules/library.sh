# What libvault.a is as a whole: its symbols' prefix, what it links with, its headers alone.
. "$(dirname "$0")/../lib.sh"
ROOT=${1:-$ROOT}
LIBRARY=${2:-$TV_BUILD/vault/libvault.a}
SANDBOX=$(mktemp -d "${TMPDIR:-/tmp}/tv.XXXXXX") || exit 1
trap 'rm -rf "$SANDBOX"' EXIT
[ -f "$LIBRARY" ] || bail_out "no $LIBRARY: build first"
CC=${CC:-cc}
flags="-std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -I$ROOT"

strangers=$(nm -g --defined-only "$LIBRARY" | awk 'NF == 3 && $2 ~ /^[A-Z]$/ { print $3 }' |
	grep -Ev '^(tv_|__asan_|__odr_asan|__ubsan_|_GLOBAL__)' | sort -u)
same "every global symbol begins with tv_" "$strangers" ""

# Meson makes thin archives: the members lie beside it.
echo 'int main(void) { return 0; }' >"$SANDBOX/main.c"
sanitize=
[ -z "${TV_SANITIZED:-}" ] || sanitize=-fsanitize=address,undefined
# shellcheck disable=SC2086
check "all of it links with libsodium and cJSON and nothing else" \
	"$CC" $sanitize "$SANDBOX/main.c" -o "$SANDBOX/main" -Wl,--no-undefined \
	-Wl,--whole-archive "$LIBRARY" -Wl,--no-whole-archive -lsodium -lcjson

alone() {
	for header in $(cd "$ROOT" && find vault fusefs cli -name '*.h'); do
		printf '#include "%s"\n#include "%s"\n' "$header" "$header" >"$SANDBOX/one.c"
		# Generated headers are in the build directory.
		# shellcheck disable=SC2086
		"$CC" $flags "-I$TV_BUILD" $(pkg-config --cflags fuse3) -fsyntax-only \
			"$SANDBOX/one.c" || return 1
	done
}
# A path with a space can't go through $flags.
case $ROOT in
*' '*)
	ln -s "$ROOT" "$SANDBOX/root"
	flags="-std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -I$SANDBOX/root"
	;;
esac
check "headers compile alone, and twice" alone
finish
