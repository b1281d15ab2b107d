# Every rule can fail: breaks each in a copy of the sources, and wants to see it noticed.
. "$(dirname "$0")/../lib.sh"
SANDBOX=$(mktemp -d "${TMPDIR:-/tmp}/tv.XXXXXX") || exit 1
trap 'rm -rf "$SANDBOX"' EXIT
trap 'exit 129' HUP INT TERM PIPE
export PYTHONDONTWRITEBYTECODE=1

mkdir "$SANDBOX/copy"
(cd "$ROOT" && cp -r meson.build README.md LICENSE .clang-format vault fusefs cli "$SANDBOX/copy" &&
	find tests -path tests/vectors -prune -o -type f -print0 |
	xargs -0 cp --parents -t "$SANDBOX/copy")

# noticed CHECK FILE: the check of that name fails in the copy, whose last changed file is then as it was.
noticed() {
	read -r changed <"$SANDBOX/changed"
	said=$("$PYTHON" "$ROOT/tests/rules/$2" "$SANDBOX/copy" "$1" 2>&1)
	like "noticed: $1" "$said" "^not ok [0-9]+ - $1"
	if [ -e "$ROOT/$changed" ]; then
		cp "$ROOT/$changed" "$SANDBOX/copy/$changed"
	else
		rm "$SANDBOX/copy/$changed"
	fi
}

# append FILE: standard input at its end.
append() {
	echo "$1" >"$SANDBOX/changed"
	cat >>"$SANDBOX/copy/$1"
}

echo '#include "fusefs/keeper.h"' | append vault/secret.c
noticed "includes follow the arrows" sources.py
echo '#include "vault/header.h"' | append cli/main.c
noticed "includes follow the arrows" sources.py
echo '#include "cli/main.h"' | append fusefs/main.c
noticed "includes follow the arrows" sources.py
echo '#include <cjson/cJSON.h>' | append vault/doc.c
noticed "foreign headers stay where they belong" sources.py
echo '#include <fuse_lowlevel.h>' | append cli/main.c
noticed "foreign headers stay where they belong" sources.py
echo '#include <seccomp.h>' | append fusefs/main.c
noticed "foreign headers stay where they belong" sources.py
echo 'void f(char *a, char *b) { strcpy(a, b); }' | append cli/main.c
noticed "no banned call" sources.py
echo 'char *f(void) { return getenv("HOME"); }' | append vault/status.c
noticed "no banned call" sources.py
echo 'int f(char *key, char *b) { return memcmp(key, b, 3); }' | append vault/seal.c
noticed "no memcmp on secrets" sources.py
echo 'int a;' | append cli/bare.c
noticed "every file says what it is for" sources.py
seq 460 | sed 's/.*/extern int a&;/' | append vault/status.c
noticed "no file over 450 lines" sources.py
echo '/* TO''DO */' | append vault/status.c
noticed "nothing unfinished" sources.py
echo 'x' | append notes.txt
noticed "nothing else at the top level" sources.py
if command -v ctags >/dev/null; then
	{ echo 'void f(void)'; echo '{'; seq 60 | sed 's/.*/\tf();/'; echo '}'; } | append cli/main.c
	noticed "no function over 60 lines" sources.py
	{ echo '/* A. */'; echo 'int main(void)'; echo '{'; seq 25 | sed 's/.*/\tf();/'; echo '}'; } |
		append cli/other.c
	noticed "no function over 60 lines" sources.py
fi
if command -v clang-format >/dev/null; then
	echo 'int  a ;' | append vault/status.c
	noticed "clang-format agrees" sources.py
fi
echo vault/status.def >"$SANDBOX/changed"
sed -i 's/TV_STATUS(IO, 7,/TV_STATUS(IO, 8,/' "$SANDBOX/copy/vault/status.def"
noticed "rows of status.def are as they were" status.py
echo 'TV_STATUS(ODD, 77, EIO, "odd")' | append vault/status.def
noticed "the manual has every exit code" status.py

echo 'int stranger(void); int stranger(void) { return 0; }' >"$SANDBOX/a.c"
cc -c "$SANDBOX/a.c" -o "$SANDBOX/a.o" && ar rc "$SANDBOX/a.a" "$SANDBOX/a.o"
said=$(sh "$ROOT/tests/rules/library.sh" "$ROOT" "$SANDBOX/a.a")
like "noticed: a symbol without the prefix" "$said" '^not ok 1 '
echo 'void other(void); int tv_x(void); int tv_x(void) { other(); return 0; }' >"$SANDBOX/a.c"
rm "$SANDBOX/a.a"
cc -c "$SANDBOX/a.c" -o "$SANDBOX/a.o" && ar rc "$SANDBOX/a.a" "$SANDBOX/a.o"
said=$(sh "$ROOT/tests/rules/library.sh" "$ROOT" "$SANDBOX/a.a")
like "noticed: a library that needs another" "$said" '^not ok 2 '
echo 'struct tv_secret *f(no_such_type x);' | append vault/status.h
said=$(sh "$ROOT/tests/rules/library.sh" "$SANDBOX/copy")
like "noticed: a header that does not compile alone" "$said" '^not ok 3 '
finish
