# SIGKILL at the system calls of adopt and of release, one after the other: no token is ever lost, and the
# same command once more finishes what was begun. adopt.sh [SHARE], of every 100 calls; TV_LONG: all.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
command -v strace >/dev/null || skip_all "no strace: apt-get install strace"
[ -z "${TV_SANITIZED:-}" ] || skip_all "the leak checker can't run under strace"
share=${1:-8}
[ -z "${TV_LONG:-}" ] || share=100
cp "$TESTS/crash/adopt.py" "$BIN/" && chmod 755 "$BIN/adopt.py"
# Where the user can make copies of it.
made=$TMPDIR/home
as_user mkdir -p "$made/.local/share" "$made/.local/state" "$made/.config"
export HOME="$made" XDG_CONFIG_HOME="$made/.config"
export XDG_DATA_HOME="$made/.local/share" XDG_STATE_HOME="$made/.local/state"
write() {
	as_user sh -c 'mkdir -p "${1%/*}" && cat >"$1"' sh "$made/$1"
}
kv() {
	as_user "$BIN/tokenvault" --keyfile "$made/.key" "$@"
}
check "init with a keyfile" kv init
write .api7cloud/config <<END
default_profile: prod
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
printf 'user:\n    access_token: %s\n' "$API7_PROD" | write .api7cloud/credentials
write .azion/default/settings.toml <<END
Token = '$AZION'
Email = 'me@example.com'
END
printf "Name = 'default'\n" | write .azion/profiles.json
# An older version's file, whose view is off at first.
printf '%s' "$AZION" | write .azion/credentials
printf '%s\n' "$API7_CI" "$API7_PROD" "$AZION" | as_user tee "$made.tokens" >/dev/null
if ! as_user strace -o /dev/null true 2>/dev/null; then
	skip_all "processes can't be traced here"
fi
from_helper as_user "$PYTHON" "$BIN/adopt.py" "$BIN/tokenvault" "$made" adopt "$share"
check "adopt" kv adopt --no-verify --no-mount
same "which files are switched on" "$(kv view list azion | grep -c '^azion/credentials  *on ')" 1
from_helper as_user "$PYTHON" "$BIN/adopt.py" "$BIN/tokenvault" "$made" release "$share"
finish
