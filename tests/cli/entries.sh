# The commands about entries, without a server: what they do, print and refuse.
. "$(dirname "$0")/../lib.sh"
sandbox
jwt=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln
old_jwt=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE2MDAwMDAwMDB9.c2ln
key=$HOME/key

# k COMMAND …: tokenvault with the keyfile, which takes no time.
k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@"
}

# put TOKEN COMMAND …: the token to standard input; nobody is asked whether it is good.
put() {
	token=$1
	shift
	printf '%s' "$token" | k "$@" --no-verify
}

# of ENTRY MEMBER: what show --json says, as JSON.
of() {
	k show "$1" --json | "$PYTHON" -c 'import json, sys
print(json.dumps(json.load(sys.stdin)[sys.argv[1]]))' "$2"
}

check_exit 0 "init" k init
like "init says what it made" "$ERR" "made the vault $XDG_DATA_HOME/tokenvault/default.vault"
same "the vault's directory is closed to others" \
	"$(stat -c %a "$XDG_DATA_HOME/tokenvault")" 700
check_exit 0 "an empty list" k list
same "it prints nothing" "$OUT" ""
check_exit 0 "an empty list in JSON" k list --json
same "is an empty array" "$OUT" "[]"

check_exit 0 "add" put "tokenOne
" add azion --field email=me@example.com --note 'a "note"' --expires 2099-08-19
same "add prints nothing" "$OUT" ""
like "add says what it did" "$ERR" '^added azion/default$'
check_exit 0 "show" k show azion
same "show prints the token" "$OUT" tokenOne
same "and a line end, nothing else" "$(k show azion | wc -c)" 9
same "the field" "$(of azion fields)" '{"email": "me@example.com"}'
same "the note" "$(of azion note)" '"a \"note\""'
same "a date's end" "$(of azion expires)" '"2099-08-19T23:59:59Z"'
same "the first is in use" "$(of azion in_use)" true

check_exit 11 "add what is there" put x add azion
like "names set" "$ERR" 'azion/default; .*tokenvault set'
check_exit 0 "quiet" put tokenTwo --quiet add azion/work
same "says nothing" "$ERR" ""
same "the second is not in use" "$(of azion/work in_use)" false

# Expiry: of the token, in all its forms, and none.
put "$jwt" add api7/jwt 2>/dev/null
same "a JWT's own expiry" "$(of api7/jwt expires)" '"2100-01-01T00:00:00Z"'
put "$jwt" add api7/said --expires 2099-01-01T00:00:00Z 2>/dev/null
same "which comes before --expires" "$(of api7/said expires)" '"2100-01-01T00:00:00Z"'
put "$jwt" add api7/never --expires never 2>/dev/null
same "even never" "$(of api7/never expires)" '"2100-01-01T00:00:00Z"'
for span in 30d:30 720h:30 8w:56; do
	put x -q add "choreo/${span%:*}" --expires "${span%:*}"
	wanted=$(date -u -d "+${span#*:} days" +%Y-%m-%d)
	like "--expires ${span%:*}" "$(of "choreo/${span%:*}" expires)" "^\"${wanted}T"
done
for when in 30x 0d '' 2020-01-01 2027-02-30 tomorrow 99999999999999999999d; do
	check_exit 2 "--expires '$when'" put x add choreo/when --expires "$when"
done
check_exit 0 "an expired token is stored" put "$old_jwt" add api7/old
like "and said" "$(k list api7)" '^api7 +old +- +2020-09-13 \(expired\)'
check_exit 0 "no JWT where one is usual" put plain add api7/plain
like "is warned of" "$ERR" '^warning: .*JSON Web Token'

# Tokens are trimmed, then refused.
printf 'trimmed\r\n\n\n' | k -q add --no-verify choreo/trim
same "line ends are cut off" "$(k show choreo/trim | od -An -c | tr -d ' ')" 'trimmed\n'
check_exit 2 "an empty token" put '' add choreo/bad
like "says so" "$ERR" 'empty'
check_exit 2 "line ends only" put '

' add choreo/bad
check_exit 2 "a space inside is no token of two lines" put 'a
b' add choreo/bad
check_exit 2 "a tab" put 'a	b' add choreo/bad
check_exit 2 "not ASCII" put 'tökén' add choreo/bad
check_exit 2 "a NUL" sh -c "printf 'a\\000b' | \"\$0\" --keyfile $key add --no-verify choreo/bad" "$BIN/tokenvault"
like "it is not shown" "$ERR" '^tokenvault: not a usable value: [^ab]*[a-z ]'
head -c 65536 /dev/zero | tr '\0' x >"$SANDBOX/most"
check_exit 0 "64 KiB" k -q add --no-verify choreo/most <"$SANDBOX/most"
same "come back whole" "$(k show choreo/most | cmp - "$SANDBOX/most" 2>&1 | grep -c EOF)" 1
{ cat "$SANDBOX/most" && echo x; } >"$SANDBOX/more"
check_exit 2 "64 KiB and one" k add --no-verify choreo/bad <"$SANDBOX/more"
like "says how much is allowed" "$ERR" '64 KiB|65536'

# Names and fields.
for label in 'a b' 'a/b' '' "$(printf %065d 0)" 'ü' '../x' 'a:b'; do
	check_exit 2 "label '$label'" put x add "choreo/$label"
done
check_exit 0 "the longest label" put x -q add "choreo/$(printf %064d 0)"
check_exit 4 "an unknown service" put x add azoin
like "the nearest is named" "$ERR" 'azion'
check_exit 4 "also when looking" k show azoin
like "it too" "$ERR" 'no such service: .*azion'
check_exit 2 "no service's name" put x add 'Azion!'
check_exit 2 "an unknown field" put x add azion/x --field colour=red
like "the known ones are named" "$ERR" 'email'
check_exit 2 "a field without = and without a terminal" put x add azion/x --field email
check_exit 2 "a field with a line end" put x add azion/x --field 'email=a
b'
check_exit 2 "a note with an escape" put x add azion/x --note "$(printf '\033[31m')"
check_exit 2 "a label with an escape and a line end" k show "azion/$(printf 'a\033[31m\nb')"
same "is repeated on one line, and without them" "$(printf '%s' "$ERR" | tr -d '[:print:]')" ""
check_exit 0 "a field with =, quotes and a backslash" put x -q add azion/x --field 's3_bucket=a=b"\'
same "is kept" "$(of azion/x fields)" '{"s3_bucket": "a=b\"\\"}'
check_exit 4 "no such entry" k show azion/none
like "list is named" "$ERR" 'azion/none.*tokenvault list'

# set.
check_exit 2 "set without options wants a token" k set azion/work
check_exit 0 "and takes it from standard input" put tokenTwo -q set azion/work
check_exit 0 "set a note, fields and a label" \
	k set azion/work --note new --field email=x@y --field uuid=1 --label job
same "the note" "$(of azion/job note)" '"new"'
same "the token stays" "$(k show azion/job)" tokenTwo
check_exit 0 "take a field and the note away" k set azion/job --unset-field uuid --note ''
same "the field is gone" "$(of azion/job fields)" '{"email": "x@y"}'
same "the note too" "$(of azion/job note)" null
check_exit 4 "the old label" k show azion/work
check_exit 11 "a label that is taken" k set azion/job --label default
check_exit 0 "another token" put tokenThree set azion/job --token
same "is there" "$(k show azion/job)" tokenThree
put plain set api7/jwt --token 2>/dev/null
same "an expiry goes with its token" "$(of api7/jwt expires)" null
put "$jwt" -q set api7/jwt --token
same "and comes with one" "$(of api7/jwt expires)" '"2100-01-01T00:00:00Z"'
check_exit 0 "--expires alone" k set api7/jwt --expires never
like "says that it is not used" "$ERR" '^the token itself expires on 2100-01-01; --expires is not used'
same "and isn't" "$(of api7/jwt expires)" '"2100-01-01T00:00:00Z"'
k -q set choreo/30d --expires 2099-01-01T00:00:00Z
same "of one that says nothing it does" "$(of choreo/30d expires)" '"2099-01-01T00:00:00Z"'
k -q set choreo/30d --expires never
same "and never takes it away" "$(of choreo/30d expires)" null

# use, history, undo, remove, forget.
check_exit 2 "use wants a label" k use azion
check_exit 0 "use" k use azion/job
same "it is in use" "$(of azion/job in_use)" true
same "alone" "$(of azion/default in_use)" false
check_exit 0 "undo" k undo azion/job
same "the token before" "$(k show azion/job)" tokenTwo
check_exit 0 "undo the undo" k undo azion/job
same "the token again" "$(k show azion/job)" tokenThree
check_exit 0 "history" k history azion/job
like "current on top" "$(printf '%s\n' "$OUT" | sed -n 2p)" '^azion +job .* current'
same "no token in it" "$(k history --json | grep -c token)" 0
check_exit 0 "undo to the first version" k undo azion/job --to 1
check_exit 0 "which had another label" k show azion/work
check_exit 4 "undo to a version that isn't" k undo azion/work --to 99
check_exit 0 "remove" k remove azion/work
like "says how to undo" "$ERR" 'tokenvault undo azion/work'
like "and how to erase" "$ERR" 'tokenvault forget azion/work'
like "and what is in use now" "$ERR" 'in use now: azion/'
check_exit 4 "it is gone" k show azion/work
check_exit 4 "a second time" k remove azion/work
like "history has it" "$(k history azion/work)" 'removed'
check_exit 0 "bring it back" k undo azion/work
same "it is back" "$(k show azion/work)" tokenTwo
k -q remove azion/work
check_exit 0 "forget" k forget azion/work
like "says how much" "$ERR" '^erased for good: [1-9][0-9]* earlier versions? of azion/work$'
check_exit 4 "nothing brings it back" k undo azion/work
same "no backup holds it" "$(find "$HOME" -name '*.bak')" ""

# What a file's format can't hold.
check_exit 0 "a value that a file can't hold" put 'to;k#en' add aws/bad -f access_key_id=K
like "is warned of" "$ERR" '^warning: aws/bad can.t be written into ~/\.aws/credentials: a value '
check_exit 0 "one that it can" put token add aws/good -f access_key_id=K
same "is not" "$(printf '%s' "$ERR" | grep -c "can't be written")" 0
check_exit 0 "changed to one that it can't" k set aws/good -f 'access_key_id=a;b#c'
like "it is" "$ERR" '^warning: aws/good can.t be written into'
k -q remove aws/bad
k -q remove aws/good

# JSON: what programs rely on.
check_exit 0 "add --json" put tokenJson add azion/json --json
same "has what there is to know, and nothing else" "$(printf '%s' "$OUT" | "$PYTHON" -c '
import json, sys
print(*sorted(json.load(sys.stdin)))')" "account answer expires expires_from in_use label provider"
check_exit 0 "set --json" k set azion/json --note n --json
same "too" "$(printf '%s' "$OUT" | "$PYTHON" -c '
import json, sys
print(*sorted(json.load(sys.stdin)))')" "account answer expires expires_from label provider"
k list --json >"$SANDBOX/list.json"
check "list --json has what it should, and no secret" "$PYTHON" -c '
import json, sys, re
entries = json.load(open(sys.argv[1]))
wanted = {"provider", "label", "account", "note", "expires", "created", "updated", "verified", "in_use"}
time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
assert len(entries) > 8
for e in entries:
    assert wanted <= set(e), set(e)
    assert not {"token", "fields", "history"} & set(e)
    assert time.fullmatch(e["created"]) and time.fullmatch(e["updated"])
    assert e["expires"] is None or time.fullmatch(e["expires"])
    assert isinstance(e["in_use"], bool)
assert [(e["provider"], e["label"]) for e in entries] == sorted((e["provider"], e["label"]) for e in entries)
for p in {e["provider"] for e in entries}:
    assert sum(e["in_use"] for e in entries if e["provider"] == p) == 1
' "$SANDBOX/list.json"
same "list of one service" "$(k list azion | sed 1d | cut -d' ' -f1 | sort -u)" azion
check_exit 4 "list of no service" k list azoin
for words in "history" "key list" "provider list" "status" "provider show azion" "show azion"; do
	# shellcheck disable=SC2086
	k $words --json >"$SANDBOX/some.json"
	check "$words --json is JSON" "$PYTHON" -m json.tool "$SANDBOX/some.json"
done
finish
