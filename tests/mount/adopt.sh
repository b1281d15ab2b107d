# Adopting under real mounts: the plaintext's path becomes the vault's file with the same bytes, with a server
# that runs or is started, unlocked or locked; release puts the plain file back; adopt killed on its way.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
write_needles
key=$XDG_CONFIG_HOME/key
k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@"
}
put() {
	as_user sh -c 'mkdir -p "${1%/*}" && cat >"$1"' sh "$HOME/$1"
}
is_mounted() {
	mounted_paths | grep -qx "$HOME/$1"
}
SETTINGS=.azion/default/settings.toml
plaintext() {
	put "$SETTINGS" <<END
Token = '$AZION'
UUID = ''
LastCheck = 9999-01-01T00:00:00Z
LastVulcanVersion = ''
AuthorizeMetricsCollection = 2
ClientId = '1a2b'
Email = 'me@example.com'
ContinuationToken = ''
S3AccessKey = ''
S3SecretKey = ''
S3Bucket = ''
END
}
as_user mkdir -p "$XDG_CONFIG_HOME"
check "init" k init
# A passphrase too, for tv and what asks for the status.
k key add passphrase --memory 64 --passes 1 --passphrase-fd 9 9<"$SANDBOX/passphrase" 2>/dev/null ||
	not_ok "key add"

check_exit 0 "mount with nothing in the vault" k mount
like "says so" "$ERR" 'the vault has no entries; tokenvault add'
check "unmount" k unmount

# ---- no server runs
plaintext
cp "$HOME/$SETTINGS" "$SANDBOX/plain"
chmod 644 "$SANDBOX/plain"
printf '%s' "$AZION" | put .azion/credentials
printf "Name = 'default'\n" | put .azion/profiles.json
printf 'token = mine\n' | put .azion/config.of.mine
check_exit 0 "adopt starts the server" k adopt --no-verify
same "no token is shown" "$(printf '%s' "$OUT$ERR" | grep -cFf "$SANDBOX/needles")" 0
check "the file is mounted" is_mounted "$SETTINGS"
check "an older version's too, which was off" is_mounted .azion/credentials
check "and the profiles" is_mounted .azion/profiles.json
bytes_are "$HOME/$SETTINGS" <"$SANDBOX/plain"
looks_plain "$HOME/$SETTINGS"
same "the older version's bytes" "$(as_user cat "$HOME/.azion/credentials")" "$AZION"
same "other files of the tool stay" "$(cat "$HOME/.azion/config.of.mine")" "token = mine"
check_exit 0 "adopting again finds nothing" k adopt --no-verify
like "mounted files are none" "$ERR" 'no plaintext file'

# ---- release, with the server
check_exit 0 "release" k release azion --yes
check "the plain file is back" cmp "$SANDBOX/plain" "$HOME/$SETTINGS"
same "nothing of azion is mounted" "$(mounted_paths | grep -c azion)" 0
same "a plain file of the owner's" "$(stat -c '%F %a %h' "$HOME/$SETTINGS")" "regular file 600 1"
same "nothing lies beside it" "$(find "$HOME/.azion" -name '*.tokenvault')" ""
check_exit 0 "adopt brings it back, at once" k adopt --no-verify azion
check "it is mounted" is_mounted "$SETTINGS"
bytes_are "$HOME/$SETTINGS" <"$SANDBOX/plain"

# ---- a server that is locked
check_exit 0 "release once more" k release azion --yes
check "lock" tv lock
check_exit 3 "adopt without a key" as_user "$BIN/tokenvault" adopt --no-verify
check "leaves the file" cmp "$SANDBOX/plain" "$HOME/$SETTINGS"
check_exit 0 "with one it takes the token" k adopt --no-verify
like "and says that the server is locked" "$ERR" 'the server is locked, so nothing was mounted'
same "which it stays" "$(status_of locked)" 1
same "the file is gone" "$(ls "$HOME/$SETTINGS" 2>/dev/null)" ""
check "unlock" tv unlock
bytes_are "$HOME/$SETTINGS" <"$SANDBOX/plain"
check "lock" tv lock
check_exit 3 "release without a key" as_user setsid "$BIN/tokenvault" release azion --yes
check "the file stays mounted" is_mounted "$SETTINGS"
check_exit 0 "with one it unlocks" k release azion --yes
check "and the plain file is back" cmp "$SANDBOX/plain" "$HOME/$SETTINGS"
check_exit 0 "adopt" k adopt --no-verify

# ---- while a tool has the mounted file open
as_user sh -c 'exec 7<"$1" && echo $$ >"$2" && exec sleep 20' sh "$HOME/$SETTINGS" "$TMPDIR/open" &
wait_for 5 test -s "$TMPDIR/open" || not_ok "the file is open"
check_exit 0 "release while a tool has the file open" k release azion --yes
kill "$(cat "$TMPDIR/open")"
wait
check "the plain file is back" cmp "$SANDBOX/plain" "$HOME/$SETTINGS"

# ---- one entry of two
put .azion/work/settings.toml <"$SANDBOX/plain"
sed -i "s/$AZION/$AZION_WORK/" "$HOME/.azion/work/settings.toml"
check_exit 0 "adopt two profiles at once" k adopt --no-verify
check_exit 0 "release one of them" k release azion/work --yes
check "the other one stays mounted" is_mounted "$SETTINGS"
like "its own is a plain file" "$(cat "$HOME/.azion/work/settings.toml")" "$AZION_WORK"
check_exit 0 "adopt it again" k adopt --no-verify
check "it is mounted" is_mounted .azion/work/settings.toml

# ---- a path of the user's own
printf '%s' "$AZION" | put project/azion.token
k view add azion/credentials "$HOME/project/azion.token" >/dev/null 2>&1
check_exit 0 "adopt takes that file too" k adopt --no-verify
check "it is mounted" is_mounted project/azion.token
check_exit 0 "release that file alone" k release azion --file credentials --yes
printf '%s' "$CHOREO" | put project/azion.token
k view add azion/credentials "$HOME/project/azion.token" >/dev/null 2>&1
check_exit 12 "an own path with another token" k adopt --no-verify
like "is left alone" "$ERR" 'azion\.token has the token of azion/default-2, and the mounted file would show azion/default;'
same "with its token" "$(cat "$HOME/project/azion.token")" "$CHOREO"
rm "$HOME/project/azion.token"
check "away with that" k remove azion/default-2

# ---- between the plaintext and the mount no tool finds that there is no file
check_exit 0 "release" k release azion --yes
cat >"$BIN/watch.py" <<'END'
import os, sys, time
missing = seen = 0
open(sys.argv[2], "w").close()
end = time.monotonic() + 30
while os.path.exists(sys.argv[2]) and time.monotonic() < end:
    seen += 1
    try:
        os.stat(sys.argv[1])
    except FileNotFoundError:
        missing += 1
print("missing", missing, "of", "many" if seen > 100 else seen)
END
chmod 644 "$BIN/watch.py"
as_user "$PYTHON" "$BIN/watch.py" "$HOME/$SETTINGS" "$TMPDIR/watching" >"$SANDBOX/watched" &
wait_for 5 test -e "$TMPDIR/watching" || not_ok "watching"
check_exit 0 "adopt while a tool looks" k adopt --no-verify
rm "$TMPDIR/watching"
wait
same "which always finds a file" "$(cat "$SANDBOX/watched")" "missing 0 of many"
check "it is mounted" is_mounted "$SETTINGS"

# ---- cut short between the file's end and the mount
k view off azion/settings.toml --entry default >/dev/null 2>&1
plaintext
k view on azion/settings.toml --entry default >/dev/null 2>&1
k mount >/dev/null 2>&1 && not_ok "a file in the way"
rm "$HOME/$SETTINGS"
same "nothing is there" "$(mounted_paths | grep -c "$SETTINGS")" 0
check_exit 0 "a file that only lacks its mount" k adopt --no-verify
like "which is no plaintext" "$ERR" 'no plaintext file'
check "is mounted" is_mounted "$SETTINGS"

# ---- nothing can be mounted here: then nothing is destroyed
check "unmount" tv unmount
check_exit 0 "release without a server" k release --all --yes
check_exit 0 "mount with every file off" k mount
like "says so" "$ERR" '2 entries have no file to mount: all are switched off, .*tokenvault view list'
check "unmount" k unmount
put .config/tokenvault/providers/tool.json <<'END'
{"name": "tool", "title": "Tool",
 "files": [{"name": "f", "path": ".tool", "shows": "in-use", "escape": "none", "template": ["{{token}}"]}]}
END
printf '%s' "$CHOREO" | k add tool --no-verify 2>/dev/null || not_ok "add"
rm "$HOME/.config/tokenvault/providers/tool.json"
check_exit 0 "mount without a definition" k mount
like "says so" "$ERR" 'no file for tool/default: there is no definition of the service'
check "away with it" k remove tool
check "unmount" k unmount
if is_root && unshare -m true 2>/dev/null; then
	check_exit 13 "no /dev/fuse: adopt stops" unshare -m sh -c 'mount --bind /dev/null /dev/fuse &&
		exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" --keyfile "$1" adopt --no-verify' \
		"$BIN/tokenvault" "$key"
	check "before it touches a file" cmp "$SANDBOX/plain" "$HOME/$SETTINGS"
else
	skip "no /dev/fuse: adopt stops" "needs root and unshare"
fi

# ---- killed on its way, then once more
if as_user strace -o /dev/null true 2>/dev/null && [ -z "${TV_SANITIZED:-}" ]; then
	killed=0
	for call in pwrite64:1 pwrite64:2 pwrite64:3 renameat2:1 renameat:1; do
		as_user strace -o /dev/null -e "trace=${call%:*}" \
			-e "inject=${call%:*}:signal=SIGKILL:when=${call#*:}" \
			"$BIN/tokenvault" --keyfile "$key" adopt --no-verify >/dev/null 2>&1 ||
			killed=$((killed + 1))
		k adopt --no-verify >/dev/null 2>&1 || not_ok "adopt after $call"
		as_user cat "$HOME/$SETTINGS" 2>/dev/null | cmp -s - "$SANDBOX/plain" ||
			not_ok "the mounted file after $call"
		k release --all --yes >/dev/null 2>&1 || not_ok "release after $call"
	done
	like "killed while it replaced files, and run again" "$killed" '^[3-5]$'
	check "the plain file is back" cmp "$SANDBOX/plain" "$HOME/$SETTINGS"
	check "unmount" tv unmount
else
	skip "killed while it replaced files, and run again" "processes can't be traced here"
fi
check "nothing stays mounted" none_mounted
finish
