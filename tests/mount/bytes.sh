# Every file at its tool's path: exactly the bytes, a plain file to stat, and what a real parser
# makes of it.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
check "init" make_vault
check "add api7/ci" add api7/ci "$API7_CI"
check "add api7/prod" add api7/prod "$API7_PROD"
check "add azion" add azion "$AZION" --field client_id=c1234 --field email=me@example.com
check "add azion/work" add azion/work "$AZION_WORK"
check "add choreo" add choreo "$CHOREO"
check "add choreo/eu" add choreo/eu "$CHOREO_EU"
check "mount" tv mount
[ "$n_failed" = 0 ] || finish
cat >"$SANDBOX/tmp/sent.py" <<-'EOF'
	import os, socket, sys
	fd = os.open(sys.argv[1], os.O_RDONLY)
	to, at = socket.socketpair()
	sent = os.sendfile(to.fileno(), fd, 0, 4096)
	print(at.recv(sent).decode() if sent else "nothing", end="")
EOF
chmod 644 "$SANDBOX/tmp/sent.py"
same "sendfile, of a file that nobody asked the size of" \
	"$(as_user "$PYTHON" "$SANDBOX/tmp/sent.py" "$HOME/.choreo/token")" "$CHOREO"

bytes_are "$HOME/.api7cloud/config" <<END
default_profile: ci
profiles:
    - name: ci
      address: https://api.api7.cloud
      user:
        access_token: $API7_CI
    - name: prod
      address: https://api.api7.cloud
      user:
        access_token: $API7_PROD
END
bytes_are "$HOME/.api7cloud/credentials" <<END
user:
    access_token: $API7_CI
END
settings() {
	cat <<-END
		Token = '$1'
		UUID = ''
		LastCheck = 9999-01-01T00:00:00Z
		LastVulcanVersion = ''
		AuthorizeMetricsCollection = 2
		ClientId = '$2'
		Email = '$3'
		ContinuationToken = ''
		S3AccessKey = ''
		S3SecretKey = ''
		S3Bucket = ''
	END
}
settings "$AZION" c1234 me@example.com >"$SANDBOX/wanted"
bytes_are "$HOME/.azion/default/settings.toml" <"$SANDBOX/wanted"
settings "$AZION_WORK" '' '' >"$SANDBOX/wanted"
bytes_are "$HOME/.azion/work/settings.toml" <"$SANDBOX/wanted"
reads "$HOME/.azion/profiles.json" "Name = 'default'"
reads "$HOME/.choreo/token" "$CHOREO"
bytes_are "$HOME/.choreo/config.toml" <<END
[login.oauth2]
accessToken = "$CHOREO"
END
mounted_paths >"$SANDBOX/paths"
[ "$(wc -l <"$SANDBOX/paths")" -ge 7 ] && ok "at least seven files" || not_ok "at least seven files"
while IFS= read -r path; do
	looks_plain "$path"
done <"$SANDBOX/paths"

# ---- reading in every way, and not writing
file=$HOME/.choreo/token
same "read from the middle" "$(as_user tail -c 5 "$file")" KY40
same "read byte by byte" "$(as_user dd bs=1 if="$file" 2>/dev/null)" "$CHOREO"
same "read past the end" "$(as_user dd bs=1 skip=4000 if="$file" 2>/dev/null)" ""
check_exit 0 "copy" as_user cp "$file" "$SANDBOX/tmp/copy"
same "the copy" "$(as_user cat "$SANDBOX/tmp/copy")" "$CHOREO"
rm -f "$SANDBOX/tmp/copy"
fails_with() {
	said=$(as_user sh -c "$2" 2>&1) && not_ok "$1" "it worked" || like "$1" "$said" "$3"
}
fails_with "write: EROFS" "echo x >'$file'" '[Rr]ead-only file system|EROFS'
fails_with "append: EROFS" "echo x >>'$file'" '[Rr]ead-only file system'
fails_with "remove: EBUSY" "rm -f '$file'" 'resource busy'
fails_with "rename: EBUSY" "mv -f '$file' '$file.x'" 'resource busy'
fails_with "replace: EBUSY" "touch '$file.new'; mv -f '$file.new' '$file'" 'resource busy'
as_user rm -f "$file.new"
fails_with "chmod" "chmod 644 '$file'" 'Read-only|not permitted|not implemented'
fails_with "truncate" "truncate -s 0 '$file'" 'Read-only|denied'
reads "$file" "$CHOREO"

check "unmount" tv unmount
check "nothing stays mounted" none_mounted

# ---- the files of older tools, which the user's own copy of the definition turns on
as_user mkdir -p "$XDG_CONFIG_HOME/tokenvault/providers"
sed 's/"on": false/"on": true/' "$ROOT/vault/providers/azion.json" |
	as_user tee "$XDG_CONFIG_HOME/tokenvault/providers/azion.json" >/dev/null
check "mount with a definition of the user's own" tv mount
settings "$AZION" c1234 me@example.com >"$SANDBOX/wanted"
bytes_are "$HOME/.azion/settings.toml" <"$SANDBOX/wanted"
printf '%s' "$AZION" >"$SANDBOX/wanted"
bytes_are "$HOME/.azion/credentials" <"$SANDBOX/wanted"
reads "$HOME/.azion/vulcan.env" "API_TOKEN=$AZION"
settings "$AZION_WORK" '' '' >"$SANDBOX/wanted"
bytes_are "$HOME/.azion/work/settings.toml" <"$SANDBOX/wanted"
check "unmount" tv unmount
check "nothing stays mounted" none_mounted
finish
