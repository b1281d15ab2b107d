# Commands that ask the session first start libsodium late: never after they want something of it.
. "$(dirname "$0")/../lib.sh"
sandbox
need_fuse
[ -z "$TV_SANITIZED" ] || skip_all "a sanitizer wants to be the first library"
cp "$TV_BUILD/tests/early.so" "$BIN/"
chmod 755 "$BIN/early.so"

# early COMMAND …: with the library that ends who is too early.
early() {
	as_user env LD_PRELOAD="$BIN/early.so" "$BIN/tokenvault" -q --keyfile "$HOME/key" "$@"
}

# What follows these only goes on with what they began, or needs no start.
guarded=$(sed -n 's/^GUARD([a-z0-9_]*, \([a-z0-9_]*\),.*/\1/p; s/^void \(randombytes_buf\)(.*/\1/p' "$TESTS/unit/early.c")
same "all that is called is guarded" "$(nm -D --undefined-only "$BIN/tokenvault" | sed -n 's/.* U //p' |
	grep -E '^(crypto_|randombytes)' | grep -vE '_(update|final)$' | grep -vxF "$guarded")" ""

# As in `add` and `set`: with a server, with a locked one, and with none.
each_way() {
	check "$1: add" early add --no-verify "choreo/$1" --field address=https://apis.eu.choreo.dev <"$SANDBOX/token"
	check "$1: add, with a check of the token" early add "choreo/$1-checked" <"$SANDBOX/token"
	check "$1: set" early set "choreo/$1" --note changed
	check "$1: set --token" early set --no-verify --token "choreo/$1" <"$SANDBOX/token"
	same "$1: show" "$(early show "choreo/$1")" tok
	check "$1: show --json" early show "choreo/$1" --json
	check "$1: list" early list
	check "$1: list --json" early list choreo --json
	check_exit 4 "$1: nothing" early show choreo/nothing
}
echo tok >"$SANDBOX/token"
chmod 644 "$SANDBOX/token"
check_exit 0 "init" make_vault --keyfile "$HOME/key"
each_way none
check "mount" early mount
each_way server
check "lock" early lock
each_way locked
check "unlock" early unlock
check "unmount" early unmount

export TV_NEVER=1
check_exit 134 "without a start it is noticed" early add --no-verify choreo/never <"$SANDBOX/token"
like "and named" "$ERR" '^early: crypto_|^early: randombytes_'
finish
