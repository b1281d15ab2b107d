# No token, field or label can break out of its place: what a real parser reads back is what went in.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
check "init" make_vault

# parsed KIND FILE EXPRESSION …: the values of Python expressions on the parsed document d, a line each.
parsed() {
	as_user "$PYTHON" -c '
import sys, tomllib, yaml
kind, path, *expressions = sys.argv[1:]
with open(path, "rb") as file:
    d = yaml.safe_load(file) if kind == "yaml" else tomllib.load(file)
print(*[eval(expression) for expression in expressions], sep="\n")' "$@" 2>&1
}

# reads_back VALUE: through a field and a token of every format.
reads_back() {
	tv set azion/default --field email="$1" </dev/null >"$SANDBOX/said" 2>&1 ||
		not_ok "set a field: $1" "$(cat "$SANDBOX/said")"
	same "toml, and its neighbours: $1" "$(parsed toml "$HOME/.azion/default/settings.toml" \
		'd["Email"]' 'd["Token"], d["ClientId"], len(d)')" "$1
('$AZION', '', 11)"
	tv set api7/ci --field address="$1" </dev/null >"$SANDBOX/said" 2>&1 ||
		not_ok "set a field: $1" "$(cat "$SANDBOX/said")"
	same "yaml, and its neighbours: $1" "$(parsed yaml "$HOME/.api7cloud/config" \
		'd["profiles"][0]["address"]' \
		'd["profiles"][0]["user"]["access_token"], len(d), len(d["profiles"])')" "$1
('$API7_CI', 2, 1)"
}

add api7/ci "$API7_CI" && add azion "$AZION" && add choreo "$CHOREO" && tv mount ||
	not_ok "add and mount"
for value in "it's" '"quoted"' "'" '"' 'a: b' '# no comment' 'a #b' 'back\slash' '\' 'C:\new\table' \
	'- item' '{a: b}' '[1, 2]' '*alias' '&anchor' '!tag' '| x' '> x' '%directive' '@at' '`tick`' \
	'null' '~' 'true' 'no' '0x10' '1e3' '017' '2027-08-19' '---' '...' '?' ': ' ' lead' 'trail ' \
	"'''" '"""' "Token = 'x'" '{{token}}' '{{#entries}}' '$HOME' '\u0041' '\n' 'ä€😀' \
	"mixed ' and \" and \\"; do
	reads_back "$value"
done

# Tokens are printable ASCII, and some of them are nasty.
for token in "a'b\"c\\d#e: f" "'''" '"]' "x' #" '\' '# x' '{{label}}'; do
	printf '%s\n' "$token" | tv set choreo/default --token --no-verify >"$SANDBOX/said" 2>&1 ||
		printf '%s\n' "$token" | tv set choreo/default --no-verify >"$SANDBOX/said" 2>&1 ||
		not_ok "set a token: $token" "$(cat "$SANDBOX/said")"
	same "toml token: $token" "$(parsed toml "$HOME/.choreo/config.toml" \
		'd["login"]["oauth2"]["accessToken"], len(d), len(d["login"])')" \
		"$("$PYTHON" -c 'import sys; print((sys.argv[1], 1, 1))' "$token")"
	same "raw token: $token" "$(as_user cat "$HOME/.choreo/token")" "$token"
done

# Labels that YAML would read as something else, and that a path would.
for label in true null 1.0 0x1F 1e3 2027-08-19 -x no ...; do
	add "api7/$label" "$API7_PROD" >"$SANDBOX/said" 2>&1 || not_ok "add api7/$label" "$(cat "$SANDBOX/said")"
	tv use "api7/$label" </dev/null >/dev/null 2>&1 || not_ok "use api7/$label"
	same "yaml label: $label" "$(parsed yaml "$HOME/.api7cloud/config" \
		'd["default_profile"], [p["name"] for p in d["profiles"]].count(d["default_profile"])')" \
		"('$label', 1)"
done
for label in . ..; do
	as_user find "$HOME" "$XDG_RUNTIME_DIR" -xdev -printf '%p\n' 2>/dev/null | sort >"$SANDBOX/before"
	if add "azion/$label" "$AZION_WORK" >"$SANDBOX/said" 2>&1; then
		[ ! -e "$HOME/settings.toml" ] && [ ! -e "$HOME/.azion/../settings.toml" ] &&
			ok "label $label stays in its directory" || not_ok "label $label escapes"
		tv remove "azion/$label" </dev/null >/dev/null 2>&1
	else
		ok "label $label is refused"
	fi
done
for label in profiles.json settings.toml credentials; do
	if add "azion/$label" "$AZION_WORK" >"$SANDBOX/said" 2>&1; then
		same "profiles.json beside label $label" \
			"$(parsed toml "$HOME/.azion/profiles.json" 'd["Name"]')" default
		same "the entry in use beside label $label" "$(parsed toml \
			"$HOME/.azion/default/settings.toml" 'd["Token"]')" "$AZION"
		tv remove "azion/$label" </dev/null >/dev/null 2>&1
	else
		ok "label $label is refused"
	fi
done
for label in a/b 'a b' 'a:b' '' 'ä' "$(printf '%065d' 0)"; do
	check_exit 2 "label '$label' is refused" add "api7/$label" "$API7_CI"
done

check "unmount" tv unmount
check "nothing stays mounted" none_mounted
finish
