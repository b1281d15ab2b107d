# Locks under eight readers, with files that they open, hold and have mapped: no read that begins after the lock was
# acknowledged gets bytes. In the controls the kernel is not told to forget, or what is held is not wiped.
# Controls: notify held
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/patched.sh"
sandbox
need_fuse
locks=60
seconds=600
[ -z "${TV_MINUTES:-}" ] || locks=1000000 seconds=$((TV_MINUTES * 60))
[ -z "${TV_CONTROL:-}" ] || locks=5
case ${TV_CONTROL:-} in
notify)
	patched "$TV_BUILD" fusefs/tokenvault-fs "$BIN/tokenvault-fs" fusefs/inval.c \
		's/fuse_lowlevel_notify_inval_inode(/(void)(/'
	;;
held)
	patched "$TV_BUILD" fusefs/tokenvault-fs "$BIN/tokenvault-fs" fusefs/rendering.c \
		'/^void tv_renderings_wipe/,$ { s/tv_secret_free(&r->bytes);//; s/r->wiped = true;// }'
	;;
esac
cp "$TV_BUILD/tests/lock_readers" "$BIN/"
chmod 755 "$BIN"/*
by_keyfile
check "init" tv init
check "add" add choreo "$CHOREO"
check "mount" tv mount
as_user "$BIN/lock_readers" "$XDG_RUNTIME_DIR/tokenvault/default.sock" "$key" "$locks" "$seconds" \
	"$HOME/.choreo/token" "$XDG_RUNTIME_DIR/tokenvault/default/choreo/default/token" \
	>"$SANDBOX/said" 2>"$SANDBOX/err"
read -r tried found <<END
$(grep -v '^#' "$SANDBOX/said")
END
grep '^#' "$SANDBOX/said"
if [ "${tried:-0}" -gt 0 ]; then
	ok "the readers came to their end"
else
	not_ok "the readers came to their end" "$(cat "$SANDBOX/err")"
fi
check "unmount" tv unmount
check "nothing stays mounted" none_mounted
expected=0
# Pages that the kernel dropped by itself meanwhile are not found.
[ "${TV_CONTROL:-}" != notify ] || expected=1
[ "${TV_CONTROL:-}" != held ] || expected=$locks
echo "# tried ${tried:-0}, found ${found:-0}, expected $expected, skipped 0"
finish
