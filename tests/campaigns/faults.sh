# Every system call of add, set, remove, passwd, key add, key remove, undo and forget fails in turn, or is where the
# program is killed, or writes one byte only; directly and with a server: the vault is the old one or the new one, what was
# acknowledged is there, and the next edit clears what was left. The short form takes a sample of the points.
# Controls: inplace acknowledged dropped
. "$(dirname "$0")/../lib.sh"
. "$TESTS/patched.sh"
sandbox
need_fuse
for program in strace cc; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
[ "$("$PYTHON" -c 'import nacl' 2>&1)" = "" ] || skip_all "python3-nacl is not installed"
seconds=4
only=
[ -z "${TV_MINUTES:-}" ] || seconds=$((TV_MINUTES * 60))
[ -z "${TV_CONTROL:-}" ] || seconds=2
# What is injected does not hang on the disk, which would only be waited for.
if is_root && mount -t tmpfs -o mode=700 tmpfs "$SANDBOX/tmp"; then
	chown 65534:65534 "$SANDBOX/tmp"
	cd "$SANDBOX/tmp" || exit 1
fi
case ${TV_CONTROL:-} in
inplace) # The vault itself is written, and nothing beside it.
	only='write'
	patched "$TV_BUILD" cli/tokenvault "$BIN/tokenvault" vault/store.c \
		's/status = tv_file_end(&s->begun, .*/{ int fd = openat(s->dir, s->name, O_WRONLY | O_CREAT | O_TRUNC, 0600); for (size_t at = 0; at < file->len; at += 512) if (write(fd, file->data + at, file->len - at < 512 ? file->len - at : 512) < 0) return tv_fail(err, TV_IO, "write"); close(fd); return TV_OK; }/'
	;;
dropped) # A backup that was to go, and can't, stays.
	only='unlinkat'
	patched "$TV_BUILD" cli/tokenvault "$BIN/tokenvault" vault/store.c \
		's/if (unlinkat(s->dir, s->backup_name, 0) && errno != ENOENT)/if (unlinkat(s->dir, s->backup_name, 0) \&\& !s)/'
	;;
acknowledged) # What can't be put in its place is said to be there.
	only='renameat2'
	patched "$TV_BUILD" cli/tokenvault "$BIN/tokenvault" vault/store.c \
		's/!\(renameat2(s->dir, temporary, s->dir, s->name, RENAME_EXCHANGE)\)/(\1, true)/'
	;;
esac
chmod 755 "$BIN/tokenvault"
cc -shared -fPIC -D_GNU_SOURCE -O1 -o "$BIN/faults_short.so" "$TESTS/campaigns/faults_short.c" || bail_out "faults_short.c"
cp "$TESTS/campaigns/faults.py" "$TESTS/reader.py" "$TESTS/reader_document.py" "$TESTS/spare.py" "$BIN/"
cp "$TV_BUILD/tests/bench_fill" "$BIN/fill" || bail_out "no bench_fill"
chmod 755 "$BIN"/*
head -c 64 /dev/urandom >"$SANDBOX/key"
chmod 644 "$SANDBOX/key"
export SANDBOX
# shellcheck disable=SC2086
as_user "$PYTHON" "$BIN/faults.py" "$SANDBOX/key" "$seconds" "$(nproc)" $only >"$SANDBOX/said" 2>&1
expected=0
[ -z "${TV_CONTROL:-}" ] || expected=1
while IFS= read -r line; do
	case $line in
	'not ok '*) not_ok "${line#not ok }" ;;
	'# tried '*) printf '%s\n' "$line" | sed "s/expected 0/expected $expected/" ;;
	*) echo "$line" ;;
	esac
done <"$SANDBOX/said"
if grep -q '^# tried [1-9]' "$SANDBOX/said"; then
	ok "faults.py came to its end"
else
	not_ok "faults.py came to its end" "$(tail -n 5 "$SANDBOX/said")"
fi
finish
