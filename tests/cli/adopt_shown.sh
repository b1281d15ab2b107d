# Adopting leaves a file alone when the one that would be mounted there shows another token, another name or
# another choice, and says what would help; a dry run says the same; no two adopts at once.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
write_needles
. "$TESTS/cli/adopting.sh"
# config DEFAULT NAME TOKEN [NAME TOKEN]: the configuration of API7's tool.
config() {
	{
		printf 'default_profile: %s\nprofiles:\n' "$1"
		shift
		while [ $# -gt 1 ]; do
			printf '    - {name: %s, address: "https://api.api7.cloud", user: {access_token: %s}}\n' "$1" "$2"
			shift 2
		done
	} | put .api7cloud/config
}
credentials() {
	printf 'user:\n    access_token: %s\n' "$1" | put .api7cloud/credentials
}
# as_was PATH: the file is what it was when it was noted, and no token was shown.
note() {
	cp "$HOME/$1" "$SANDBOX/noted"
}
as_was() {
	check "$1 is as it was" cmp -s "$HOME/$1" "$SANDBOX/noted"
	same "no token is shown" "$(printf '%s' "$OUT$ERR" | grep -cFf "$SANDBOX/needles")" 0
}
in_use() {
	k list "$1" | awk '$3 == "yes" { print $2 }'
}
tab=$(printf '\t')

# ---- another account's token in the older version's file
afresh
config ci ci "$API7_CI"
credentials "$API7_PROD"
note .api7cloud/credentials
check_exit 12 "a dry run" adopt --dry-run
like "says what would be left" "$ERR" 'would be left: .*/credentials has the token of api7/default'
like "and what would not" "$OUT" "config${tab}api7/ci${tab}found\$"
same "and stores nothing" "$(k list --json | grep -c '"label"')" 0
check_exit 12 "two files with different tokens" adopt
gone .api7cloud/config
as_was .api7cloud/credentials
like "whose token it has, and whose it would show" "$ERR" \
	'has the token of api7/default, and the mounted file would show api7/ci; left alone, only its token is taken'
like "how to make it the one in use" "$ERR" 'tokenvault use api7/default makes it the one in use'
like "its state" "$OUT" "credentials${tab}api7/default${tab}kept\$"
has api7/default "$API7_PROD"
same "the file's choice is in use" "$(in_use api7)" ci
check "use" k use api7/default
check_exit 0 "then it is adopted" adopt
gone .api7cloud/credentials

# ---- a profile's token that is not the default one's
afresh
config ci ci "$API7_CI" prod "$API7_PROD"
credentials "$API7_PROD"
note .api7cloud/credentials
check_exit 12 "a profile's token that is not in use" adopt
as_was .api7cloud/credentials
like "is said" "$ERR" 'has the token of api7/prod, and the mounted file would show api7/ci'
same "there is no further entry" "$(k list --json | grep -c '"label"')" 2
gone .api7cloud/config
# The configuration is left for what it says besides: then the older file's token is the first one.
afresh
config ci ci "$API7_CI"
echo 'more: words' >>"$HOME/.api7cloud/config"
credentials "$API7_PROD"
check_exit 12 "with the other file left alone" adopt
gone .api7cloud/credentials
same "its token is the one in use" "$(in_use api7)" default

# ---- the same for other files that show the one in use, and for own paths
afresh
printf '%s' "$AZION" | k add azion/work --no-verify 2>/dev/null || not_ok "add"
printf 'API_TOKEN=%s\n' "$AZION_WORK" | put .azion/vulcan.env
note .azion/vulcan.env
check_exit 12 "vulcan.env of another account" adopt
as_was .azion/vulcan.env
like "is said" "$ERR" 'vulcan\.env has the token of azion/default, and the mounted file would show azion/work'
has azion/default "$AZION_WORK"
same "its file is not switched on" "$(k view list azion | grep -c '^azion/vulcan.env  *on ')" 0

# ---- which one is in use
afresh
printf '%s' "$AZION" | k add azion/work --no-verify 2>/dev/null || not_ok "add"
printf "Token = '%s'\n" "$AZION_WORK" | put .azion/default/settings.toml
echo "Name = 'default'" | put .azion/profiles.json
note .azion/profiles.json
check_exit 12 "a choice that is not the vault's" adopt
as_was .azion/profiles.json
gone .azion/default/settings.toml
like "is said, and how to make it so" "$ERR" \
	'says that another one than azion/work is in use, .*; left alone: tokenvault use azion/default, then adopt again'
same "the vault's stays" "$(in_use azion)" work
check "use" k use azion/default
check_exit 0 "then it is adopted" adopt
gone .azion/profiles.json
afresh
config gone ci "$API7_CI"
note .api7cloud/config
check_exit 12 "a choice that there is no entry for" adopt
as_was .api7cloud/config
like "is said" "$ERR" 'another one than api7/ci is in use'
has api7/ci "$API7_CI"

# ---- names
afresh
put .aws/credentials <<END
[default]
aws_access_key_id = A
aws_secret_access_key = $AZION
[profile with space]
aws_access_key_id = B
aws_secret_access_key = $AZION_WORK
END
note .aws/credentials
check_exit 12 "a name that can't be a label" adopt
as_was .aws/credentials
like "is said" "$ERR" 'has another name for aws/profile-with-space, .*only its tokens are taken: it needs another name'
has aws/profile-with-space "$AZION_WORK"
afresh
printf '%s' "$API7_CI" | k add api7/prod --no-verify 2>/dev/null || not_ok "add"
config ci ci "$API7_CI"
note .api7cloud/config
check_exit 12 "a token that the vault calls otherwise" adopt
as_was .api7cloud/config
like "is said, and how to rename it" "$ERR" 'another name for api7/prod, .*: tokenvault set api7/prod --label ci, then'
check_exit 12 "a dry run" k adopt --dry-run
like "says the same, with a key" "$ERR" 'would be left: .*another name for api7/prod'
check_exit 0 "without one" as_user "$BIN/tokenvault" adopt --dry-run
like "it says what it can't know" "$ERR" 'the vault was not opened'
check "rename" k set api7/prod --label ci
check_exit 0 "then it is adopted" adopt
gone .api7cloud/config

# ---- a directory that can't be written to
afresh
printf '%s\n' "$CHOREO" | put .choreo/token
note .choreo/token
as_user chmod 500 "$HOME/.choreo"
check_exit 12 "a dry run with a directory that can't be written to" k adopt --dry-run
like "says so" "$ERR" "would be left: .*directory can't be written to"
check_exit 12 "a directory that can't be written to" adopt
as_was .choreo/token
like "is said" "$ERR" "choreo/token can't be taken away, for its directory can't be written to: Permission denied"
same "nothing is stored" "$(k list --json | grep -c '"label"')" 0
check_exit 0 "--keep takes it" adopt --keep
has choreo "$CHOREO"
as_user chmod 700 "$HOME/.choreo"

# ---- two at once
exec 8>"$XDG_STATE_HOME/tokenvault/adopt.lock"
chmod 666 "$XDG_STATE_HOME/tokenvault/adopt.lock"
flock 8
check_exit 14 "while another adopt is at work" adopt
like "is said" "$ERR" 'another adopt or release is at work'
as_was .choreo/token
check_exit 14 "release neither" k release --all --yes
check_exit 0 "a dry run may" k adopt --dry-run
exec 8<&-
check_exit 0 "afterwards" adopt
gone .choreo/token

# ---- release: single files
afresh
config ci ci "$API7_CI"
credentials "$API7_CI"
check_exit 0 "adopt" adopt
check_exit 4 "a file that is none" k release api7 --file nope --yes
check_exit 0 "release one file" k release api7 --file credentials --yes
like "it is there" "$(cat "$HOME/.api7cloud/credentials")" "$API7_CI"
gone .api7cloud/config
same "and switched off" "$(k view list api7 | grep -c '^api7/credentials  *off')" 1
check_exit 0 "release the rest" k release api7 --yes
like "it is there" "$(cat "$HOME/.api7cloud/config")" "$API7_CI"
finish
