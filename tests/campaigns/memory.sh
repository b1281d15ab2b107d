# Secrets in memory: of each command as it ends, of the keeper at all times, of the server after a lock. A part out of the
# middle of every token, passphrase and key, and of what Argon2 makes on its way, is looked for in all that a process may
# have written. Where memory can't be locked, that is said. In the control the programs free without wiping.
# Controls: wipe
. "$(dirname "$0")/../lib.sh"
. "$TESTS/patched.sh"
is_root || skip_all "needs root, to look into the memory of others"
[ -z "${TV_SANITIZED:-}" ] || skip_all "a sanitizer keeps what is freed"
sandbox
need_fuse
[ "$("$PYTHON" -c 'import nacl' 2>&1)" = "" ] || skip_all "python3-nacl is not installed"
if [ "${TV_CONTROL:-}" = wipe ]; then
	patched "$TV_BUILD" cli/tokenvault "$BIN/tokenvault" vault/zerofree.c 's/explicit_bzero/(void)sizeof/' \
		vault/arena.c '/^void tv_arena_free/,/^}/ s/sodium_memzero(.*;//; s/[*]next_of(b) = NULL;/memset(b + 1, 0, b->size);/'
	chmod 755 "$BIN/tokenvault"
fi
cp "$TESTS"/campaigns/memory*.py "$TESTS/reader.py" "$TESTS/reader_document.py" "$BIN/"
ROUNDS=1
[ -z "${TV_MINUTES:-}" ] || ROUNDS=$((TV_MINUTES * 10))
export ROUNDS
"$PYTHON" "$BIN/memory.py" "$SANDBOX" "${TV_CONTROL:-}" >"$SANDBOX/said" 2>"$SANDBOX/err"
while IFS= read -r line; do
	case $line in
	'ok '*) ok "${line#ok }" ;;
	'not ok '*) not_ok "${line#not ok }" ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$SANDBOX/said"
grep -q '^# tried [1-9]' "$SANDBOX/said" || not_ok "memory.py came to its end" "$(tail -n 5 "$SANDBOX/err")"
[ -z "${TV_CONTROL:-}" ] || finish

# ---- where memory can't be locked
k() {
	as_user "$BIN/tokenvault" --keyfile "$HOME/key" "$@"
}
check_exit 0 "mount, with no memory to be locked" as_user prlimit --memlock=0:0 "$BIN/tokenvault" --keyfile "$HOME/key" mount
like "says so" "$ERR" 'may be swapped: the limit of locked memory is too low'
like "status says so" "$(k status)" 'may be swapped'
like "and for programs" "$(k status --json)" '"memory_locked":[[:space:]]*false'
check "unmount" k unmount
finish
