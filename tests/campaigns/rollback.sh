# Vault files that are not the last one which this machine saw: every older copy is refused, before and behind changes of the
# vault key, by every way in, and --accept-rollback takes it; two histories at one generation are named as such, and what
# somebody else made under this vault's id is not opened, with the machine's own key neither. In the control what was seen
# is not looked at.
# Controls: unchecked
. "$(dirname "$0")/../lib.sh"
. "$TESTS/patched.sh"
sandbox
[ "$("$PYTHON" -c 'import nacl' 2>&1)" = "" ] || skip_all "python3-nacl is not installed"
control=${TV_CONTROL:-}
generations=12
[ -z "${TV_MINUTES:-}" ] || generations=$((TV_MINUTES * 100))
export PYTHONPATH="$TESTS" PYTHONDONTWRITEBYTECODE=1
if [ "$control" = unchecked ]; then
	patched "$TV_BUILD" cli/tokenvault "$BIN/tokenvault" vault/open.c \
		's/h->generation < seen->generation/false/; s/h->generation == seen->generation &&/false \&\&/
		s/if (!seen || memcmp(seen->vault_id, now.vault_id, sizeof now.vault_id) ||/if (true || !seen ||/'
	chmod 755 "$BIN/tokenvault"
fi
tried=0
found=0
vault=$XDG_DATA_HOME/tokenvault/default.vault
key=$HOME/key
here=$HOME
there=$HOME/there
copies=$SANDBOX/copies
mkdir "$copies"
as_user mkdir "$there" "$there/run"

# on HOME COMMAND …: tokenvault on the machine of that home directory; both have the keyfile, and files of their own.
on() {
	home=$1
	shift
	as_user env HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_STATE_HOME="$home/.local/state" \
		XDG_DATA_HOME="$home/.local/share" XDG_CONFIG_HOME="$home/.config" "$BIN/tokenvault" -q "$@" </dev/null
}

k() {
	on "$here" --keyfile "$key" "$@"
}

# put FILE: in the vault's place, as a synchronised folder does.
put() {
	cp "$1" "$SANDBOX/home/new"
	! is_root || chown 65534:65534 "$SANDBOX/home/new"
	mv "$SANDBOX/home/new" "${2:-$vault}"
}

vault_of() {
	echo "$1/.local/share/tokenvault/default.vault"
}

# refused CODE PATTERN WHAT COMMAND …: with that exit code and those words, and leaves the file as it is.
refused() {
	wanted=$1
	pattern=$2
	what=$3
	shift 3
	tried=$((tried + 1))
	before=$(sha256sum <"$vault")
	"$@" >"$SANDBOX/out" 2>"$SANDBOX/err" && code=0 || code=$?
	if [ "$code" = 0 ]; then
		found=$((found + 1))
		[ -n "$control" ] || not_ok "$what is refused" "$(cat "$SANDBOX/out")"
	elif [ "$code" != "$wanted" ] || ! grep -Eq "$pattern" "$SANDBOX/err" || [ "$(sha256sum <"$vault")" != "$before" ]; then
		not_ok "$what is refused, with exit code $wanted, and nothing is changed" "exit code $code" "$(cat "$SANDBOX/err")"
	else
		[ -n "$control" ] || ok "$what is refused"
	fi
}

older='^tokenvault: the vault is older than the one seen last: .*generation [0-9]+, seen was [0-9]+; .*--accept-rollback'
forked="^tokenvault: two histories of one vault: .*another generation [0-9]+ than the one seen; .*--accept-rollback"
stranger="^tokenvault: another key under this vault's id"

check "init" k init
as_user cp "$key" "$there/key"

# ---- older copies: every third with another vault key
as_user sh -c "echo tok | \"$BIN/tokenvault\" -q --keyfile \"$key\" add azion --no-verify"
number=0
while [ "$number" -lt "$generations" ]; do
	number=$((number + 1))
	cp "$vault" "$copies/$number"
	case $((number % 3)) in
	0) k rekey ;;
	*) k set azion --note "$number" ;;
	esac || not_ok "an edit"
done
cp "$vault" "$copies/last"
number=0
while [ "$number" -lt "$generations" ]; do
	number=$((number + 1))
	put "$copies/$number"
	case $((number % 4)) in
	0) refused 9 "$older" "copy $number by show" k show azion ;;
	1) refused 9 "$older" "copy $number by an edit" k set azion --note rolled ;;
	2) refused 9 "$older" "copy $number by rekey" k rekey ;;
	*) refused 9 "$older" "copy $number by export" k export "$HOME/out.$number" --export-keyfile "$key" ;;
	esac
	put "$copies/last"
	[ -n "$control" ] || k list >/dev/null || not_ok "the last one is still taken"
done

# ---- two histories: there and here go on from one generation
k set azion --note common
as_user mkdir -p "$there/.local/share/tokenvault"
put "$vault" "$(vault_of "$there")"
on "$there" --keyfile "$there/key" set azion --note there || not_ok "an edit there"
k set azion --note here || not_ok "an edit here"
cp "$vault" "$copies/here"
cp "$(vault_of "$there")" "$copies/there"
put "$copies/there"
refused 15 "$forked" "another history by show" k show azion
refused 15 "$forked" "another history by an edit" k set azion --note mixed
put "$copies/here"
# And behind a change of both keys: none is the other's child.
k rekey
on "$there" --keyfile "$there/key" rekey
on "$there" --keyfile "$there/key" set azion --note further
cp "$vault" "$copies/here"
put "$(vault_of "$there")"
refused 15 "$stranger" "a history that went on longer, under a key of its own" k show azion
put "$copies/here"
[ -n "$control" ] || k list >/dev/null || not_ok "the one from here is still taken"

# ---- what somebody else made, for the machine there, which opens the vault by itself
on "$there" key device -l there -o "$SANDBOX/home/asked"
put "$vault" "$(vault_of "$there")"
as_user sh -c "\"$BIN/tokenvault\" -q --keyfile \"$key\" key add device <\"$SANDBOX/home/asked\""
put "$vault" "$(vault_of "$there")"
rm -f "$there"/.local/state/tokenvault/*.seen
forged() {
	"$PYTHON" "$TESTS/cli/forge.py" "$vault" "$SANDBOX/forged" 1 "$@"
	put "$SANDBOX/forged" "$(vault_of "$there")"
}
if [ -z "$control" ]; then
	forged stranger
	refused 5 damaged "what a stranger wraps for a machine, at its first look" on "$there" show azion
	put "$vault" "$(vault_of "$there")"
fi
on "$there" list >/dev/null || not_ok "the machine opens the vault by itself"
forged "$SANDBOX/home/asked"
refused 15 "$stranger" "what the line is used for, once the vault was seen" on "$there" show azion
put "$vault" "$(vault_of "$there")"
on "$there" list >/dev/null || [ -n "$control" ] || not_ok "the true one is still taken"
if [ -n "$control" ]; then
	echo "# tried $tried, found $found, expected $tried, skipped 0"
	finish
fi

# ---- what this machine has seen is itself changed
seen=$(find "$here/.local/state/tokenvault" -name '*.seen')
cp "$seen" "$SANDBOX/seen"
for change in 's/ 1 / 2 /' 's/[0-9a-f]\n*$/g/' 's/^t/T/' '$d'; do
	sed -i "$change" "$seen"
	refused 5 'remove it to forget' "what was seen, changed by sed's $change," k show azion
	cat "$SANDBOX/seen" >"$seen"
done

# ---- where it is wanted: a vault names its last 64 keys' parents, so that a far older copy is a stranger to the last one
start=1
[ "$generations" -le 150 ] || start=$((generations - 150))
put "$copies/$start"
check "--accept-rollback takes an older copy" k --accept-rollback list
check "from then on it is the one" k set azion --note again
put "$copies/$((start + 1))"
refused 15 "$forked" "the old history, which is another one now" k list
put "$copies/last"
check "a newer one of that history is taken: its key is a child's" k list

# ---- while a server has the vault open
if [ -c /dev/fuse ] && [ -x "$BIN/tokenvault-fs" ] && as_user test -w /dev/fuse; then
	check "an edit" k set azion --note served
	cp "$vault" "$copies/served"
	check "mount" k mount
	put "$copies/last"
	is_said() {
		k status --json | grep -q 'older than the one seen'
	}
	check "the server says that the file is older" wait_for 5 is_said
	k lock
	refused 9 "$older" "the older copy, by unlock," k unlock
	put "$copies/served"
	check "unlock with the last one" k unlock
	check "unmount" k unmount
fi
echo "# tried $tried, found $found, expected 0, skipped 0"
finish
