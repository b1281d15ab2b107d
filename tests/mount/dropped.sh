# A new service is one file dropped into the user's definitions: every command knows it at once, and
# nothing is restarted but the mount.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/service/lib.sh"
is_root || skip_all "needs root, for a network of its own that files can be mounted in"
need_service api.acme.example
sandbox
need_fuse
own=$XDG_CONFIG_HOME/tokenvault/providers
token=acme_4f0c9aZ8b2QmW7xR1nK5tY3uE6pL0sD9
check "init" make_vault
check "the vault trusts the test's service" use_service
service_accepts choreo choreo-token
service_accepts other "$token"

# put TOKEN COMMAND …: the token to standard input.
put() {
	printf '%s\n' "$1" | {
		shift
		tv "$@"
	}
}

# completes LINE: the words that bash has for the last one.
completes() {
	as_user bash -c '
		source "$1"
		COMP_WORDS=($2)
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_tokenvault
		echo "${COMPREPLY[@]}"' bash "$SANDBOX/tmp/completion" "$1"
}

# ---- a server runs, and a shell has its completion, before there is such a service
check "add choreo" put choreo-token add choreo
check "mount" tv mount
before=$(server_pid)
tv completion bash >"$SANDBOX/tmp/completion"
chmod 644 "$SANDBOX/tmp/completion"
same "completion has no acme" "$(completes 'tokenvault add ac')" ""
check_exit 4 "no such service" put "$token" add acme
like "is said" "$ERR" 'no such service: acme'

# ---- it is dropped
as_user mkdir -p "$own"
cat >"$SANDBOX/acme.json" <<'END'
{
	"name": "acme",
	"title": "Acme Cloud",
	"console": "https://console.acme.example/tokens",
	"fields": {"region": {"value": "north", "about": "where it runs"}},
	"verify": [
		{
			"base": "https://api.acme.example",
			"path": "/me",
			"headers": ["Authorization: Bearer {{token}}"],
			"account": "/user/email"
		}
	],
	"files": [
		{
			"name": "credentials",
			"path": ".config/acme/{{label}}.toml",
			"shows": "each",
			"escape": "toml",
			"template": ["token = {{token}}", "region = {{region}}", "owner = {{account}}"]
		}
	]
}
END
chmod 644 "$SANDBOX/acme.json"
check "the definition is right" tv provider check "$SANDBOX/acme.json"
as_user sh -c 'cat >"$1"' - "$own/acme.json" <"$SANDBOX/acme.json"

like "provider list" "$(tv provider list)" '^acme +Acme Cloud +your own$'
like "provider show" "$(tv provider show acme)" '^file +~/.config/acme/\{\{label\}\}.toml'
same "completion, in the same shell" "$(completes 'tokenvault add ac')" acme
same "also after a part" "$(completes 'tokenvault provider show ac')" acme
check_exit 0 "add" put "$token" add acme/work --field region=south
like "asks the service" "$ERR" '^Acme Cloud: octo@example.com'
like "and says where such a token goes" "$ERR" \
	"^by a definition of your own, .*/acme.json, this token may go to api.acme.example\$"
check_exit 21 "a token that is refused" put "not-$token" add acme/bad
check_exit 0 "verify" tv verify acme
like "says whose it is" "$OUT" '^acme +work +good +octo@example.com'
same "the service saw three requests" "$(service_log api.acme.example | wc -l)" 3
like "list" "$(tv list)" '^acme +work .*octo@example.com'
like "view list" "$(tv view list acme)" 'credentials.*\.config/acme'
same "all of it with the same server" "$(server_pid)" "$before"

# ---- the mount
check "unmount" tv unmount
check_exit 0 "mount" tv mount
like "says the new file" "$OUT" "^$HOME/.config/acme/work.toml.acme/work$"
same "its bytes" "$(as_user cat "$HOME/.config/acme/work.toml")" "token = '$token'
region = 'south'
owner = 'octo@example.com'"
same "it is a plain file" "$(as_user stat -c '%F %a' "$HOME/.config/acme/work.toml")" "regular file 400"
check_exit 0 "the doctor knows it" as_user "$BIN/tokenvault" provider doctor acme -- \
	sh -c 'cat ~/.config/acme/default.toml'
like "and says that it serves" "$OUT" '^~/.config/acme/default.toml: a read-only file serves it$'

# ---- a wrong one does no harm to the others
echo '{"name": "broken"}' | as_user sh -c 'cat >"$1"' - "$own/broken.json"
check_exit 0 "a wrong one beside it" tv verify acme choreo
like "is said, with its file" "$ERR" 'left out: .*broken.json'
check_exit 4 "there is no such service" put x add broken --no-verify
like "and why" "$ERR" 'left out: .*broken.json:1: member "title" expected'
as_user rm "$own/broken.json"

# ---- and taken away again
as_user rm "$own/acme.json"
check_exit 0 "without it list still lists" tv list
like "the entry" "$OUT" '^acme +work'
same "which can be shown" "$(tv show acme/work)" "$token"
check "unmount" tv unmount
check_exit 0 "and mount has the others" tv mount
same "alone" "$(printf '%s\n' "$OUT" | grep -c acme)" 0
check "unmount" tv unmount
finish
