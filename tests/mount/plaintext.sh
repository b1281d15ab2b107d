# No token is on any disk or in shared memory, whatever the vault's state, and unmount leaves the
# tools' directories as they were.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
write_needles
# A tool that was used before: its directory has a mode and files of its own.
as_user mkdir -p "$HOME/.azion/default"
as_user sh -c 'chmod 755 "$HOME/.azion"; echo "{}" >"$HOME/.azion/schedule.json"'
check "init" make_vault
home_listing >"$SANDBOX/before"
check "add two entries of each service" add_all

# Every regular file that is not one of the views: their bytes are what the vault is for.
places() {
	find "$HOME" "$XDG_RUNTIME_DIR" "$TMPDIR" /dev/shm -xdev -type f 2>/dev/null |
		grep -vxFf "$SANDBOX/views"
}

found() {
	status_of views 2>/dev/null | cut -f1 >"$SANDBOX/views"
	[ -s "$SANDBOX/views" ] || echo none >"$SANDBOX/views"
	places | tr '\n' '\0' | xargs -0 grep -laFf "$SANDBOX/patterns"
	grep -lFf "$SANDBOX/patterns" "$(status_of vault 2>/dev/null)" 2>/dev/null
}
# A token must not be there in base64 or hex either.
"$PYTHON" - "$SANDBOX/needles" >"$SANDBOX/patterns" <<'END'
import base64, sys
for needle in open(sys.argv[1], "rb").read().split():
    print(needle.decode())
    print(needle.hex())
    for shift in range(3):
        print(base64.b64encode(needle[shift:])[:24].decode())
END
printf 'x%sx' "$AZION" >"$SANDBOX/tmp/control"
same "the search finds a token where there is one" "$(found)" "$SANDBOX/tmp/control"
rm "$SANDBOX/tmp/control"
same "without a server" "$(found)" ""
check "mount" tv mount
check "a file is read" as_user cat "$HOME/.choreo/token"
same "mounted" "$(found)" ""
tv set choreo/eu --note changed </dev/null >/dev/null || not_ok "set"
same "after an edit" "$(found)" ""
check "lock" tv lock
same "locked" "$(found)" ""
check "unlock" tv unlock
check "unmount" tv unmount
check "nothing stays mounted" none_mounted
same "unmounted" "$(found)" ""
home_listing >"$SANDBOX/after"
same "HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
same "the runtime directory is empty" \
	"$(find "$XDG_RUNTIME_DIR" -mindepth 1 ! -path "$XDG_RUNTIME_DIR/tokenvault")" ""
same "no process is left" "$(sandbox_pids)" ""
check "mount and unmount once more" tv mount
check "unmount" tv unmount
home_listing >"$SANDBOX/after"
same "HOME is as before again" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
finish
