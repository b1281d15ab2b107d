# Mounted while locked: paths and sizes as they were, no bytes until the unlock, and then the same mounts.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
shown=$XDG_STATE_HOME/tokenvault/default.shown

# With nobody to ask, and no passphrase.
bare() {
	as_user setsid -w "$BIN/tokenvault" "$@" </dev/null
}

# Each mount in place, as the kernel numbers them; another mount at the path would have another number.
mount_ids() {
	awk -v home="$HOME/" 'index($5, home) == 1 { print $1, $5 }' /proc/self/mountinfo | sort
}

# What stat says of each path in $SANDBOX/paths.
stats() {
	while IFS= read -r path; do
		as_user stat -c '%n %F %a %s %Y' "$path"
	done <"$SANDBOX/paths"
}

# How many of the paths in $SANDBOX/paths say that the key is missing.
refused() {
	while IFS= read -r path; do
		as_user cat "$path" 2>&1
	done <"$SANDBOX/paths" | grep -c 'Required key not available$'
}

nothing_left() {
	none_mounted && [ -z "$(sandbox_pids)" ]
}

# ---- before anything was ever mounted
check_exit 3 "mount --locked, for the first time" bare mount --locked
like "says what to do" "$ERR" 'run tokenvault mount once first$'
check "no process stays for that" wait_for 5 nothing_left
check_exit 2 "it takes no service's name" bare mount --locked azion

# ---- as after a login
home_listing >"$SANDBOX/home.before"
check "mount" tv mount
mounted_paths >"$SANDBOX/paths"
stats >"$SANDBOX/stats"
same "what was shown is remembered for the user alone" "$(stat -c %a "$shown")" 600
remembered=$(stat -c %i.%Z "$shown")
same "with no part of a token" "$(grep -c -F -f "$SANDBOX/needles" "$shown")" 0
check "unmount" tv unmount
same "the files are gone" "$(mount_ids)" ""
check_exit 0 "mount --locked wants no passphrase" bare mount --locked
same "it prints what mount does" "$(printf '%s\n' "$OUT" | cut -f 1)" "$(cat "$SANDBOX/paths")"
same "paths, modes, sizes and times are those of before" "$(stats)" "$(cat "$SANDBOX/stats")"
same "no file can be read" "$(refused)" "$(wc -l <"$SANDBOX/paths")"
same "status says locked" "$(status_of locked)" 1
same "and shows the files" "$(mounted_paths)" "$(cat "$SANDBOX/paths")"
tree=$(status_of tree)
said=$(as_user find "$tree" -type f -exec cat {} + 2>&1)
like "the directory view has them too" "$said" '/choreo/eu/token: Required key not available'
same "and shows nothing" "$(printf '%s\n' "$said" | grep -cv 'Required key not available$')" 0
mount_ids >"$SANDBOX/ids"
check "mount --locked once more" bare mount --locked
same "changes nothing" "$(mount_ids)" "$(cat "$SANDBOX/ids")"

# ---- what was opened while locked is good after the unlock
# shellcheck disable=SC2016
as_user sh -c 'exec 7<"$1"; echo >"$3"; while [ ! -e "$3.go" ]; do sleep 0.05; done
	cat /proc/self/fd/7/choreo/default/token >"$3.read"; readlink /proc/self/fd/7 >>"$3.read"' \
	sh "$tree" "" "$SANDBOX/tmp/held" &
held=$!
check "a directory is held open" wait_for 5 test -e "$SANDBOX/tmp/held"
check "unlock" tv unlock
as_user touch "$SANDBOX/tmp/held.go"
wait "$held"
same "it shows the bytes" "$(cat "$SANDBOX/tmp/held.read")" "$CHOREO
$tree"
reads "$HOME/.choreo/token" "$CHOREO"
same "no file was mounted anew" "$(mount_ids)" "$(cat "$SANDBOX/ids")"
same "the list of them was not written anew" "$(stat -c %i.%Z "$shown")" "$remembered"
same "nor does it look another" "$(stats)" "$(cat "$SANDBOX/stats")"
check "mount --locked of an open vault leaves it open" bare mount --locked
same "with the same mounts" "$(mount_ids)" "$(cat "$SANDBOX/ids")"
check "lock" tv lock
check "unmount" tv unmount
check "nothing stays" wait_for 5 nothing_left
same "the home directory is as it was" "$(home_listing | diff "$SANDBOX/home.before" - )" ""

# ---- the vault changes meanwhile: before the mount, and while locked
check "remove" tv remove choreo/eu
check "another token" eval 'printf "%s\n" "$AZION_WORK" | tv set --no-verify azion/default --token'
check "mount --locked" bare mount --locked
mount_ids >"$SANDBOX/ids"
check "a file of an entry that is gone is there" as_user test -e "$tree/choreo/eu/token"
check "another process switches a view off" tv view off api7/credentials
check "and adds an entry" add github ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789
check "unlock" tv unlock
like "what is new is mounted" "$(mounted_paths)" '/\.config/gh/hosts\.yml$'
same "what is gone is not" "$(mounted_paths | grep -c /.api7cloud/credentials)" 0
same "the rest was not mounted anew" "$(mount_ids | grep -v -e /gh/hosts.yml)" \
	"$(grep -v -e .api7cloud/credentials "$SANDBOX/ids")"
like "the new token is read" "$(as_user cat "$HOME/.azion/default/settings.toml")" "$AZION_WORK"
same "the entry that is gone is remembered no more" "$(grep -c '"label":"eu"' "$shown")" 0
check "lock, so that removing is" tv lock
check "unmount" tv unmount

# ---- killed while locked
check "mount --locked" bare mount --locked
kill -9 "$(server_pid)"
check "after the server's death nothing is mounted" wait_for 5 none_mounted
check "mount --locked" bare mount --locked
kill -9 "$(keeper_pid)"
check "after the keeper's, too" bare mount --locked
same "locked" "$(status_of locked)" 1
check "unmount" tv unmount

# ---- the runtime directory is taken away, as with the end of a last session
check "mount" tv mount
as_user rm -rf --one-file-system "$XDG_RUNTIME_DIR/tokenvault" 2>/dev/null
check "without its socket the server locks, clears away and ends" wait_for 10 nothing_left
check "so that the next one can come" bare mount --locked
check "unmount" tv unmount

# ---- some services only
check "mount one service" tv mount azion
check "unmount" tv unmount
as_user "$BIN/tokenvault" mount --locked --foreground </dev/null >"$SANDBOX/out" &
stays=$!
check "mount --locked in the foreground" wait_for 10 grep -q /.azion/ "$SANDBOX/out"
same "shows that one's" "$(mount_ids | grep -cv /.azion/)" 0
check "unlock" tv unlock
same "and no other's" "$(mount_ids | grep -cv /.azion/)" 0
check "unmount" tv unmount
wait "$stays"
same "the command ends, and well" "$?" 0

# ---- a file came back
check "mount" tv mount
check "unmount" tv unmount
as_user sh -c 'mkdir -p "$HOME/.choreo" && echo plain >"$HOME/.choreo/token"'
check_exit 12 "a plaintext file in the way is the failure" bare mount --locked
like "and said" "$ERR" "$HOME/.choreo/token; tokenvault adopt"
check "the others are mounted" eval 'mount_ids | grep -q /.azion/default/settings.toml'
same "it is as it was" "$(cat "$HOME/.choreo/token")" plain
check "unmount" tv unmount
as_user rm -r "$HOME/.choreo"

# ---- a vault that is gone, or another one
as_user mv "$XDG_DATA_HOME/tokenvault/default.vault" "$SANDBOX/tmp/away"
check_exit 7 "without the vault's file" bare mount --locked
check "another vault at its place" make_vault
check_exit 3 "is not shown as this one" bare mount --locked
like "which is said" "$ERR" 'is of another vault than .*; tokenvault mount, once, writes it anew$'
as_user mv "$SANDBOX/tmp/away" "$XDG_DATA_HOME/tokenvault/default.vault"

# ---- a list that can't be believed
# unbelieved WHAT WORDS: nothing is mounted by it, but mount writes it anew.
unbelieved() {
	check_exit 3 "$1" bare mount --locked
	like "$1: said" "$ERR" "$2"
	check "$1: nothing stays" wait_for 5 nothing_left
}
as_user cp "$shown" "$SANDBOX/tmp/good"
as_user sh -c 'head -c 500 "$1" >"$2"' sh "$SANDBOX/tmp/good" "$shown"
unbelieved "cut short" "default.shown, line [0-9]+: it is cut short, or too long; tokenvault mount, once,"
as_user sh -c 'sed "s/\"version\":1/\"version\":2/" "$1" >"$2"' sh "$SANDBOX/tmp/good" "$shown"
unbelieved "of a newer version" "line 1: it is of a newer version of this program"
as_user sh -c 'sed "s|\.choreo/token|../escaped|" "$1" >"$2"' sh "$SANDBOX/tmp/good" "$shown"
unbelieved "a path that leads out" "line [0-9]+: the path can't be a file's"
as_user rm "$shown"
as_user mkfifo "$shown"
unbelieved "a FIFO" "default.shown is no plain file, so it is not believed"
as_user rm "$shown"
as_user ln -s "$SANDBOX/tmp/good" "$shown"
unbelieved "a link" "default.shown is a link, so it is not believed"
check "mount" tv mount
check "writes it anew" eval '[ ! -L "$shown" ] && cmp -s "$shown" "$SANDBOX/tmp/good"'
check "unmount" tv unmount

# A path that no definition has and nobody approved, in a list that is right otherwise.
as_user sh -c 'sed "s|\"path\":\"\.choreo/config.toml\"|\"path\":\".choreo/bashrc\"|" "$1" >"$2"' \
	sh "$SANDBOX/tmp/good" "$shown"
check_exit 8 "the keeper mounts at no place but services' and approved ones" bare mount --locked
like "and says it" "$ERR" "~/.choreo/bashrc is no service.s own place"
check "the others are mounted" test -n "$(mount_ids)"
check "unlock" tv unlock
reads "$HOME/.choreo/token" "$CHOREO"
check "unmount" tv unmount

# ---- a place where nothing can be written down
as_user rm "$shown"
as_user mkdir "$shown"
check "mount, where that can't be remembered" tv mount
like "status says so" "$(status_of detail)" "can't be remembered, for mount --locked: .*default.shown: "
check "unmount" tv unmount
as_user rmdir "$shown"
check "nothing stays" wait_for 5 nothing_left
finish
