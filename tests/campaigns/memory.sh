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
if [ -z "${TV_CONTROL:-}" ]; then
	mv "$BIN/tokenvault-fs" "$SANDBOX/tokenvault-fs"
	patched "$TV_BUILD" fusefs/tokenvault-fs "$BIN/tokenvault-fs" vault/hidden.c 's/= (int)syscall(SYS_memfd_secret, O_CLOEXEC)/= -1/'
	chmod 755 "$BIN/tokenvault-fs"
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

k() {
	as_user "$BIN/tokenvault" --keyfile "$HOME/key" "$@"
}

# ---- hidden memory
mv "$SANDBOX/tokenvault-fs" "$BIN/tokenvault-fs"
if as_user "$PYTHON" -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(447, 0) < 0)'; then
	check "mount" k -q mount
	as_user find "$XDG_RUNTIME_DIR/tokenvault/default" -type f -exec cat {} + >/dev/null
	server=$(k status --json | sed -n 's/.*"server_pid":[^0-9]*\([0-9]*\).*/\1/p')
	same "root sees no token in an open server" "$("$PYTHON" "$TESTS/mount/memory.py" "$server" "$SANDBOX/needles")" 0
	like "it is hidden" "$(cat "/proc/$server/maps")" secretmem
	check "lock" k lock
	hides_nothing() {
		! grep -q secretmem "/proc/$server/maps"
	}
	check "a locked one hides nothing, and lets the machine hibernate" wait_for 3 hides_nothing
	check "unmount" k unmount
else
	skip "root sees no token in an open server" "this kernel has no memfd_secret"
fi

# ---- where memory can't be locked
check_exit 0 "mount, with no memory to be locked" as_user prlimit --memlock=0:0 "$BIN/tokenvault" --keyfile "$HOME/key" mount
like "says so" "$ERR" 'may be swapped: the limit of locked memory is too low'
like "status says so" "$(k status)" 'may be swapped'
like "and for programs" "$(k status --json)" '"memory_locked":[[:space:]]*false'
check "unmount" k unmount
finish
