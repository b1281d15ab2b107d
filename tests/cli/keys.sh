# What opens a vault: passphrases, keyfiles, both; adding, removing and changing them.
. "$(dirname "$0")/../lib.sh"
sandbox
key=$HOME/key
vault=$XDG_DATA_HOME/tokenvault/default.vault
cheap="--memory 64 --passes 1"

# with LINES COMMAND …: tokenvault with these lines, split at |, on descriptor 3.
with() {
	printf '%s\n' "$1" | tr '|' '\n' >"$SANDBOX/lines"
	shift
	as_user "$BIN/tokenvault" --passphrase-fd 3 "$@" 3<"$SANDBOX/lines" </dev/null
}

k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@"
}

umask 022
# shellcheck disable=SC2086
check_exit 0 "init with both" with first init --keyfile "$key" $cheap
like "the keyfile is made, and that is said" "$ERR" "made the keyfile $key"
same "for its owner only" "$(stat -c '%a %s' "$key")" "600 64"
same "the vault too" "$(stat -c %a "$vault")" 600
same "and its directory" "$(stat -c %a "${vault%/*}")" 700
check_exit 0 "the passphrase opens it" with first list
check_exit 0 "the keyfile opens it" k list
same "two keys" "$(k key list | sed 1d | cut -d' ' -f1 | sort | tr '\n' ' ')" "keyfile passphrase "
check_exit 3 "another passphrase does not" with second list
check_exit 3 "nor the first with more behind it" with firsts list
check_exit 7 "the passphrase on the line before is not a second one" with first --keyfile "$HOME/no" list

before=$(sha256sum <"$key")
check_exit 0 "init with a keyfile that is there" k --vault two init
same "the keyfile is as it was" "$(sha256sum <"$key")" "$before"

# Costs.
check_exit 2 "too little memory" with x --vault cost init --memory 63
like "says how little" "$ERR" '64 MiB'
check_exit 2 "too much memory" with x --vault cost init --memory 1025
check_exit 2 "no pass" with x --vault cost init --passes 0
check_exit 2 "too many passes" with x --vault cost init --passes 17
check_exit 2 "both at their most" with x --vault cost init --memory 1024 --passes 16
check_exit 2 "no number" with x --vault cost init --memory 64k
check "none of them made a vault" test ! -e "$XDG_DATA_HOME/tokenvault/cost.vault"

# passwd.
echo tok | k -q add --no-verify azion
# shellcheck disable=SC2086
check_exit 3 "passwd with a wrong passphrase" with 'wrong|second' passwd $cheap
# shellcheck disable=SC2086
check_exit 2 "passwd without a new one" with first passwd $cheap
like "says so" "$ERR" 'new passphrase'
check_exit 0 "which changed nothing" with first list
cp "$vault" "$SANDBOX/old"
# shellcheck disable=SC2086
check_exit 0 "passwd" with 'first|second' passwd $cheap
check_exit 3 "the old one is out" with first list
check_exit 0 "the new one is in" with second list
check_exit 0 "the keyfile still is" k list
check "no backup that the old one opens" test ! -e "$vault.bak"
# shellcheck disable=SC2086
check_exit 0 "passwd with a keyfile replaces the only passphrase" with third -k "$key" passwd $cheap
check_exit 0 "the third is in" with third list
check_exit 3 "the second is out" with second list
same "still two keys" "$(k key list --json | "$PYTHON" -c 'import json, sys
print(len(json.load(sys.stdin)))')" 2

# key add and remove.
# shellcheck disable=SC2086
check_exit 0 "key add passphrase" with 'third|spare' key add passphrase --label spare $cheap
check_exit 0 "it opens" with spare list
# shellcheck disable=SC2086
check_exit 3 "key add asks for a key first" with 'nope|x' key add passphrase $cheap
# shellcheck disable=SC2086
check_exit 2 "of two passphrases, which" with fourth -k "$key" passwd $cheap
check_exit 0 "key add keyfile" with third key add keyfile "$HOME/key2" --label usb
like "is made" "$ERR" "made the keyfile $HOME/key2"
check_exit 0 "it opens too" as_user "$BIN/tokenvault" -k "$HOME/key2" list
check_exit 2 "a label that is none" with third key add keyfile "$HOME/key3" --label 'a b'
check "made nothing" test ! -e "$HOME/key3"
check_exit 4 "remove what isn't" k key remove nothing
check_exit 0 "remove by label" k key remove spare
check_exit 3 "it opens no more" with spare list
uuid=$(k key list | sed -n 's/.* usb .* //p')
check_exit 0 "remove by the beginning of its id" k key remove "$(printf %.12s "$uuid")"
check_exit 3 "that neither" as_user "$BIN/tokenvault" -k "$HOME/key2" list
# shellcheck disable=SC2086
with 'third|fifth' -q key add passphrase $cheap
check_exit 2 "a label that two have" k key remove passphrase
like "ids are named" "$ERR" 'key list'
for id in $(k key list --json | "$PYTHON" -c 'import json, sys
for k in json.load(sys.stdin):
    if k["type"] == "passphrase": print(k["uuid"])'); do
	check_exit 0 "remove a passphrase" k key remove "$id"
done
check_exit 8 "the last key stays" k key remove keyfile
same "and what is in the vault" "$(k show azion)" tok
# shellcheck disable=SC2086
check_exit 4 "passwd without a passphrase" with new -k "$key" passwd $cheap
like "says how to get one" "$ERR" 'key add passphrase'

# Passphrase and keyfile together.
# two LINES COMMAND …: with the keyfile of both, too.
two() {
	lines=$1
	shift
	with "$lines" --keyfile "$HOME/half" "$@"
}
# only KEYFILE COMMAND …: with that keyfile, and nobody to ask.
only() {
	half=$1
	shift
	as_user setsid -w "$BIN/tokenvault" --keyfile "$half" "$@" </dev/null
}
# shellcheck disable=SC2086
with first -q --vault both init $cheap
export TOKENVAULT_FILE="$XDG_DATA_HOME/tokenvault/both.vault"
# shellcheck disable=SC2086
check_exit 2 "--both without a second passphrase" with first key add --both "$HOME/half" $cheap
check "made no keyfile" test ! -e "$HOME/half"
# shellcheck disable=SC2086
check_exit 0 "key add --both" with 'first|together' key add --both "$HOME/half" $cheap
like "makes the keyfile" "$ERR" "made the keyfile $HOME/half"
like "is listed as what it is" "$(with first key list)" '^both +both '
# shellcheck disable=SC2086
check_exit 0 "the kind may be said" with 'first|x' -q key add --both keyfile "$HOME/other" $cheap --label other
check_exit 0 "key remove" with first -q key remove other
check_exit 0 "both open it" two together list
check_exit 3 "the passphrase alone does not" with together list
check_exit 3 "nor the keyfile alone" only "$HOME/half" list
like "a passphrase is asked for" "$ERR" 'no terminal to ask on'
check_exit 3 "another passphrase with it" two wrong list
said=$ERR
check_exit 3 "the right passphrase with another keyfile" with together --keyfile "$HOME/other" list
same "is told in the same words" "$ERR" "$said"
check_exit 3 "both wrong" with wrong --keyfile "$HOME/other" list
same "in the same words, too" "$ERR" "$said"
like "which name both" "$said" 'passphrase and keyfile$'
check_exit 0 "the passphrase of another key opens without" with first list
check_exit 0 "key remove leaves only that of both" two together -q key remove passphrase
check_exit 3 "nobody is asked for a passphrase that is worth nothing" with first list
like "and the keyfile is missed" "$ERR" 'both; --keyfile PATH names'
# shellcheck disable=SC2086
check_exit 0 "passwd changes its passphrase" two 'together|others' passwd $cheap
same "and leaves the keyfile" "$(stat -c %s "$HOME/half")" 64
check_exit 3 "the old one is out" two together list
check_exit 0 "the new one is in" two others list
printf 'others\ntok2\n' >"$SANDBOX/both"
check_exit 0 "the passphrase's line comes before the token, with a keyfile too" \
	as_user "$BIN/tokenvault" --keyfile "$HOME/half" --passphrase-fd 0 add --no-verify choreo <"$SANDBOX/both"
same "each in its place" "$(two others show choreo)" tok2
check_exit 0 "a keyfile of its own" two others -q key add keyfile "$HOME/single"
# shellcheck disable=SC2086
check_exit 2 "passwd by that one: the other's keyfile is not at hand" \
	with x --keyfile "$HOME/single" passwd $cheap
like "says so" "$ERR" 'a keyfile as well'
unset TOKENVAULT_FILE

# Rolled back: the copy from before is noticed, and taken only when told to.
cp "$vault" "$SANDBOX/keep"
k -q set azion --note later
cp "$SANDBOX/keep" "$vault"
check_exit 9 "an older copy" k list
check_exit 0 "--accept-rollback" k --accept-rollback list
check_exit 0 "is remembered" k list

# A passphrase and a token on one descriptor, and both from elsewhere.
# shellcheck disable=SC2086
with pass -q --vault three init $cheap
printf 'pass\ntok-on-stdin\n' >"$SANDBOX/both"
check_exit 0 "passphrase, then token" \
	as_user "$BIN/tokenvault" --vault three --passphrase-fd 0 add --no-verify azion <"$SANDBOX/both"
same "each in its place" "$(with pass --vault three show azion)" tok-on-stdin
same "no secret in a command line or the environment" \
	"$(cat "$SANDBOX/home/.local/share/tokenvault/"*.vault | grep -c tok-on-stdin)" 0
finish
