# What stands in the way of a mount: plaintext files, other kinds of files, no fusermount3, no
# /dev/fuse, directories that can't be written or are renamed away.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
vault=$XDG_DATA_HOME/tokenvault/default.vault
one_line() {
	same "in few lines" "$([ "$(printf '%s\n' "$ERR" | wc -l)" -le "${1:-3}" ] && echo yes)" yes
}

# ---- a plaintext file
as_user mkdir -p "$HOME/.azion/default" "$HOME/.choreo"
as_user sh -c 'echo "Token = \"old\"" >"$HOME/.azion/default/settings.toml"'
check_exit 12 "mount says that something is in the way" tv mount
like "by name" "$ERR" '\.azion/default/settings\.toml'
like "and how to adopt it" "$ERR" 'tokenvault adopt'
same "the file is as it was" "$(cat "$HOME/.azion/default/settings.toml")" 'Token = "old"'
reads "$HOME/.choreo/token" "$CHOREO"
reads "$HOME/.azion/profiles.json" "Name = 'default'"
same "status says which one is not mounted" \
	"$(status_of views | awk -F'\t' '$4 == 0 { print $1 }')" "$HOME/.azion/default/settings.toml"
rm "$HOME/.azion/default/settings.toml"
check_exit 0 "mount again, once it is gone" tv mount
like "it is there now" "$(as_user cat "$HOME/.azion/default/settings.toml")" "Token = '$AZION'"
check "unmount" tv unmount

# ---- other things that are no file of ours
as_user ln -s "$HOME/elsewhere" "$HOME/.choreo/token"
as_user mkdir -p "$HOME/.azion/profiles.json"
as_user mkfifo "$HOME/.azion/default/settings.toml"
check_exit 12 "a link, a directory and a pipe" tv mount
like "the link" "$ERR" '\.choreo/token'
like "the directory" "$ERR" '\.azion/profiles\.json'
like "the pipe" "$ERR" 'default/settings\.toml'
same "nothing was made at the link's end" "$(ls -d "$HOME/elsewhere" 2>/dev/null)" ""
same "api7's files are there" "$(mounted_paths | grep -c '\.api7cloud/')" 2
check "unmount" tv unmount
same "the link is as it was" "$(readlink "$HOME/.choreo/token")" "$HOME/elsewhere"
rm -r "$HOME/.choreo" "$HOME/.azion"

# ---- an empty file of ours, left behind by a power cut, is not in the way
as_user mkdir -p "$HOME/.choreo"
as_user sh -c ': >"$HOME/.choreo/token"; chmod 000 "$HOME/.choreo/token"'
check_exit 0 "an empty, unreadable placeholder is not in the way" tv mount
reads "$HOME/.choreo/token" "$CHOREO"
check "unmount" tv unmount

# ---- a directory that can't be written
as_user rm -rf "$HOME/.azion" "$HOME/.choreo"
as_user mkdir -m 500 "$HOME/.azion"
tv mount >"$SANDBOX/out" 2>"$SANDBOX/err" && not_ok "a read-only directory" || ok "a read-only directory"
like "is named" "$(cat "$SANDBOX/err")" '\.azion'
reads "$HOME/.choreo/token" "$CHOREO"
check "unmount" tv unmount
chmod 700 "$HOME/.azion"

# ---- a parent directory is renamed away under a mount
check_exit 0 "mount" tv mount
as_user mv "$HOME/.choreo" "$HOME/.choreo.away"
moved() {
	status_of views | grep "^$HOME/.choreo/token	" | grep -q "moved to $HOME/.choreo.away/token"
}
check "status notices a directory that was renamed away" wait_for 10 moved
check_exit 0 "unmount" tv unmount
check "and clears it at its new place" wait_for 3 none_mounted
same "no placeholder stays there" "$(find "$HOME/.choreo.away" -type f 2>/dev/null)" ""
rm -rf "$HOME/.choreo.away"

# ---- many helpers at once, and one of them that fails
mkdir -m 777 "$SANDBOX/begun"
mkdir -m 755 "$SANDBOX/slow"
cat >"$SANDBOX/slow/fusermount3" <<EOF
#!/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
for path; do :; done
[ "\$1" = -o ] && [ -f "\$path" ] || exec fusermount3 "\$@"
: >"$SANDBOX/begun/\$\$"
case \$path in */profiles.json) echo "not this one" >&2; exit 1 ;; esac
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "\$(ls "$SANDBOX/begun" | wc -l)" -lt 5 ] || exec fusermount3 "\$@"
	sleep 0.2
done
echo "nobody else came" >&2
exit 1
EOF
chmod 755 "$SANDBOX/slow/fusermount3"
path=$PATH
PATH=$SANDBOX/slow:$PATH
check_exit 13 "a helper fails among others" tv mount
PATH=$path
like "it says why" "$ERR" 'profiles\.json: not this one'
same "the others run at once, and mount" "$(printf '%s\n' "$ERR" | grep -c 'nobody else came')" 0
reads "$HOME/.choreo/token" "$CHOREO"
reads "$HOME/.api7cloud/credentials" "$(as_user cat "$HOME/.api7cloud/credentials")"
same "of the one nothing is left" "$(find "$HOME/.azion" -name profiles.json)" ""
check "unmount" tv unmount
check "and of the others nothing" wait_for 3 none_mounted
same "nor their places" "$(ls -d "$HOME/.azion/default" "$HOME/.api7cloud" 2>/dev/null)" ""

# ---- the way to a place leads through another mount, which answers nobody while it is made
as_user ln -s "$XDG_RUNTIME_DIR/tokenvault/default" "$HOME/tokens"
as_user ln -s .choreo/token "$HOME/short"
check "mount" tv mount
check "a path in the directory view" tv view add choreo/token "$HOME/tokens/x"
check "a path below a file" tv view add choreo/config.toml "$HOME/short/y"
check "unmount" tv unmount
if as_user timeout 20 "$BIN/tokenvault" --passphrase-fd 9 mount 9<"$SANDBOX/passphrase" \
	>"$SANDBOX/out" 2>"$SANDBOX/err"; then code=0; else code=$?; fi
same "a mount of them and others comes to its end" "$code" 12
[ "$code" = 12 ] || finish
like "the one is said" "$(cat "$SANDBOX/err")" 'short is not a directory'
like "and the other" "$(cat "$SANDBOX/err")" 'default/x: Read-only file system'
reads "$HOME/.choreo/token" "$CHOREO"
check "without the one" tv view remove "$HOME/tokens/x"
check "and the other" tv view remove "$HOME/short/y"
check "unmount" tv unmount
same "nothing is left" "$(find "$HOME/.choreo" "$XDG_RUNTIME_DIR" -mindepth 1 2>/dev/null)" ""
as_user rm "$HOME/tokens" "$HOME/short"

# ---- no fusermount3, no /dev/fuse
if is_root && unshare -m true 2>/dev/null; then
	before=$(sha256sum <"$vault")
	hidden() {
		unshare -m sh -c "$1"' && exec setpriv --reuid=65534 --regid=65534 --clear-groups \
			"$0" --passphrase-fd 9 mount 9<"$1"' "$BIN/tokenvault" "$SANDBOX/passphrase"
	}
	check_exit 13 "no /dev/fuse: exit 13" hidden 'mount -t tmpfs none /dev && chmod 755 /dev &&
		mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9'
	like "named" "$ERR" '/dev/fuse'
	one_line
	mkdir "$SANDBOX/empty"
	check_exit 13 "no fusermount3: exit 13" hidden "for dir in /bin /usr/bin /usr/local/bin; do
		[ ! -e \$dir/fusermount3 ] || mount --bind /dev/null \$dir/fusermount3; done"
	like "named" "$ERR" 'fusermount3'
	one_line
	same "the vault is as it was" "$(sha256sum <"$vault")" "$before"
	same "no process is left" "$(sandbox_pids)" ""
else
	skip "no /dev/fuse and no fusermount3" "needs root and unshare"
fi
check_exit 0 "mount works after all that" tv mount
check "unmount" tv unmount
finish
