# The views follow the vault while it is mounted: entries come, go and change places; the directory
# view holds each of them; two vaults live side by side.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
check "init" make_vault
add azion "$AZION" >/dev/null || not_ok "add"
home_listing >"$SANDBOX/before"
check_exit 0 "mount" tv mount
tab=$(printf '\t')
like "mount prints PATH<tab>ENTRY" "$OUT" "^$HOME/.azion/default/settings.toml${tab}azion/default\$"
same "nothing of a service without entries" "$(ls -d "$HOME/.choreo" 2>/dev/null)" ""

# ---- entries come and go
check "add choreo while mounted" add choreo "$CHOREO"
there() {
	as_user cat "$1" 2>/dev/null | grep -q "$2"
}
check "its file appears" wait_for 5 there "$HOME/.choreo/token" "$CHOREO"
check "add azion/work" add azion/work "$AZION_WORK"
check "its directory appears" wait_for 5 there "$HOME/.azion/work/settings.toml" "$AZION_WORK"
check "remove it" tv remove azion/work
gone() {
	! as_user ls "$1" 2>/dev/null
}
check "its file goes" wait_for 5 gone "$HOME/.azion/work/settings.toml"
check "and its directory" wait_for 5 gone "$HOME/.azion/work"
check "undo brings it back" tv undo azion/work
check "with its file" wait_for 5 there "$HOME/.azion/work/settings.toml" "$AZION_WORK"

# ---- which one is in use
check "use azion/work" tv use azion/work
check "profiles.json follows" wait_for 5 there "$HOME/.azion/profiles.json" "'work'"
check "add choreo/eu" add choreo/eu "$CHOREO_EU"
reads "$HOME/.choreo/token" "$CHOREO"
check "use choreo/eu" tv use choreo/eu
check "the file follows" wait_for 5 there "$HOME/.choreo/token" "$CHOREO_EU"
check "remove the one in use" tv remove choreo/eu
check "the other one takes its place" wait_for 5 there "$HOME/.choreo/token" "$CHOREO"
check "a label changes" tv set azion/work --label home
check "and its path with it" wait_for 5 there "$HOME/.azion/home/settings.toml" "$AZION_WORK"
check "the old path goes" wait_for 5 gone "$HOME/.azion/work"

# ---- files of older versions are off until they are wanted
for file in settings-1.9.toml credentials vulcan.env; do
	path=$(tv view list azion | sed -n "s#^azion/$file  *off  *\([^ ]*\).*#\1#p")
	like "azion/$file is off, and listed with its path" "$path" '^\.azion/'
	same "nothing is there" "$(ls -d "$HOME/$path" 2>&1 | grep -c 'No such')" 1
	check "view on azion/$file" tv view on "azion/$file"
	check "it appears, of the one in use" wait_for 5 there "$HOME/$path" "$AZION_WORK"
	check "view off azion/$file" tv view off "azion/$file"
	check "it goes" wait_for 5 gone "$HOME/$path"
done
check_exit 4 "a file that is none" tv view on azion/none
check "view off azion/profiles.json" tv view off azion/profiles.json
check "a file that was on goes" wait_for 5 gone "$HOME/.azion/profiles.json"
check "view on azion/profiles.json" tv view on azion/profiles.json
check "and comes back" wait_for 5 there "$HOME/.azion/profiles.json" Name

# ---- switches of single entries, and paths of the user's own
check_exit 4 "an entry that is none" tv view off azion/settings.toml --entry none
check "view off for one entry" tv view off azion/settings.toml --entry home
check "its file goes" wait_for 5 gone "$HOME/.azion/home"
check "the other's stays" there "$HOME/.azion/default/settings.toml" "$AZION"
same "it is listed" "$(tv view list azion | grep -c '^azion/settings.toml  *off .* home ')" 1
check "view off for all, on for one" tv view off azion/settings.toml
check "view on for one entry" tv view on azion/settings.toml --entry home
check "only its file is there" wait_for 5 there "$HOME/.azion/home/settings.toml" "$AZION_WORK"
check "and not the other's" wait_for 5 gone "$HOME/.azion/default"
check "view on for all" tv view on azion/settings.toml
check "both are there" wait_for 5 there "$HOME/.azion/default/settings.toml" "$AZION"
check "view add" tv view add azion/credentials "$HOME/project/.azion-token"
check "it appears, of the one in use" wait_for 5 there "$HOME/project/.azion-token" "$AZION_WORK"
same "its list is the owner's alone" "$(as_user stat -c %a "$XDG_CONFIG_HOME/tokenvault/paths")" 600
check "view add of an entry" tv view add azion/settings.toml "~/project/./settings.toml" --entry default
check "it appears, of that entry" wait_for 5 there "$HOME/project/settings.toml" "$AZION"
same "both are listed" "$(tv view list azion | grep -c 'your own path')" 2
same "in JSON too" "$(tv view list azion --json | grep -c '"own":[[:space:]]*true')" 2
check "use another" tv use azion/default
check "the own path follows" wait_for 5 there "$HOME/project/.azion-token" "$AZION"
check "and back" tv use azion/home
for path in /etc/x "$HOME/../x" ../../../x "$HOME" "~/a/{{label}}"; do
	check_exit 2 "view add outside: ${path#"$HOME"}" tv view add azion/credentials "$path"
done
as_user sh -c 'echo precious >"$1"' sh "$HOME/project/mine"
check_exit 0 "view add where a file is" tv view add azion/credentials "$HOME/project/mine"
like "says that it is in the way" "$ERR" "can't be mounted: $HOME/project/mine;"
same "and leaves it" "$(as_user cat "$HOME/project/mine")" precious
check "view remove" tv view remove "$HOME/project/mine"
same "leaves it too" "$(as_user cat "$HOME/project/mine")" precious
as_user rm "$HOME/project/mine"
check_exit 11 "a service's own place" tv view add azion/credentials "$HOME/.choreo/token"
check_exit 11 "a path that is taken" tv view add choreo/token "$HOME/project/settings.toml"
check_exit 4 "an own path of no file" tv view add azion/none "$HOME/x"
same "none of these is approved" "$(as_user cat "$XDG_CONFIG_HOME/tokenvault/paths" | tr '\n' ' ')" \
	"project/.azion-token project/settings.toml "
check "view remove" tv view remove "$HOME/project/settings.toml"
check "it goes" wait_for 5 gone "$HOME/project/settings.toml"
check_exit 4 "view remove again" tv view remove "$HOME/project/settings.toml"
check_exit 2 "view remove outside" tv view remove /etc/passwd

# A vault that comes from another machine brings its paths, but not that they are approved.
check "unmount" tv unmount
as_user mv "$XDG_CONFIG_HOME/tokenvault/paths" "$SANDBOX/tmp/paths"
check_exit 8 "mount without the list" tv mount
like "says what to do" "$ERR" 'tokenvault view add .*~/project/\.azion-token'
same "nothing is there" "$(as_user ls "$HOME/project" 2>&1 | grep -c azion-token)" 0
check "the rest is" there "$HOME/.choreo/token" "$CHOREO"
check "approve it" tv view add azion/credentials "$HOME/project/.azion-token"
check "it appears" wait_for 5 there "$HOME/project/.azion-token" "$AZION_WORK"
check "unmount again" tv unmount
as_user chmod 666 "$XDG_CONFIG_HOME/tokenvault/paths"
check_exit 8 "a list that others can write to is none" tv mount
as_user chmod 600 "$XDG_CONFIG_HOME/tokenvault/paths"
check "with the list again" tv mount
check "it is there" wait_for 5 there "$HOME/project/.azion-token" "$AZION_WORK"
# A definition must not have the list be a file of the vault's.
other=$HOME/.other
as_user mkdir -p "$other/tokenvault/providers"
as_user sh -c 'cat >"$1"' sh "$other/tokenvault/providers/azion.json" <<'END'
{"name": "azion", "title": "Azion", "files": [
	{"name": "credentials", "path": ".other/tokenvault/paths", "shows": "in-use", "escape": "none",
	 "mode": "0600", "template": ["project/.azion-token", ""]}]}
END
check "unmount to try" tv unmount
elsewhere() {
	XDG_CONFIG_HOME=$other tv "$@"
}
check_exit 8 "no list" elsewhere mount
check "a list that is a file of the vault's" elsewhere view on azion/credentials
check "it is there" wait_for 5 there "$other/tokenvault/paths" project/.azion-token
check_exit 8 "is none" elsewhere mount
same "nothing is there now" "$(as_user ls "$HOME/project" 2>&1 | grep -c azion-token)" 0
check "off again" elsewhere view off azion/credentials
check "unmount after it" elsewhere unmount
as_user rm -r "$other"
check "mount as before" tv mount
check "it is there as before" wait_for 5 there "$HOME/project/.azion-token" "$AZION_WORK"
check "remove it" tv view remove "$HOME/project/.azion-token"
check "it goes too" wait_for 5 gone "$HOME/project/.azion-token"
as_user rm -r "$XDG_CONFIG_HOME"

# ---- tokens that expire while they are mounted
reading() {
	as_user cat "$1" 2>&1
}
fails_with() {
	reading "$1" | grep -q "$2"
}
soon=$(date -u -d '+3 seconds' +%Y-%m-%dT%H:%M:%SZ)
check "expires, and is denied then" tv set choreo --expires "$soon" --when-expired deny
check "expires, and is served on" tv set azion/home --expires "$soon"
size=$(as_user stat -c %s "$HOME/.choreo/token")
check "is read until then" there "$HOME/.choreo/token" "$CHOREO"
as_user sh -c 'exec <"$1"; until [ -e "$2" ]; do sleep 0.1; done; cat >"$3"' sh \
	"$HOME/.choreo/token" "$SANDBOX/tmp/go" "$SANDBOX/tmp/held" &
holder=$!
check "expired: Key has expired" wait_for 6 fails_with "$HOME/.choreo/token" 'Key has expired'
same "its size stays" "$(as_user stat -c %s "$HOME/.choreo/token")" "$size"
as_user touch "$SANDBOX/tmp/go"
wait "$holder"
same "who had it open reads on" "$(as_user cat "$SANDBOX/tmp/held")" "$CHOREO"
like "status says so" "$(status_of views | grep choreo/token)" "expired on $soon, so it is not shown"
check "the other is read" there "$HOME/.azion/home/settings.toml" "$AZION_WORK"
like "status says that" "$(status_of views | grep home/settings.toml)" "expired on $soon\$"
check "a new token" as_user sh -c 'printf "%s\n" "$1" | "$2" -q --passphrase-fd 9 set choreo --token --no-verify 9<"$3"' sh \
	"$CHOREO" "$BIN/tokenvault" "$SANDBOX/passphrase"
check "is read again" wait_for 5 there "$HOME/.choreo/token" "$CHOREO"

# ---- an edit by a process that knows nothing of the server
check "edit with another runtime directory" \
	as_user env XDG_RUNTIME_DIR="$SANDBOX/tmp" sh -c 'printf %s "$2" |
		"$0" --passphrase-fd 9 add --no-verify api7/ci 9<"$1"' "$BIN/tokenvault" "$SANDBOX/passphrase" "$API7_CI"
check "the server takes it" wait_for 5 there "$HOME/.api7cloud/config" "$API7_CI"

# ---- the directory view
tree=$(status_of tree)
same "is where it is said to be" "$tree" "$XDG_RUNTIME_DIR/tokenvault/default"
same "one directory for each service" "$(as_user ls "$tree" | tr '\n' ' ')" "api7 azion choreo "
same "one for each entry" "$(as_user ls "$tree/azion" | tr '\n' ' ')" "default home "
like "each holds its own token" "$(as_user sh -c "cat '$tree'/azion/home/*")" "$AZION_WORK"
same "and no other's" "$(as_user sh -c "cat '$tree'/azion/home/*" | grep -c "$AZION")" 0
file=$(as_user find "$tree/choreo/default" -type f | head -n 1)
same "files are 0400 or 0600" "$(as_user find "$tree" -type f ! -perm 400 ! -perm 600)" ""
same "directories are 0500 or 0700" "$(as_user find "$tree" -type d ! -perm 500 ! -perm 700)" ""
same "nothing can be made there" "$(as_user sh -c ": >'$tree/x'" 2>&1 | grep -c 'Read-only\|denied\|permitted\|implemented')" 1
same "and nothing removed" "$(as_user rm -f "$file" 2>&1 | grep -c 'Read-only\|denied\|permitted\|implemented\|busy')" 1
same "a name that is not there" "$(as_user cat "$tree/nope" 2>&1 | grep -c 'No such file')" 1

# ---- a value that its file can't hold, in a file of several entries
for entry in 'good token' 'bad to;k#en'; do
	as_user sh -c 'echo "${1#* }" | "$2" -q --passphrase-fd 9 add "aws/${1% *}" -f access_key_id=K --no-verify \
		9<"$3"' sh "$entry" "$BIN/tokenvault" "$SANDBOX/passphrase" 2>"$SANDBOX/err"
done
check "mount aws as well" tv mount aws
check "the other entry is shown" wait_for 5 there "$HOME/.aws/credentials" "aws_secret_access_key = token"
like "status names the one that is not" "$(status_of views | grep '\.aws/credentials')" \
	'aws/bad is left out of it: a value '
tv -q remove aws/bad && tv -q remove aws/good

# ---- a label that takes a file's place
printf '%s\n' "$AZION" | tv -q add azion/profiles.json --no-verify
like "the entry whose label must change is named" "$(status_of views | grep 'profiles.json')" \
	'another label for azion/profiles.json helps'
tv -q remove azion/profiles.json

# ---- mounting some services only, and a second vault
check "unmount" tv unmount
home_listing >"$SANDBOX/after"
same "HOME is as before" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
check "mount choreo alone" tv mount choreo
same "only choreo's files" "$(mounted_paths | grep -vc '/\.choreo/')" 0
check_exit 4 "an unknown service" tv mount nope
tv2() {
	tv --vault second "$@"
}
tv2 init --memory 64 --passes 1 </dev/null >/dev/null || not_ok "init of a second vault"
printf '%s\n' "$API7_PROD" | tv2 add --no-verify api7/prod >/dev/null || not_ok "add to it"
printf '%s\n' "$CHOREO_EU" | tv2 add --no-verify choreo >/dev/null || not_ok "add to it"
check_exit 12 "the second vault mounts what is free" tv2 mount
like "what is taken is named" "$ERR" '\.choreo/token'
check "the second vault's file" there "$HOME/.api7cloud/config" "$API7_PROD"
reads "$HOME/.choreo/token" "$CHOREO"
check "its directory view has all" there "$XDG_RUNTIME_DIR/tokenvault/second/choreo/default/token" \
	"$CHOREO_EU"
check "lock the first" tv lock
check "the second stays open" there "$HOME/.api7cloud/config" "$API7_PROD"
check "unmount the first" tv unmount
check "the second stays" there "$HOME/.api7cloud/config" "$API7_PROD"
check "unmount the second" tv2 unmount
check "nothing stays mounted" none_mounted
check_exit 17 "unmount when nothing is mounted" tv unmount
finish
