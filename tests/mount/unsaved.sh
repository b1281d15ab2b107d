# An edit whose client never brings its bytes back, or brings other ones: what is shown stays, and nothing of it outlives a lock.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
by_keyfile
cp "$TESTS/mount/unsaved.py" "$TESTS/mount/between.py" "$BIN/"
chmod 755 "$BIN"/*.py
check "init" tv init
check "add" add choreo "$CHOREO"
check "mount" tv mount
vault=$XDG_DATA_HOME/tokenvault/default.vault
tree=$XDG_RUNTIME_DIR/tokenvault/default

edit() {
	printf '%s\n' "$CHOREO_EU" |
		as_user "$PYTHON" "$BIN/unsaved.py" "$XDG_RUNTIME_DIR/tokenvault/default.sock" "$vault" "$@"
}
hides() {
	grep -q secretmem "/proc/$(server_pid)/maps"
}
hides_nothing() {
	! hides
}

# ---- the header, the payload and its tag changed
damaged=$(grep -o '^TV_STATUS([A-Z_]*' "$ROOT/vault/status.def" | sed -n '/(DAMAGED$/=')
damaged=$((damaged - 1))
same "other bytes are not taken" "$(edit one)" "added 0
damage $damaged
damage $damaged
damage $damaged"
check_exit 4 "nothing was added" tv show choreo/one
same "what was shown is" "$(as_user cat "$HOME/.choreo/token")" "$CHOREO"

# ---- a lock, with an edit under way
if is_root && hides; then
	same "another" "$(edit two | head -n 1)" "added 0"
	sleep 0.3
	check "lock" tv lock
	check "nothing is left of either vault" wait_for 3 hides_nothing
	check "unlock" tv unlock
else
	skip "nothing is left of either vault" "no hidden memory to be seen"
fi
check_exit 4 "it was not added" tv show choreo/two

# ---- the bytes that it made, as if they were saved
like "its header is enough" "$(edit three --save)" 'saved 0$'
check "it is shown" as_user test -e "$tree/choreo/three/token"
check "a lock" tv lock
check "an unlock, which takes the file as it is" tv unlock
check_exit 4 "it is gone" tv show choreo/three

# ---- a directory that is long on its way to the disk, and no keeper to see the file
if is_root && command -v strace >/dev/null && [ -z "${TV_SANITIZED:-}" ]; then
	keeper=$(keeper_pid)
	kill -STOP "$keeper"
	printf 'fourth-token\n' | as_user strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:delay_enter=3000000:when=2 \
		"$BIN/tokenvault" -q add --no-verify choreo/four 2>/dev/null &
	adding=$!
	check "an edit is shown meanwhile" wait_for 2 as_user test -e "$tree/choreo/four/token"
	check "and the command waits for the disk" kill -0 "$adding"
	kill -CONT "$keeper"
	wait "$adding" && code=0 || code=$?
	same "in the end it was added" "$code" 0
	# The server is told between the two.
	server=$(server_pid)
	printf 'fifth-token\n' | as_user strace -f -qq -o /dev/null -e trace=renameat2,fsync -e inject=fsync:delay_enter=1000000:when=2 \
		-e inject=renameat2:delay_exit=500000:when=1 "$BIN/tokenvault" -q add --no-verify choreo/five 2>/dev/null &
	adding=$!
	is_renamed() {
		[ "$(as_user stat -c %i "$vault")" != "$inode" ]
	}
	inode=$(as_user stat -c %i "$vault")
	check "another edit is renamed into its place" wait_for 5 is_renamed
	kill -STOP "$server"
	sleep 2.5
	check "and waits for the server, too" kill -0 "$adding"
	kill -CONT "$server"
	wait "$adding" && code=0 || code=$?
	same "in the end it was added" "$code" 0

	# ---- a new key that is in its place, of which nobody has told: who edits next brings it
	check "a key to take away" tv key add keyfile "$SANDBOX/tmp/spare" --label spare
	kill -STOP "$keeper"
	as_user strace -f -qq -o /dev/null -e trace=sendto -e inject=sendto:signal=SIGKILL:when=3 \
		"$BIN/tokenvault" --keyfile "$key" key remove spare >/dev/null 2>&1 && code=0 || code=$?
	same "who took it away was killed" "$code" 137
	check "the next edit is made" add choreo/six "$CHOREO"
	check "by a vault without it" eval '! tv key list | grep -q spare'
	kill -CONT "$keeper"
	same "and shown" "$(as_user cat "$tree/choreo/six/token")" "$CHOREO"
else
	skip "an edit is shown while its directory comes to the disk" "needs root, strace and no sanitizer"
fi
check "unmount" tv unmount
finish
