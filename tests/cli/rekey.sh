# New vault keys: rekey, passwd and key remove leave nothing that the old vault key, or what was removed, opens.
. "$(dirname "$0")/../lib.sh"
sandbox
"$PYTHON" -c 'import nacl' 2>/dev/null || skip_all "nacl is missing: python3-nacl"
key=$HOME/key
vault=$XDG_DATA_HOME/tokenvault/default.vault
before=$SANDBOX/before
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

# copies KIND FILE: the files of the user that what opened the vault before still opens.
copies() {
	"$PYTHON" "$TESTS/copies.py" "$before" "$1" "$2" "$HOME" "$XDG_RUNTIME_DIR" 2>&1
}

# An edit that is killed before its backup has its name leaves the old vault over; where files can't be exchanged, that and
# the new one.
killed='-e inject=renameat2:signal=SIGKILL:when=2'
linked='-e inject=renameat2:error=EINVAL -e inject=renameat:signal=SIGKILL:when=2'
leave_over() {
	as_user strace -f -qq -o "$SANDBOX/tmp/strace" "$@" \
		"$BIN/tokenvault" --keyfile "$key" set azion --note cut </dev/null >/dev/null 2>&1
	cp "$vault" "$before"
}

left_over() {
	find "${vault%/*}" -name '.default.vault.saving-*' | wc -l
}

# everything opens: as many as there are before a new key.
all_copies() {
	for name in .default.vault.saving-X .default.vault.saving-X.bak default.vault default.vault.bak; do
		echo ".local/share/tokenvault/$name opens with the vault key"
	done
}

check_exit 0 "init" make_vault --keyfile "$key"
echo tok | k -q add --no-verify azion
# shellcheck disable=SC2086
with "$PASSPHRASE|spare" -q key add passphrase --label spare $cheap
printf 'spare\n' >"$SANDBOX/spare"

# shellcheck disable=SC2086
leave_over $linked
same "the control: backup, left-overs and vault open with the vault key" \
	"$(copies keyfile "$key" | sed 's/saving-[0-9a-z]*/saving-X/' | sort)" "$(all_copies)"
same "two were left over" "$(left_over)" 2
check_exit 3 "rekey with a wrong passphrase" with wrong rekey
same "which leaves everything" "$(copies keyfile "$key" | wc -l)" 4
check_exit 0 "rekey" k rekey
like "says so" "$ERR" 'new key of its own'
same "nothing opens with the vault key before, and the vault with its keys" "$(copies keyfile "$key")" \
	".local/share/tokenvault/default.vault opens with the credential"
check_exit 0 "the passphrase opens it" with "$PASSPHRASE" list
check_exit 0 "the other passphrase too" with spare list
same "with what it had" "$(k show azion)" tok
check_exit 0 "rekey in JSON" k rekey --json
same "has nothing to say" "$(printf %s "$OUT" | tr -d '\n')" "{}"

k -q set azion --note again
# shellcheck disable=SC2086
leave_over $killed
same "the control again: one was left over" "$(copies passphrase "$SANDBOX/spare" | wc -l)" 3
check_exit 0 "key remove" k key remove spare
same "nothing opens with the passphrase that was removed" "$(copies passphrase "$SANDBOX/spare")" ""

k -q set azion --note again
# shellcheck disable=SC2086
leave_over $killed
# shellcheck disable=SC2086
check_exit 0 "passwd" with "$PASSPHRASE|second" passwd $cheap
same "nothing opens with the passphrase that was changed" "$(copies passphrase "$SANDBOX/passphrase")" ""

# A backup that can't go away: nothing is changed.
mkdir "$vault.bak"
check_exit 7 "rekey with a backup that stays" k rekey
like "says so" "$ERR" 'rid of its backup'
cp "$vault" "$before"
same "changes nothing" "$(copies keyfile "$key")" ".local/share/tokenvault/default.vault opens with the vault key"
rmdir "$vault.bak"

# Through a server, which shows the files on.
if [ -c /dev/fuse ] && [ -x "$BIN/tokenvault-fs" ] && as_user test -w /dev/fuse; then
	for note in a b served; do
		k -q set azion --note "$note"
	done
	check_exit 0 "mount" k mount azion
	cp "$vault" "$before"
	same "the control: vault, backup and the one that is spared" "$(copies keyfile "$key" | wc -l)" 3
	check_exit 3 "an open server wants a key all the same" as_user setsid -w "$BIN/tokenvault" rekey </dev/null
	check_exit 0 "rekey through it" k rekey
	same "nothing opens with the vault key before" "$(copies keyfile "$key")" \
		".local/share/tokenvault/default.vault opens with the credential"
	same "it is still open" "$(status_of locked)" 0
	check_exit 0 "and edits on" as_user "$BIN/tokenvault" -q set azion --note after
	check_exit 0 "unmount" k unmount
else
	skip "through a server" "nothing can be mounted here"
fi
finish
