# A vault of which client and server exchange no more than they have to: edits, and a file that is not what it was.
. "$(dirname "$0")/../lib.sh"
sandbox
need_fuse
vault=$XDG_DATA_HOME/tokenvault/default.vault
cp "$TV_BUILD/tests/bench_fill" "$BIN/fill" && chmod 755 "$BIN/fill"

bare() {
	as_user setsid -w "$BIN/tokenvault" "$@" </dev/null
}

# flip OFFSET: changes a byte of the vault's file in its place; once more changes it back.
flip() {
	as_user "$PYTHON" -c '
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte[0] ^ 1]))
' "$vault" "$1"
}

# put TOKEN COMMAND …: tokenvault with the token on standard input.
put() {
	printf '%s\n' "$1" | {
		shift
		tv "$@"
	}
}

detail_is() {
	[ "$(status_of detail | grep -c "$1")" = "$2" ]
}

generation() {
	status_of generation
}

check "init" make_vault
check "a vault of 5000 entries" as_user sh -c '"$1" "$2" 5000 <"$3"' sh "$BIN/fill" "$vault" "$SANDBOX/passphrase"
check "mount" tv mount choreo
before=$(generation)
check_exit 0 "add" put one add -q --no-verify choreo/fresh
check_exit 0 "and change it" put two set -q choreo/fresh --token --no-verify
check_exit 0 "use it" bare use choreo/fresh
same "the mounted file follows" "$(as_user cat "$HOME/.choreo/token")" two
check_exit 0 "remove another" bare remove -q choreo/label-00003
same "each was one save" "$(generation)" $((before + 4))

# The directory view follows when somebody asks: by itself it would take two seconds.
tree=$(status_of tree)
missed=0
for i in 1 2 3 4 5; do
	put "soon$i" add -q --no-verify "choreo/soon$i"
	[ "$(as_user cat "$tree/choreo/soon$i/token")" = "soon$i" ] || missed=$((missed + 1))
	bare remove -q "choreo/soon$i"
	! as_user ls "$tree/choreo" | grep -q soon || missed=$((missed + 1))
done
same "the directory view has what a command has made, and not what one has removed" "$missed" 0

# The disk fails at what was copied while the rest of it still is.
full() {
	as_user env ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" strace -f -qq -o /dev/null \
		-e inject=sync_file_range:error=ENOSPC:when=2 "$BIN/tokenvault" -q "$@"
}
put_full() {
	printf 'x\n' | full add --no-verify choreo/full
}
as_user cp "$vault" "$SANDBOX/tmp/before"
check_exit 7 "a disk that is full halfway" put_full
like "is told of" "$ERR" 'No space left on device; nothing was changed, free some space'
check "and changes nothing" cmp -s "$SANDBOX/tmp/before" "$vault"
same "nor is anything left of it" "$(find "${vault%/*}" -name '.default.vault.saving-*' | wc -l)" 0

# A changed payload under the same header: what is open before goes on, and nothing is saved over it.
as_user cp "$vault.bak" "$SANDBOX/tmp/bak"
size=$(stat -c %s "$vault")
flip $((size - 5000))
check "a changed payload is noticed" wait_for 20 detail_is damaged 1
check_exit 5 "an edit is refused" put x add -q --no-verify choreo/never
like "and says why" "$ERR" 'the payload was changed'
check "the backup is the one before" cmp -s "$SANDBOX/tmp/bak" "$vault.bak"
same "reading goes on" "$(bare show choreo/fresh)" two
flip $((size - 5000))
check "as is its mending" wait_for 20 detail_is damaged 0
check_exit 0 "then edits go on" put three add -q --no-verify choreo/third
as_user cp "$vault" "$SANDBOX/tmp/whole"
as_user truncate -s -1 "$vault"
check_exit 5 "a file that was cut is refused" bare use choreo/third
as_user sh -c 'cat "$1" >"$2"' sh "$SANDBOX/tmp/whole" "$vault"
check "and taken when it is whole" wait_for 20 detail_is damaged 0
check_exit 0 "to be edited" bare use choreo/third
check_exit 0 "lock" bare lock
check_exit 0 "unlock" tv unlock
same "the file is what was said of it" "$(bare show choreo/third)" three

# Three files take turns, and nobody keeps any of them open.
three_files() {
	find "${vault%/*}" -type f -exec stat -c '%i %w' '{}' + | sort
}
for note in a b; do
	bare set -q choreo/third --note "$note"
done
before=$(three_files)
for note in c d e f; do
	bare set -q choreo/third --note "$note"
done
same "no save makes a new file" "$(three_files)" "$before"
if is_root; then
	same "none is held open" "$(find "/proc/$(keeper_pid)/fd" -lname "${vault%/*}/*" | wc -l)" 0
else
	skip "none is held open" "needs root to be seen"
fi

# A disk that is slower than the server: what is to be saved is on its way while it is locked, and while it ends.
slow() {
	as_user env ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" strace -f -qq -o /dev/null -e trace=pwrite64 \
		-e inject=pwrite64:delay_enter=500000 "$BIN/tokenvault" -q "$@"
}
is_saving() {
	find "${vault%/*}" -name '.default.vault.saving-[0-9a-f]*' | grep -q .
}
begin_slowly() {
	printf '%s\n' "$1" | slow add --no-verify "choreo/$1" &
	adding=$!
	wait_for 5 is_saving
	sleep 0.25
}
begin_slowly slow
check_exit 0 "lock" bare lock
wait "$adding" && code=0 || code=$?
same "what was being saved is" "$code" 0
check_exit 0 "unlock" tv unlock
same "and shown" "$(bare show choreo/slow)" slow
begin_slowly slower
check_exit 0 "unmount" bare unmount
wait "$adding" && code=0 || code=$?
same "so is what was while it ended" "$code" 0
same "and is there" "$(tv show choreo/slower)" slower

# Who takes nothing of it keeps the server for two seconds; the keeper would end it after five.
cp "$TESTS/mount/unsaved.py" "$TESTS/mount/between.py" "$BIN/" && chmod 755 "$BIN"/*.py
check "mount again" tv mount choreo
server=$(server_pid)
echo x | as_user "$PYTHON" "$BIN/unsaved.py" "$XDG_RUNTIME_DIR/tokenvault/default.sock" "$vault" never --leave \
	>"$SANDBOX/tmp/asked" 2>&1 &
asking=$!
check "an edit of which nothing is taken" wait_for 10 grep -q asked "$SANDBOX/tmp/asked"
as_user "$BIN/tokenvault" unmount >/dev/null 2>&1 &
is_gone() {
	[ ! -e "/proc/$server" ]
}
sleep 1
check "is waited for" test -e "/proc/$server"
check "but not for long" wait_for 3 is_gone
kill "$asking"
wait
check_exit 4 "and was not made" tv show choreo/never
same "without a server too" "$(tv show choreo/fresh)" two
finish
