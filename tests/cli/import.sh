# Import and export: real sources of every kind, and none of their tokens where it does not belong.
. "$(dirname "$0")/../lib.sh"
sandbox
key=$HOME/key

# k COMMAND …: tokenvault with the keyfile, which takes no time.
k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@" </dev/null
}

# write FILE: standard input into a file of the user's.
write() {
	as_user sh -c 'umask 077; cat >"$1"' sh "$1"
}

# fresh: an empty vault.
fresh() {
	rm -rf "$XDG_DATA_HOME/tokenvault" "$XDG_STATE_HOME/tokenvault"
	k -q init
}

# quiet_about WHAT: the command before told no token.
quiet_about() {
	case "$OUT$ERR" in
	*SECRET*) not_ok "$1: no token is told" "$OUT" "$ERR" ;;
	*) ok "$1: no token is told" ;;
	esac
}

entries() {
	k list --json | "$PYTHON" -c '
import json, sys
print(" ".join(e["provider"] + "/" + e["label"] for e in json.load(sys.stdin)))'
}

of() {
	k show "$1" --json | "$PYTHON" -c 'import json, sys
print(json.dumps(json.load(sys.stdin)[sys.argv[1]], sort_keys=True))' "$2"
}

# ---- dotenv
fresh
# A definition from elsewhere does not get what is a built-in's.
as_user mkdir -p "$XDG_CONFIG_HOME/tokenvault/providers"
write "$XDG_CONFIG_HOME/tokenvault/providers/aaa.json" <<-'EOF'
	{"name": "aaa", "title": "Azion", "environment": ["AZIONCLI_TOKEN"],
	 "verify": [{"base": "https://evil.example", "path": "/"}],
	 "files": [{"name": "f", "path": ".f", "shows": "in-use", "escape": "none", "template": "{{token}}"}]}
EOF
write "$HOME/.env" <<-'EOF'
	# what the tool wants
	export AZIONCLI_TOKEN="SECRETazion1" # mine
	DATABASE_URL=postgres://SECRETdatabase
	OTHER='SECRETother'
EOF
check_exit 0 "dotenv, dry" k import dotenv "$HOME/.env" --dry-run
like "says what would be" "$OUT" 'AZIONCLI_TOKEN +azion/default +would be imported'
quiet_about "dotenv, dry"
same "and does nothing" "$(entries)" ""
check_exit 0 "dotenv" k import dotenv "$HOME/.env" --as OTHER=choreo/ci
like "the variable of a definition" "$OUT" 'AZIONCLI_TOKEN +azion/default +imported'
like "the one that was named" "$OUT" 'OTHER +choreo/ci +imported'
like "and what is left out" "$OUT" 'DATABASE_URL +- +left out: no service'
like "the file still has them" "$ERR" "$HOME/.env still holds the tokens in the clear"
quiet_about "dotenv"
same "the token is there" "$(k show azion)" SECRETazion1
same "that of the other" "$(k show choreo/ci)" SECRETother
same "the hosts are pinned" "$(of azion hosts)" '["sso.azion.com", "api.azionapi.net"]'
check "the source is as it was" grep -q SECRETazion1 "$HOME/.env"
check_exit 0 "again" k import dotenv "$HOME/.env"
like "it is there already" "$OUT" 'azion/default +there already'
same "nothing more is said" "$ERR" ""
check_exit 0 "under another label" k import dotenv "$HOME/.env" --label work
same "is another entry" "$(entries)" "azion/default azion/work choreo/ci"
sed -i s/azion1/azion2/ "$HOME/.env"
check_exit 11 "another token" k import dotenv "$HOME/.env"
like "is said" "$OUT" 'azion/default +left out: has another token; --replace'
same "and left out" "$(k show azion)" SECRETazion1
check_exit 0 "unless --replace" k import dotenv "$HOME/.env" --replace
like "says so" "$OUT" 'azion/default +replaced'
same "replaces it" "$(k show azion)" SECRETazion2
k -q set azion --field uuid=first-id --field email=me@example.com
sed -i s/azion2/azion3/ "$HOME/.env"
check_exit 0 "--replace of one with an id" k import dotenv "$HOME/.env" --replace
same "takes the other token's id away" "$(of azion fields)" '{"email": "me@example.com"}'
check_exit 0 "JSON" k import dotenv "$HOME/.env" --json
same "reports the same" "$(printf '%s' "$OUT" | "$PYTHON" -c '
import json, sys
print([tuple(line.values()) for line in json.load(sys.stdin)][0])')" \
	"('AZIONCLI_TOKEN', 'azion', 'default', 'there already', None)"
check_exit 2 "--as of what isn't there" k import dotenv "$HOME/.env" --as NONE=azion
check_exit 4 "--as to what isn't there" k import dotenv "$HOME/.env" --as OTHER=azoin
like "names the nearest" "$ERR" azion
check_exit 2 "--as without a service" k import dotenv "$HOME/.env" --as OTHER
check_exit 2 "an option of another source" k import dotenv "$HOME/.env" --import-keyfile x
check_exit 2 "--as is none of tokenvault's" k import tokenvault "$HOME/.env" --as a=azion
check_exit 2 "a source that isn't known" k import lastpass "$HOME/.env"
check_exit 2 "no file" k import dotenv
check_exit 7 "a file that isn't there" k import dotenv "$HOME/none"
printf 'A=1\nB="SECRETbroken\n' | write "$HOME/broken"
check_exit 2 "a broken file" k import dotenv "$HOME/broken"
like "is named with its line" "$ERR" "$HOME/broken: line 2: "
quiet_about "a broken file"
printf 'AZIONCLI_TOKEN=SECRET\303\244\n' | write "$HOME/umlaut"
check_exit 0 "what is no token" k import dotenv "$HOME/umlaut" --label umlaut
like "is left out" "$OUT" 'left out: '
quiet_about "what is no token"

as_user mkfifo "$HOME/pipe"
as_user sh -c 'echo AZIONCLI_TOKEN=SECRETpipe >"$1"' sh "$HOME/pipe" &
check_exit 0 "a pipe" k import dotenv "$HOME/pipe" --label pipe
same "is read as well" "$(k show azion/pipe)" SECRETpipe
wait
fresh
write "$HOME/aws.env" <<-'EOF'
	AWS_ACCESS_KEY_ID=AKIAEXAMPLE
	AWS_SECRET_ACCESS_KEY=SECRETaws
	GITHUB_TOKEN=SECRETgithub
EOF
check_exit 0 "a token with another variable" k import dotenv "$HOME/aws.env"
same "has that as its field" "$(of aws fields)" '{"access_key_id": "AKIAEXAMPLE"}'
same "the token" "$(k show aws)" SECRETaws
sed -i 1d "$HOME/aws.env"
fresh
check_exit 0 "and without it" k import dotenv "$HOME/aws.env"
like "is left out" "$OUT" 'aws/default +left out: aws needs its field access_key_id'
like "the rest is not" "$OUT" 'github/default +imported'

# ---- CSV, as the managers write it
fresh
write "$HOME/keepassxc.csv" <<-'EOF'
	"Group","Title","Username","Password","URL","Notes","TOTP","Icon","Last Modified","Created"
	"Root/Tokens","Azion","me@example.com","SECRETk1","https://console.azion.com/","a ""note""
	of two lines","","0","2026-01-01T00:00:00Z","2026-01-01T00:00:00Z"
	"Root","CI token","","SECRETk2,x","https://sso.azion.com:443/path?q","","","0","2026-01-01T00:00:00Z","2026-01-01T00:00:00Z"
	"Root","Bank","me","SECRETk3","https://bank.example/","","","0","2026-01-01T00:00:00Z","2026-01-01T00:00:00Z"
	"Root","fake","me","SECRETk4","https://sso.azion.com.evil.example/","","","0","2026-01-01T00:00:00Z","2026-01-01T00:00:00Z"
	"Root","part","me","SECRETk6","https://on.com/","","","0","2026-01-01T00:00:00Z","2026-01-01T00:00:00Z"
	"Root","Empty","me","","https://console.azion.com/","","","0","2026-01-01T00:00:00Z","2026-01-01T00:00:00Z"
	"Recycle Bin","Azion","me","SECRETk5","https://console.azion.com/","","","0","2026-01-01T00:00:00Z","2026-01-01T00:00:00Z"
EOF
check_exit 0 "KeePassXC" k import keepassxc "$HOME/keepassxc.csv"
quiet_about "KeePassXC"
same "a title and a URL" "$(entries)" "azion/CI-token azion/default"
same "the token of the title" "$(k show azion/default)" SECRETk1
same "its field" "$(of azion/default fields)" '{"email": "me@example.com"}'
same "its note" "$(of azion/default note)" '"a \"note\" of two lines"'
same "the token of the URL" "$(k show azion/CI-token)" SECRETk2,x
like "another host's name is no match" "$OUT" 'fake +- +left out: no service'
like "nor is a part of one" "$OUT" 'part +- +left out: no service'
like "an empty password" "$OUT" 'Empty +azion/Empty +left out: '
like "the recycle bin" "$OUT" 'Azion +- +left out: in the recycle bin'
fresh
write "$HOME/1password.csv" <<-'EOF'
	Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes
	Choreo PAT,https://console.choreo.dev/,me,SECRETo1,,false,false,,
	Azion,,me@example.com,SECRETo2,,true,false,a;b,"x
	y"
	Router,http://192.168.0.1/,admin,SECRETo3,,false,false,,
EOF
check_exit 0 "1Password" k import 1password "$HOME/1password.csv" --as Router=azion/router
quiet_about "1Password"
same "all three" "$(entries)" "azion/default azion/router choreo/Choreo-PAT"
same "the token" "$(k show choreo)" SECRETo1
sed -i '1s/.*/TITLE,website,username,password,x,y,z,t,notes/' "$HOME/1password.csv"
check_exit 0 "heads in any case" k import 1password "$HOME/1password.csv"
like "are the same" "$OUT" 'choreo/Choreo-PAT +there already'
fresh
write "$HOME/hosts.csv" <<-'EOF'
	Title,Url,Username,Password
	GitLab,https://git.example.com/,me,SECREThost1
	work,https://gitlab.com/-/user_settings,me,SECREThost2
	netrc,https://host.example/,me,SECREThost3
EOF
check_exit 0 "services in more than one place" k import 1password "$HOME/hosts.csv"
same "a place of its own" "$(of gitlab/default fields)" '{"host": "git.example.com", "user": "me"}'
same "is where the token may go" "$(of gitlab/default hosts)" '["git.example.com"]'
same "the usual place" "$(of gitlab/work fields)" '{"user": "me"}'
same "no usual place" "$(of netrc fields)" '{"login": "me", "machine": "host.example"}'
"$PYTHON" -c 'print("Title,Password,Notes\n" + "azion/long,SECRETlong," + "a" * 4091 + "\u00e4" * 9)' |
	write "$HOME/long.csv"
check_exit 0 "a note that is too long" k import keepassxc "$HOME/long.csv"
same "is cut behind a letter" \
	"$(of azion/long note | "$PYTHON" -c 'import json; n = json.loads(input()); print(len(n), ascii(n[-1]))')" \
	"4092 '\\xe4'"
printf 'Title,Password\n"Azion\nx",SECRETn\n"\302\233x",SECRETm\n' | write "$HOME/odd.csv"
check_exit 0 "names of two lines, or with controls" k import keepassxc "$HOME/odd.csv" --dry-run
same "are not shown" "$(printf '%s\n' "$OUT" | grep -c '^? ')" 2
printf 'a,b\n1,2\n' | write "$HOME/odd.csv"
check_exit 2 "another CSV" k import 1password "$HOME/odd.csv"
like "lacks a column" "$ERR" 'no column'
printf 'Title,Password\nx,"SECRETq\n' | write "$HOME/odd.csv"
check_exit 2 "a broken CSV" k import keepassxc "$HOME/odd.csv"
quiet_about "a broken CSV"

# ---- the encrypted export
fresh
jwt=eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.SECRETjwt
printf %s "$jwt" | as_user "$BIN/tokenvault" -k "$key" -q add api7/one --no-verify
printf SECRETa1 | as_user "$BIN/tokenvault" -k "$key" -q add azion --no-verify --field email=me@example.com \
	--note "a note" --expires 2099-08-19
printf SECRETa2 | as_user "$BIN/tokenvault" -k "$key" -q add azion/second --no-verify
k -q use azion/second
k -q set azion/second --when-expired deny
printf 'a very long passphrase\n' >"$SANDBOX/other"
# with_other COMMAND …: with the export's passphrase on descriptor 8.
with_other() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@" 8<"$SANDBOX/other" </dev/null
}
umask 022
check_exit 0 "export" with_other export "$HOME/out.vault" --export-passphrase-fd 8 -m 64 -p 1
quiet_about "export"
like "says how many" "$ERR" 'exported 3 entries'
same "for its owner alone" "$(stat -c %a "$HOME/out.vault")" 600
umask 077
check "and in no clear text" sh -c '! grep -q SECRET "$1"' sh "$HOME/out.vault"
check_exit 11 "never over a file" with_other export "$HOME/out.vault" --export-passphrase-fd 8
check_exit 4 "nor of what isn't there" with_other export "$HOME/x.vault" azoin --export-passphrase-fd 8
check "then nothing is made" test ! -e "$HOME/x.vault"
cd "$HOME" || exit 1
check_exit 0 "it is a vault" as_user "$BIN/tokenvault" -v ./out.vault --passphrase-fd 8 list 8<"$SANDBOX/other"
cd "$SANDBOX/tmp" || exit 1
like "with the entries" "$OUT" 'azion +second +yes'
before=$(k list --json | grep -vE '"(id|created|updated)"')
fields=$(of azion/default fields)
fresh
check_exit 0 "import of it" with_other import tokenvault "$HOME/out.vault" --import-passphrase-fd 8
quiet_about "import of it"
same "all is as it was" "$(k list --json | grep -vE '"(id|created|updated)"')" "$before"
same "the fields" "$(of azion/default fields)" "$fields"
same "the tokens" "$(k show azion/default) $(k show azion/second) $(k show api7)" "SECRETa1 SECRETa2 $jwt"
same "the hosts" "$(of azion/default hosts)" '["sso.azion.com", "api.azionapi.net"]'
check_exit 0 "import again" with_other import tokenvault "$HOME/out.vault" --import-passphrase-fd 8
same "finds all there" "$(printf '%s\n' "$OUT" | grep -c 'there already$')" 3
k -q use azion/default
k -q remove azion/second
with_other -q import tokenvault "$HOME/out.vault" --import-passphrase-fd 8 >/dev/null
same "which is in use stays the user's choice" "$(of azion/default in_use)" true
printf 'wrong passphrase\n' >"$SANDBOX/other"
check_exit 3 "the wrong passphrase" with_other import tokenvault "$HOME/out.vault" --import-passphrase-fd 8
check_exit 0 "with a keyfile" k export "$HOME/part.vault" azion/default --export-keyfile "$HOME/part.key"
fresh
check_exit 0 "that opens it" k import tokenvault "$HOME/part.vault" --import-keyfile "$HOME/part.key"
same "one entry only" "$(entries)" azion/default
check_exit 2 "a descriptor that isn't open" k export "$HOME/y.vault" --export-passphrase-fd 77
check_exit 5 "what is no vault" k import tokenvault "$HOME/.env" --import-keyfile "$key"

# ---- in the clear
check_exit 8 "--plaintext without a terminal" as_user setsid -w "$BIN/tokenvault" --keyfile "$key" \
	export --plaintext "$HOME/plain.json"
check "makes nothing" test ! -e "$HOME/plain.json"
quiet_about "--plaintext without a terminal"
umask 022
check_exit 0 "--plaintext --yes" k export --plaintext "$HOME/plain.json" --yes
like "says what it is" "$ERR" 'plain.json has 1 token in the clear'
same "for its owner alone" "$(stat -c %a "$HOME/plain.json")" 600
umask 077
same "as JSON" "$("$PYTHON" -c '
import json, sys
e, = json.load(open(sys.argv[1]))
print(e["provider"], e["label"], e["token"], e["fields"], e["note"], e["expires"])' "$HOME/plain.json")" \
	"azion default SECRETa1 {'email': 'me@example.com'} a note 2099-08-19T23:59:59Z"
check_exit 11 "never over a file" k export --plaintext "$HOME/plain.json" --yes
ln -s "$HOME/nowhere" "$HOME/link"
check_exit 11 "nor through a link" k export --plaintext "$HOME/link" --yes
check_exit 0 "to standard output" k export --plaintext - --yes azion
like "is the same" "$OUT" SECRETa1
check_exit 2 "--yes alone" k export "$HOME/z.vault" --yes
if command -v expect >/dev/null; then
	# confirmed ANSWER: what export --plaintext does when that is typed.
	confirmed() {
		rm -f "$HOME/typed.json"
		as_user env TV="$BIN/tokenvault" KEY="$key" OUT="$HOME/typed.json" ANSWER="$1" expect -c '
			set timeout 20
			log_user 0
			spawn $env(TV) --keyfile $env(KEY) export --plaintext $env(OUT)
			expect "plaintext` to do it: "
			send "$env(ANSWER)\r"
			expect eof
			exit [lindex [wait] 3]' >/dev/null 2>&1
	}
	check_exit 8 "another word typed" confirmed yes
	check "makes nothing" test ! -e "$HOME/typed.json"
	check_exit 0 "the word typed" confirmed plaintext
	check "makes the file" grep -q SECRETa1 "$HOME/typed.json"
else
	skip "confirming on a terminal" "expect is not installed"
fi

# ---- pass
fresh
check_exit 7 "no store" k import pass
export GNUPGHOME="$HOME/gnupg"
if command -v gpg >/dev/null && command -v gpg-agent >/dev/null; then
	as_user mkdir -m 700 "$GNUPGHOME"
	# Ends the agent, whatever happens.
	trap 'as_user gpgconf --kill all 2>/dev/null; cleanup' EXIT
	check "a key" as_user gpg --batch --quiet --passphrase '' --quick-gen-key test@example.com default default never
	store=$HOME/.password-store
	as_user mkdir -p "$store/azion" "$store/web" "$store/.git"
	echo test@example.com | write "$store/.gpg-id"
	# put NAME: into the store, as pass does.
	put() {
		as_user gpg --batch --quiet --yes -e -r test@example.com -o "$store/$1.gpg"
	}
	printf 'SECRETp1\nemail: me@example.com\nclient_id: 42\nsome words\nmore: words\n' | put azion/work
	if command -v pass >/dev/null; then
		printf 'SECRETp2\nurl: https://console.choreo.dev/x\nuser: me\n' |
			as_user pass insert -m web/choreo-token >/dev/null
	else
		printf 'SECRETp2\nurl: https://console.choreo.dev/x\nuser: me\n' | put web/choreo-token
	fi
	printf 'SECRETp3' | put web/bank
	printf 'SECRETp4\n' | put api7
	echo junk | write "$store/web/junk.gpg"
	echo SECRETplain | write "$store/notes.txt"
	check_exit 0 "pass, dry" k import pass --dry-run
	same "does nothing" "$(entries)" ""
	check_exit 0 "pass" k import pass --as web/bank=azion/bank
	quiet_about "pass"
	same "names, a URL, and --as" "$(entries)" "api7/default azion/bank azion/work choreo/web-choreo-token"
	same "the token" "$(k show azion/work)" SECRETp1
	same "the fields" "$(of azion/work fields)" '{"client_id": "42", "email": "me@example.com"}'
	like "lines that are no fields are named" "$ERR" 'azion/work: left out, for they are no fields of azion: more$'
	same "without what they say" "$(printf '%s' "$ERR" | grep -c words)" 0
	like "the note" "$(of azion/work note)" 'some words'
	like "what gpg can't open" "$OUT" "web/junk +- +left out: gpg can't decrypt it"
	like "the store still has them" "$ERR" "$store still has the tokens"
	check_exit 0 "another directory" k import pass "$store/azion" --as work=azion/other
	same "has names of its own" "$(k show azion/other)" SECRETp1
	as_user gpgconf --kill all
	mv "$GNUPGHOME" "$GNUPGHOME.away"
	check_exit 1 "without the key" k import pass
	like "gpg can't" "$ERR" "gpg can't decrypt $store/api7.gpg"
	mkdir "$SANDBOX/empty"
	chmod 755 "$SANDBOX/empty"
	check_exit 1 "without gpg" as_user env PATH="$SANDBOX/empty" "$BIN/tokenvault" --keyfile "$key" import pass
	like "says what to install" "$ERR" 'gpg is not installed'
else
	skip "pass" "gpg is not installed"
fi
finish
