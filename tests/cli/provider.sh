# What is told of definitions: provider list, show and check.
. "$(dirname "$0")/../lib.sh"
sandbox

p() {
	as_user "$BIN/tokenvault" provider "$@"
}

# faulty WHAT WANTED: the definition on standard input is refused, in these words after its name.
faulty() {
	cat >"$SANDBOX/toy.json"
	chmod 644 "$SANDBOX/toy.json"
	check_exit 16 "$1" p check "$SANDBOX/toy.json"
	like "says so" "$ERR" "toy.json:$2"
}

check_exit 0 "list" p list
for name in $(sed -n 's/^TV_PROVIDER(\(.*\))$/\1/p' "$ROOT/vault/providers/providers.def"); do
	like "list has $name" "$OUT" "^$name "
	check "show $name" p show "$name"
	same "show $name --json is the definition" "$(p show "$name" --json)" \
		"$(cat "$ROOT/vault/providers/$name.json")"
	check "check $name" p check "$ROOT/vault/providers/$name.json"
done

check_exit 0 "what azion's interface can do" p show azion
like "its hosts" "$OUT" '^hosts    sso\.azion\.com, api\.azionapi\.net$'
like "that it verifies" "$OUT" '^verify   yes$'
like "that it makes tokens" "$OUT" "^rotate   by the service's interface$"
like "that it ends them" "$OUT" "^revoke   by the service's interface$"
like "the variable" "$OUT" '^variable AZIONCLI_TOKEN$'
like "what adopt reads" "$OUT" '^adopt    ~/\.azion/settings\.toml  as toml$'
like "a file that is off" "$OUT" '^file     ~/\.azion/credentials .*off; tokenvault view on'
check_exit 0 "what aws's can't" p show aws
like "no hosts" "$OUT" '^hosts    -$'
like "no verifying" "$OUT" '^verify   no$'
like "rotating by hand" "$OUT" '^rotate   by hand, at the console$'
like "a required field" "$OUT" '^field    access_key_id \(required\)  '
like "a host that a field makes" "$(p show npm)" '^hosts    https://\{\{registry\}\}$'
like "a default makes the host" "$(p show terraform)" '^hosts    app\.terraform\.io$'

faulty "a member twice" '2: JSON member occurs twice: title' <<'END'
{"name": "toy",
 "title": "t", "title": "t"}
END
faulty "no JSON" '2: not JSON' <<'END'
{"name": "toy",
 "title" "t"}
END
faulty "a plain base" '3: verify\[0\]\.base: an address that begins with https://' <<'END'
{"name": "toy", "title": "t",
 "verify": [{
  "base": "http://toy.example",
  "path": "/"}],
 "files": [{"name": "f", "path": "f", "shows": "in-use", "escape": "none", "template": "{{token}}"}]}
END
faulty "a token in a base" '2: verify\[0\]\.base: line 1: token: ' <<'END'
{"name": "toy", "title": "t",
 "verify": [{"base": "https://{{token}}", "path": "/"}],
 "files": [{"name": "f", "path": "f", "shows": "in-use", "escape": "none", "template": "{{token}}"}]}
END
faulty "a format that is none" '3: files\[0\]\.adopt\.format: yaml, toml, json' <<'END'
{"name": "toy", "title": "t",
 "files": [{"name": "f", "path": "f", "shows": "in-use", "escape": "none", "template": "{{token}}",
  "adopt": {"format": "xml", "token": "/t"}}]}
END
finish
