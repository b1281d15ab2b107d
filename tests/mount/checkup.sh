# doctor's checks of mounts, of what a killed server left, and of plaintext beside them: each seen both ways, and
# what --fix does about it.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/checkup.sh"
sandbox
need_fuse
set_up
fresh
FAKE=
check "init" make_vault
check "add two entries of each service" add_all
home_listing >"$SANDBOX/before"

# mends CHECK: --fix says that it did, and says nothing more of it.
mends() {
	tv doctor --fix --json </dev/null 2>"$SANDBOX/err" | remarks >"$SANDBOX/mended"
	like "--fix mends: $1" "$(grep "^$1	" "$SANDBOX/mended")" "	fine	fixed	"
	same "nothing of it is left: $1" "$(grep -E "^$1	(wrong|note)" "$SANDBOX/mended")" ""
}

finds fine mount 'tried'
finds fine server 'no server runs'
finds fine stale '.'
finds fine placeholders '.'
check_exit 0 "doctor, with nothing mounted" as_user setsid -w "$BIN/tokenvault" doctor
check "mount" tv mount
finds fine server 'process [0-9]+\) answers, unlocked'
finds fine moved '.'
finds fine files '.'
finds fine plaintext '.'
finds fine copies '.'
check_exit 0 "nothing is wrong with a mounted vault" as_user setsid -w "$BIN/tokenvault" doctor
mkdir "$SANDBOX/some" && chmod 755 "$SANDBOX/some"
ln -s "$(command -v sh)" "$SANDBOX/some/"
AROUND="env PATH=$SANDBOX/some"
finds wrong mount 'fusermount3 is not in PATH'
finds note pinentry 'there is no pinentry'
check "somebody is to be asked" tv setting set unlock_on_open on
finds wrong pinentry 'there is no pinentry.*--askpass PROGRAM'
AROUND=
both mount

# ---- both processes are killed: mounts without a server
kill -9 "$(keeper_pid)" "$(server_pid)"
stale() {
	drive stale | grep -q 'stale	wrong	fixable	checked	~/.choreo/token is a stale mount.*fusermount3 -u'
}
check "stale mounts are found" wait_for 5 stale
finds wrong stale 'azion/default/settings.toml is a stale mount'
check_exit 26 "exit 26" as_user setsid -w "$BIN/tokenvault" doctor
mends stale
same "no mount is left" "$(sandbox_mounts)" ""
home_listing >"$SANDBOX/after"
same "HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
both stale

# ---- the server alone is killed: the keeper leaves placeholders
check "mount" tv mount
kill -9 "$(server_pid)"
check "unmounted" wait_for 3 none_mounted
finds wrong placeholders 'fixable.*and [0-9]+ more: placeholders of a server that was killed.*mount shows.*unmount clears'
mends placeholders
home_listing >"$SANDBOX/after"
same "HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
as_user sh -c 'mkdir ~/.choreo && : >~/.choreo/token && chmod 0 ~/.choreo/token'
finds wrong placeholders 'fixable.*~/.choreo/token is an empty file that nobody can read'
mends placeholders
check "it is gone" as_user rmdir "$HOME/.choreo"
both placeholders

# ---- a directory is renamed under its mounts
check "mount" tv mount
as_user mv "$HOME/.choreo" "$HOME/.choreo.away"
finds wrong moved 'fixable.*directory of ~/.choreo/token was renamed, and its mount is now ~/.choreo.away/token'
check "lock" tv lock
as_user setsid -w "$BIN/tokenvault" doctor --fix --json >"$SANDBOX/out" 2>"$SANDBOX/err"
like "a locked server can't mount it again, and is left as it is" \
	"$(cat "$SANDBOX/err") $(remarks <"$SANDBOX/out" | grep -c 'moved	wrong')" 'tokenvault unlock.* 2$'
check "unlock" tv unlock
mends moved
reads "$HOME/.choreo/token" "$CHOREO"
same "nothing stays at the other place" "$(find "$HOME/.choreo.away" -type f)" ""
rmdir "$HOME/.choreo.away"
both moved

# ---- a file can't be mounted
check "unmount" tv unmount
as_user mkdir -p "$HOME/.choreo/token"
tv mount >/dev/null 2>&1
finds wrong files '~/.choreo/token of choreo/default is not mounted: .*tokenvault mount tries again'
as_user rmdir "$HOME/.choreo/token" && as_user chmod 700 "$HOME/.choreo"
check "mount" tv mount
finds fine files '.'
both files

# ---- plaintext comes back: by a rename into a directory that was moved away, and while unmounted
as_user mv "$HOME/.choreo" "$HOME/.choreo.away"
as_user sh -c 'mkdir ~/.choreo && echo "$1" >~/.choreo/token' sh "$CHOREO"
finds wrong plaintext 'fixable.*~/.choreo/token has a token in plain text.*tokenvault adopt choreo'
as_user setsid -w "$BIN/tokenvault" doctor --fix >"$SANDBOX/out" 2>&1
like "--fix mends both at once" "$(cat "$SANDBOX/out")" '^mended plaintext'
reads "$HOME/.choreo/token" "$CHOREO"
check "the file is a mount" grep -q " $HOME/.choreo/token " /proc/self/mountinfo
rm -rf "$HOME/.choreo.away"
check "unmount" tv unmount
check "no asking of services in a test" tv setting set proxy http://127.0.0.1:9
as_user sh -c 'mkdir -p ~/.choreo && echo newTokenOfALogin0000000000000000000000 >~/.choreo/token'
finds note plaintext 'what the vault has of choreo is not known'
finds note plaintext 'unchecked.*the vault is locked.*tokenvault mount, then look again'
tv mount >/dev/null 2>&1
finds wrong plaintext '~/.choreo/token has a token'
check_exit 26 "another token is taken in as well" tv doctor --fix
like "as an entry" "$(tv list choreo)" 'choreo .*default-2'
like "and its file stays, since the mounted one would show another" "$(drive plaintext)" 'wrong'
rm "$HOME/.choreo/token"
check "remove it" tv remove choreo/default-2
as_user sh -c 'mkdir -p ~/.cargo && printf "[registry]\ntoken = \"cio0123456789\"\n" >~/.cargo/credentials.toml'
finds note plaintext '~/.cargo/credentials.toml has a token in plain text; tokenvault adopt cargo takes it in$'
rm -r "$HOME/.cargo"
check "mount" tv mount
finds fine plaintext '.'
both plaintext

# ---- copies beside a mounted file
copy() {
	as_user cp "$1" "$2" && as_user chmod 600 "$2"
}
settings=$HOME/.azion/default/settings.toml
for name in 'settings.toml~' settings.toml.bak settings.toml.orig settings.toml.save .settings.toml.swp '#settings.toml#' \
	'settings (copy).toml' settings.toml.2026-01-01 my-notes; do
	copy "$settings" "$HOME/.azion/default/$name"
	finds wrong copies "fixable.*~/.azion/default/$(printf '%s' "$name" | sed 's/[(.]/\\&/g;s/)/\\)/') has a token of azion"
	rm "$HOME/.azion/default/$name"
done
as_user sh -c 'printf "b0VIM 9.0\0x\1 Token" >~/.azion/default/.settings.toml.swp'
finds wrong copies 'settings.toml.swp is an editor.s copy of ~/.azion/default/settings.toml.*shred -u'
rm "$HOME/.azion/default/.settings.toml.swp"
as_user sh -c 'echo "Email = \"a@example.com\"" >~/.azion/default/settings.toml.bak; echo x >~/.azion/default/notes'
finds fine copies '.'
rm "$HOME/.azion/default/settings.toml.bak" "$HOME/.azion/default/notes"
copy "$HOME/.choreo/token" "$HOME/.choreo/token.old"
finds wrong copies '~/.choreo/token.old has a token of choreo'
as_user sh -c 'echo otherToken000000000000000000000000000000 >~/.choreo/token~'
copy "$settings" "$settings~"
check_exit 26 "--fix" tv doctor --fix
same "what says nothing new is gone" "$(ls "$HOME/.azion/default")" settings.toml
same "a token that is not in the vault stays" "$(ls -A "$HOME/.choreo")" "config.toml
token
token~"
like "for a reason" "$ERR" 'token~ has a token or a field that the vault does not have'
rm "$HOME/.choreo/token~"
finds fine copies '.'
both copies

# ---- what --fix never does
same "no output has a token" "$(tv doctor --fix --json </dev/null 2>&1 | grep -cF -e "$CHOREO" -e "$AZION")" 0

# ---- a server that does not answer
check "unmount" tv unmount
as_user mkdir -p -m 700 "$XDG_RUNTIME_DIR/tokenvault"
as_user "$PYTHON" -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
print(os.getpid(), flush=True)
while True:
    s.accept()[0].close()' "$XDG_RUNTIME_DIR/tokenvault/default.sock" >"$SANDBOX/listener" 2>/dev/null &
wait_for 5 test -s "$SANDBOX/listener"
finds wrong server 'unmount ends it, tokenvault mount starts another'
finds note plaintext 'unchecked.*the server does not answer, so that'
kill "$(cat "$SANDBOX/listener")"
rm "$XDG_RUNTIME_DIR/tokenvault/default.sock"
both server
as_user rmdir "$HOME/.choreo"
home_listing >"$SANDBOX/after"
same "HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
check "no process is left" wait_for 3 eval '[ -z "$(sandbox_pids)" ]'
finish
