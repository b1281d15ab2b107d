# Two machines and a folder that they share: one asks for a key of its own, opens the vault by itself, and no forged one.
. "$(dirname "$0")/../lib.sh"
sandbox
"$PYTHON" -c 'import nacl' 2>/dev/null || skip_all "nacl is missing: python3-nacl"
shared=$SANDBOX/home/shared
vault=$shared/team.vault
b=$SANDBOX/home/b
device=$b/.local/state/tokenvault/device.key
asked=$SANDBOX/home/b/line
as_user mkdir "$shared" "$b" "$b/run"
export TOKENVAULT_FILE="$vault"
export PYTHONPATH="$TESTS" PYTHONDONTWRITEBYTECODE=1
cheap="--memory 64 --passes 1"

# on HOME COMMAND …: tokenvault on the machine of that home directory, without a terminal.
on() {
	home=$1
	shift
	as_user env HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_STATE_HOME="$home/.local/state" \
		XDG_DATA_HOME="$home/.local/share" XDG_CONFIG_HOME="$home/.config" \
		setsid -w "$BIN/tokenvault" "$@"
}

on_b() {
	on "$b" "$@" </dev/null
}

# with LINES COMMAND …: tokenvault on the first machine with these lines, split at |, on descriptor 3.
with() {
	printf '%s\n' "$1" | tr '|' '\n' >"$SANDBOX/lines"
	shift
	as_user "$BIN/tokenvault" --passphrase-fd 3 "$@" 3<"$SANDBOX/lines"
}

# forged ARGUMENT …: puts a forged file in the vault's place, as forge.py has it.
forged() {
	"$PYTHON" "$TESTS/cli/forge.py" "$SANDBOX/true" "$vault" "$@"
}

forget() {
	rm -f "$b"/.local/state/tokenvault/*.seen
}

hash_of() {
	sha256sum <"$1" | cut -c 1-64
}

# Asking.
check_exit 7 "no copy of the vault is here" on_b key device
check "that makes no key" test ! -e "$device"
check_exit 0 "init" make_vault
echo tok | tv -q add --no-verify azion
check_exit 2 "a label that is none" on_b key device --label 'a b'
check_exit 0 "key device" on_b key device --label laptop
like "one line" "$OUT" '^tokenvault-enrolment 1 device laptop [0-9a-f ]+$'
same "and one only" "$(printf '%s\n' "$OUT" | wc -l)" 1
like "it says that the line is confidential" "$ERR" '^confidential'
like "and where the key is" "$ERR" "$device"
same "which is for its owner only" "$(stat -c '%a %s' "$device")" "600 32"
before=$(hash_of "$device")
check_exit 0 "key device into a file" on_b key device -l laptop -o "$asked"
same "for its owner only" "$(stat -c %a "$asked")" 600
same "with nothing on standard output" "$OUT" ""
same "the key is as it was" "$(hash_of "$device")" "$before"
check_exit 11 "it writes over no file" on_b key device -o "$asked"
same "nothing of it is in the folder" "$(find "$shared" -type f | sed 's|.*/||' | sort | tr '\n' ' ')" \
	".team.vault.lock team.vault team.vault.bak "

# Eight at once make one key, which all of their lines are about.
as_user mkdir -p "$SANDBOX/home/c/run"
for i in 1 2 3 4 5 6 7 8; do
	on "$SANDBOX/home/c" -q key device -o "$SANDBOX/home/c/line$i" </dev/null &
done
wait
check "eight at once make one key" "$PYTHON" -c '
import sys, reader
key = open(sys.argv[1], "rb").read()
lines = [open(path, encoding="ascii").read().split() for path in sys.argv[2:]]
for words in lines:
    vault, _, params, commitment = (bytes.fromhex(word) for word in words[4:8])
    slot = {"type": 3, "params": params}
    assert reader.derive(32, reader.slot_key(slot, key, vault), "tokenvault slot commitment v1") == commitment
assert len({words[5] for words in lines}) == 8
' "$SANDBOX/home/c/.local/state/tokenvault/device.key" "$SANDBOX"/home/c/line?
same "and leave nothing beside it" "$(ls -A "$SANDBOX/home/c/.local/state/tokenvault")" device.key

# Adding.
check_exit 3 "it opens nothing yet" on_b list
check_exit 3 "adding wants a key" with wrong key add device <"$asked"
sed 's/laptop/labtop/' "$asked" >"$SANDBOX/mistyped"
check_exit 2 "a line that was changed" with "$PASSPHRASE" key add device <"$SANDBOX/mistyped"
like "says so" "$ERR" 'changed or cut short'
check_exit 2 "no line at all" with "$PASSPHRASE" key add device </dev/null
like "says whose it should be" "$ERR" 'no line of tokenvault key device'
# shellcheck disable=SC2086
TOKENVAULT_FILE=$shared/other.vault with other -q init $cheap
check_exit 2 "a line for another vault" with other --vault "$shared/other.vault" key add device <"$asked"
like "says so" "$ERR" 'another vault'
check_exit 0 "key add device" with "$PASSPHRASE" key add device <"$asked"
like "says the label" "$ERR" 'added the key laptop'
check_exit 11 "the same line again" with "$PASSPHRASE" key add device <"$asked"
like "key list has type and label" "$(tv key list)" '^device +laptop '
same "the line is still all that is beside the key" "$(ls -A "$b")" "$(printf '.local\nline\nrun')"

# Opening.
check_exit 0 "it opens the vault by itself" on_b list
same "with what is in it" "$(on_b show azion)" tok
check "the first opening is remembered" ls "$b"/.local/state/tokenvault/*.seen
check_exit 0 "it changes it" on_b set azion --note there
like "which the other one sees" "$(tv show azion --json)" '"note":[[:space:]]*"there"'
check_exit 0 "rekey" tv rekey
check_exit 0 "opens for it as before" on_b list
# shellcheck disable=SC2086
check_exit 0 "passwd" with "$PASSPHRASE|second" passwd $cheap
check_exit 0 "and after that" on_b list
check_exit 0 "an adopt that only looks opens it too" on_b adopt --dry-run
check_exit 3 "a wrong passphrase that is named does not open it" \
	on "$b" --passphrase-fd 0 list <"$SANDBOX/passphrase"
check_exit 3 "nor does a keyfile that is none of its" on_b --keyfile "$asked" list
check_exit 3 "no other machine opens it" on "$SANDBOX/home/c" list </dev/null

# A key that is not fit to be used: it is said, and something else is asked for.
chmod 644 "$device"
check_exit 3 "a key that others may read is not used" on_b list
like "which is said" "$ERR" "^warning: $device is not used: others"
chmod 600 "$device"
mv "$device" "$b/elsewhere" && as_user ln -s "$b/elsewhere" "$device"
check_exit 3 "nor is a link" on_b list
like "which is said" "$ERR" 'is a link'
rm "$device"
head -c 31 "$b/elsewhere" >"$device"
chmod 600 "$device"
! is_root || chown 65534:65534 "$device"
check_exit 3 "nor one that was cut" on_b list
like "which is said" "$ERR" 'not used'
check_exit 2 "nor is it replaced" on_b key device
rm "$device" && mv "$b/elsewhere" "$device"
check_exit 0 "the right one is used" on_b list

# Through a server.
if [ -c /dev/fuse ] && [ -x "$BIN/tokenvault-fs" ] && as_user test -w /dev/fuse; then
	check_exit 0 "mount by itself" on_b mount azion
	check_exit 0 "lock" on_b lock
	check_exit 0 "unlock by itself" on_b unlock
	like "says so" "$ERR" unlocked
	check_exit 0 "lock again" on_b lock
	check_exit 0 "locked: it opens the file itself" on_b list
	check_exit 0 "unmount" on_b unmount
else
	skip "through a server" "nothing can be mounted here"
fi

# Forged files. 1: the slot's place.
cp "$vault" "$SANDBOX/true"
forged 1 stranger
check_exit 5 "what a stranger wraps is damage" on_b list
forget
check_exit 5 "on the first use, too" on_b show azion
forged 1 "$asked" 000102030405060708090a0b0c0d0e0f
check_exit 3 "nor does the line make another vault for it" on_b show azion
forged 1 "$asked"
check_exit 0 "the control: with the line, on the first use" on_b show azion
same "it would be taken in" "$OUT" forged
cp "$SANDBOX/true" "$vault"
forget
check_exit 0 "the true one" on_b list
forged 1 "$asked"
check_exit 15 "once that was seen, not with the line either" on_b show azion
like "says so" "$ERR" "another key under this vault's id"
cp "$SANDBOX/true" "$vault"
check_exit 0 "a change" with second -q set azion --note new
check_exit 0 "is seen" on_b list
cp "$SANDBOX/true" "$vault"
check_exit 9 "an older copy is not" on_b list
check_exit 0 "unless it is wanted" on_b -q --accept-rollback set azion --note newer
like "and goes on from there" "$(with second --accept-rollback show azion --json)" '"note":[[:space:]]*"newer"'

# Removing.
cp "$vault" "$SANDBOX/true"
check_exit 0 "key remove" with second key remove laptop
check_exit 3 "ends it" on_b list
same "and leaves no copy that it opens" \
	"$("$PYTHON" "$TESTS/copies.py" "$SANDBOX/true" device "$device" "$SANDBOX/home" 2>&1)" ""
finish
