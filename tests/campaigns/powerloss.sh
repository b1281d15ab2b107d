# Power cuts: every write and flush of a disk is recorded while a vault is made and edited on it, directly and through the
# server. Images of what the disk may have had at any moment, whole, with the last write torn, or with some of the writes
# since the last flush, are mounted: the vault is there, as old as what was acknowledged at least, and opens; what was seen of
# it may lag behind it, and is never ahead; no file with an older key is beside it. The controls leave out the flush of the
# file, or of the directory, or note what is seen before it is there, or write a file over that a killed save
# has left without a name of its own. The short form takes a sample, on ext4 alone, there
# with a large vault, too, which is written while it is being made.
# Controls: file directory seen spare
# Wants: mkfs.xfs=xfsprogs mkfs.btrfs=btrfs-progs
. "$(dirname "$0")/../lib.sh"
. "$TESTS/patched.sh"
sandbox
is_root || skip_all "only root can mount images of disks"
need_fuse
command -v strace >/dev/null || skip_all "strace is not installed"
command -v cc >/dev/null || skip_all "no compiler"
[ "$("$PYTHON" -c 'import nacl' 2>&1)" = "" ] || skip_all "python3-nacl is not installed"
# shellcheck disable=SC2046
cc -O1 -o "$BIN/powerloss_disk" "$TESTS/campaigns/powerloss_disk.c" $(pkg-config --cflags --libs fuse3) ||
	bail_out "powerloss_disk.c"
kinds='ext4 ext4:5000'
seconds=1
least=40
if [ -n "${TV_MINUTES:-}" ]; then
	kinds='ext4 xfs btrfs ext4:5000'
	seconds=$((TV_MINUTES * 15))
	least=1000
fi
expected=0
case ${TV_CONTROL:-} in
'') ;;
*)
	kinds=ext4
	expected=1
	least=${TV_MINUTES:+300}
	least=${least:-25}
	seconds=1
	;;
esac
case ${TV_CONTROL:-} in
file) # The file is named before it is on the disk.
	patched "$TV_BUILD" cli/tokenvault "$BIN/tokenvault" vault/file.c \
		's/failed = is_new ? fsync(fd) : fdatasync(fd);/failed = is_new \&\& fd < 0;/'
	;;
directory) # The name is not on the disk when the edit is acknowledged.
	patched "$TV_BUILD" cli/tokenvault "$BIN/tokenvault" vault/store.c 's/failed = fsync(s->dir);/failed = 0;/'
	;;
spare) # It keeps its name while it is taken: what a killed save leaves under that may be the vault itself on the disk.
	patched "$TV_BUILD" cli/tokenvault "$BIN/tokenvault" vault/temporary.c \
		's/!renameat(dirfd, spare, dirfd, temporary)/strcpy((char *)(uintptr_t)temporary, spare)/'
	# One write of all, if that is torn.
	least=600
	;;
seen) # The generation is noted before it is there.
	patched "$TV_BUILD" cli/tokenvault "$BIN/tokenvault" vault/local.c \
		's/status = tv_store_place(store, saved, false, backup_of(made), err);/{ tv_local_remember_edit(l, made); status = tv_store_place(store, saved, false, backup_of(made), err); }/'
	;;
esac
cp "$TV_BUILD/tests/bench_fill" "$BIN/fill" || bail_out "no bench_fill"
cp "$TESTS/campaigns/powerloss.py" "$TESTS/reader.py" "$TESTS/reader_document.py" "$TESTS/spare.py" "$BIN/"
head -c 64 /dev/urandom >"$SANDBOX/key"
chmod 644 "$SANDBOX/key"
mkdir "$SANDBOX/no-run"
chown 65534:65534 "$SANDBOX/no-run"
chmod 700 "$SANDBOX/no-run"
chmod 755 "$BIN"/*
export SANDBOX

# One file system of each kind; its images lie in memory, so that they cost no time on a disk, and are mounted where nobody
# else's new namespace takes a copy of the mount along, which would keep it alive.
of_kind() {
	if ! grep -qw "${1%:*}" /proc/filesystems && ! modprobe -q "${1%:*}" 2>/dev/null; then
		skip "$1" "this kernel does not have it"
		skipped=$((skipped + 1))
		return
	fi
	if ! command -v "mkfs.${1%:*}" >/dev/null; then
		skip "$1" "mkfs.${1%:*} is not installed"
		skipped=$((skipped + 1))
		return
	fi
	mkdir -p "$SANDBOX/disk"
	# shellcheck disable=SC2016
	unshare --mount --propagation private sh -c \
		'mount -t tmpfs -o mode=755 tmpfs "$1" && shift && exec "$@"' sh "$SANDBOX/disk" \
		"$PYTHON" "$BIN/powerloss.py" "$1" "$SANDBOX/key" "$seconds" "$least" >"$SANDBOX/said" 2>&1
	line=$(sed -n 's/^# tried \([0-9]*\), found \([0-9]*\),.*/\1 \2/p' "$SANDBOX/said")
	if [ -z "$line" ]; then
		not_ok "$1 came to its end" "$(tail -n 5 "$SANDBOX/said")"
		found=$((found + 1))
		return
	fi
	grep -v '^# tried ' "$SANDBOX/said" | while IFS= read -r said; do
		case $said in
		'not ok '*) printf '#   %s\n' "${said#not ok }" ;;
		*) echo "$said" ;;
		esac
	done
	tried=$((tried + ${line% *}))
	found=$((found + ${line#* }))
	if [ "${line#* }" = 0 ] || [ -n "${TV_CONTROL:-}" ]; then
		ok "$1: ${line% *} images, ${line#* } with losses"
	else
		not_ok "$1: ${line% *} images, ${line#* } with losses"
	fi
}

tried=0
found=0
skipped=0
for kind in $kinds; do
	of_kind "$kind"
done
echo "# tried $tried, found $found, expected $expected, skipped $skipped"
finish
