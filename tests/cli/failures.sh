# What goes wrong around the command line: each time one line that helps, its exit code, and a vault
# that is as it was.
. "$(dirname "$0")/../lib.sh"
sandbox
key=$HOME/key
vault=$XDG_DATA_HOME/tokenvault/default.vault

k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@"
}

# one_line REGEX: the last command printed one line, and it says so.
one_line() {
	same "one line: $(printf '%s' "$ERR" | head -n 1)" "$(printf '%s\n' "$ERR" | wc -l)" 1
	like "it begins as it should" "$ERR" '^tokenvault: [a-z]'
	like "it says: $1" "$ERR" "$1"
	like "no full stop" "$ERR" '[^.]$'
}

# Anyone's passphrase but this vault's.
wrong() {
	as_user "$BIN/tokenvault" --passphrase-fd 3 "$@" 3<"$SANDBOX/wrong"
}

no_terminal() {
	as_user setsid -w "$BIN/tokenvault" "$@" </dev/null
}

as_before() {
	same "the vault is as it was" "$(sha256sum <"$vault")" "$before"
}

echo wrong >"$SANDBOX/wrong"
check_exit 7 "no vault" k list
one_line 'no vault there: .*tokenvault init'
check_exit 7 "no vault, and nobody is asked for a passphrase" no_terminal list
check_exit 0 "status of no vault" k status
like "says that there is none" "$OUT" 'no vault there'
check_exit 3 "init without a terminal" no_terminal init
one_line 'passphrase-fd N or --keyfile PATH'
check "that makes nothing" test ! -e "$vault"
check_exit 0 "init" make_vault --keyfile "$key"
before=$(sha256sum <"$vault")

check_exit 11 "init over a vault" k init
one_line "$vault"
check_exit 3 "a wrong passphrase" wrong list
one_line 'wrong passphrase'
check_exit 3 "a wrong passphrase, adding" wrong add azion <"$SANDBOX/wrong"
head -c 64 /dev/urandom >"$SANDBOX/home/other"
chmod 644 "$SANDBOX/home/other"
check_exit 3 "a wrong keyfile" as_user "$BIN/tokenvault" -k "$HOME/other" list
check_exit 7 "a missing keyfile" as_user "$BIN/tokenvault" -k "$HOME/none" list
one_line 'none: No such file'
check "it is not made by looking" test ! -e "$HOME/none"
head -c 31 "$SANDBOX/home/other" >"$SANDBOX/home/short"
chmod 644 "$SANDBOX/home/short"
check_exit 2 "a keyfile that is too short" as_user "$BIN/tokenvault" -k "$HOME/short" list
one_line '32'
check_exit 3 "no terminal" no_terminal list
one_line 'no terminal.*--passphrase-fd N or --keyfile PATH'
check_exit 2 "an empty passphrase" as_user "$BIN/tokenvault" --passphrase-fd 0 list </dev/null
one_line 'descriptor 0 has no line'
echo >"$SANDBOX/empty"
check_exit 2 "an empty line" as_user "$BIN/tokenvault" --passphrase-fd 0 list <"$SANDBOX/empty"
one_line 'empty'
head -c 5000 /dev/zero | tr '\0' x >"$SANDBOX/long"
check_exit 2 "a passphrase without end" as_user "$BIN/tokenvault" --passphrase-fd 0 list <"$SANDBOX/long"
check_exit 2 "a closed descriptor" as_user "$BIN/tokenvault" --passphrase-fd 57 list
one_line "57.*isn't open"
check_exit 2 "no descriptor" as_user "$BIN/tokenvault" --passphrase-fd x list
check_exit 17 "lock without a server" k lock
one_line 'no server'
check_exit 17 "unlock without a server" k unlock
one_line 'tokenvault mount'
as_before

# Output that can't be written is not success.
echo some-token | k -q add --no-verify azion
before=$(sha256sum <"$vault")
for words in "show azion" "show azion --json" "list" "list --json" "--help" "--version" "status" \
	"completion bash" "key list" "provider show azion"; do
	# shellcheck disable=SC2086
	check_exit 7 "$words to a full device" \
		as_user sh -c '"$@" >/dev/full' sh "$BIN/tokenvault" --keyfile "$key" $words
	# shellcheck disable=SC2086
	check_exit 7 "$words to a closed output" \
		as_user sh -c '"$@" >&-' sh "$BIN/tokenvault" --keyfile "$key" $words
done
one_line 'standard output|written|descriptor'
{
	sleep 0.3
	k show azion 2>"$SANDBOX/err"
	echo $? >"$SANDBOX/code"
} | exec sleep 0.1
same "a pipe that nobody reads" "$(cat "$SANDBOX/code")" 7
same "errors go nowhere, the exit code stays" \
	"$(as_user sh -c '"$@" 2>&-; echo $?' sh "$BIN/tokenvault" --keyfile "$key" show azion/x)" 4
as_before

# A directory that can't be written to: edits fail, looking works.
chmod 500 "$XDG_DATA_HOME/tokenvault"
echo t >"$SANDBOX/token"
check_exit 7 "a read-only directory" k add --no-verify azion/ro <"$SANDBOX/token"
one_line 'Permission denied'
check_exit 0 "looking works there" k show azion
check_exit 7 "init in a read-only directory" k --vault ro init
one_line 'Permission denied'
chmod 700 "$XDG_DATA_HOME/tokenvault"
check_exit 7 "init in a missing directory" k --vault "$HOME/no/such.vault" init
one_line 'No such file'
as_before

# A full disk.
if is_root && mkdir "$SANDBOX/small" && mount -t tmpfs -o size=40k tmpfs "$SANDBOX/small" 2>/dev/null; then
	chmod 777 "$SANDBOX/small"
	check_exit 0 "init on a small disk" k --vault "$SANDBOX/small/a.vault" init
	echo kept | k -q --vault "$SANDBOX/small/a.vault" add --no-verify azion
	before=$(sha256sum <"$SANDBOX/small/a.vault")
	head -c 60000 /dev/zero | tr '\0' x >"$SANDBOX/token"
	check_exit 7 "a full disk" k --vault "$SANDBOX/small/a.vault" add --no-verify azion/big <"$SANDBOX/token"
	one_line 'No space left'
	same "the vault is as it was" "$(sha256sum <"$SANDBOX/small/a.vault")" "$before"
	same "and opens" "$(k --vault "$SANDBOX/small/a.vault" show azion)" kept
	same "nothing else is left there" \
		"$(find "$SANDBOX/small" -type f ! -name 'a.vault*' ! -name .a.vault.lock)" ""
	head -c 40k /dev/zero >"$SANDBOX/small/fill" 2>/dev/null
	check_exit 7 "init on a full disk" k --vault "$SANDBOX/small/b.vault" init
	check_exit 7 "and with a new keyfile" \
		as_user "$BIN/tokenvault" --vault "$SANDBOX/small/b.vault" -k "$SANDBOX/small/key" init
	check "which is not left behind" test ! -e "$SANDBOX/small/key"
	check_exit 7 "nor one that has room" \
		as_user "$BIN/tokenvault" --vault "$SANDBOX/small/b.vault" -k "$HOME/roomy" init
	check "without its vault" test ! -e "$HOME/roomy"
	umount "$SANDBOX/small"
else
	skip "a full disk" "only root can make a small one"
fi

# What is no vault, or no longer one.
cp "$vault" "$SANDBOX/home/cut.vault"
head -c 300 "$vault" >"$SANDBOX/home/cut.vault"
echo 'not a vault, but a text' >"$SANDBOX/home/text.vault"
mkdir "$SANDBOX/home/dir.vault"
chmod 755 "$SANDBOX"/home/*.vault
for name in cut text dir; do
	check_exit 5 "$name.vault" k --vault "$HOME/$name.vault" list
	one_line 'damaged'
	check_exit 0 "status of $name.vault" k --vault "$HOME/$name.vault" status
done
finish
