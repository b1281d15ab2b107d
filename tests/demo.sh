#!/bin/sh
# A tour of the main job in a throw-away home directory: sh tests/demo.sh
# Installs what is missing, builds, and then shows each step and checks what came of it.

ROOT=$(cd "$(dirname "$0")/.." && pwd) || exit 1
. "$ROOT/tests/setup.sh"
install_missing
open_fuse
scratch=$(mktemp -d /tmp/tvd.XXXXXX) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 129' HUP INT TERM PIPE
choose_builds "$scratch"
echo "building in $BUILDS …"
build gcc gcc || {
	tail -n 30 "$BUILDS/gcc.log" >&2
	die "the build failed"
}

TV_BUILD=$BUILDS/gcc
TMPDIR=$scratch
chmod 755 "$scratch"
. "$ROOT/tests/lib.sh"
skip_all() {
	die "can't show anything: $1"
}
sandbox
trap 'cleanup; rm -rf "$scratch"' EXIT
need_fuse
started=$(date +%s)
azion=u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzd
rotated=ocJ2isAjIhKtJ0RlgLKOmxgJTeKdNnFRIBXuDL7D
choreo=xtpYlSXpfKtHF4vUCsMehGAkWvj7FAc9QeWJKY40
api7=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjaSIsImlzcyI6ImFwaTciLCJleHAiOjQxMDI0NDQ4MDB9.GxWIOfiqM56Ju1CxYD6Q7Gjg_VVl_hCnyzJyn933Bwo

step() {
	printf '\n%s\n' "$1"
}

# shows COMMAND-AS-TYPED COMMAND …: runs it as the user and prints what it says.
shows() {
	printf '  $ %s\n' "$1"
	shift
	said=$("$@" 2>&1) && code=0 || code=$?
	[ -z "$said" ] || printf '%s\n' "$said" | sed "s|$HOME|~|g; s|$XDG_RUNTIME_DIR|\$XDG_RUNTIME_DIR|g
		s/^/    /; s/\(.\{96\}\).*/\1…/"
}

# must WHAT CONDITION …: the step came out as it should.
must() {
	what=$1
	shift
	"$@" >/dev/null 2>&1 || die "NOT AS IT SHOULD BE: $what"
	printf '  ✓ %s\n' "$what"
}

said_has() {
	printf '%s\n' "$said" | grep -qF -- "$1"
}

worked() {
	[ "$code" = 0 ]
}

add() {
	printf '%s\n' "$2" | tv add --no-verify "$1"
}

rotate() {
	printf '%s\n' "$2" | tv set "$1" --token --no-verify
}

# No file on the disk has any of the tokens; the views are not on the disk.
no_plaintext() {
	status_of views | cut -f1 >"$scratch/views"
	find "$HOME" "$XDG_RUNTIME_DIR" /dev/shm -xdev -type f 2>/dev/null |
		grep -vxFf "$scratch/views" >"$scratch/files"
	grep -q 'default\.vault$' "$scratch/files" || return 1
	! tr '\n' '\0' <"$scratch/files" | xargs -0 grep -laF -e "$azion" -e "$choreo" -e "$api7" -e "$rotated"
}

listing() {
	as_user find "$HOME" -path "$HOME/.local" -prune -o -printf '%P %y %m\n' | sort
}

echo "home directory of this tour: $HOME"
is_root && echo "everything runs as an unprivileged user (uid 65534)"

step "1. A vault: one encrypted file. You would be asked for a passphrase; the tour hands one over."
listing >"$scratch/before"
shows 'tokenvault init' tv init --memory 64 --passes 1
must "the vault is there" test -s "$XDG_DATA_HOME/tokenvault/default.vault"

step "2. One token of each service, from standard input so that no command line ever holds it."
echo "  (Each would be verified at its service; --no-verify, for a tour reaches no network.)"
shows 'tokenvault add azion --no-verify < token' add azion "$azion"
must "azion is in" worked
shows 'tokenvault add choreo --no-verify < token' add choreo "$choreo"
must "choreo is in" worked
shows 'tokenvault add api7/ci --no-verify < token' add api7/ci "$api7"
must "api7 is in" worked
shows 'tokenvault list' tv list
must "the list has all three" sh -c 'printf %s "$1" | grep -c -e azion -e choreo -e api7 | grep -qx 3' - "$said"
must "and shows no token" sh -c '! printf %s "$1" | grep -qF -e "$2" -e "$3" -e "$4"' - "$said" "$azion" \
	"$choreo" "$api7"

step "3. Mount: now each token is a file, at the path where the service's own tool looks for it."
shows 'tokenvault mount' tv mount
must "mounted" worked

step "4. Read them as the tools do."
shows 'cat ~/.api7cloud/config' as_user cat "$HOME/.api7cloud/config"
must "cloud-cli finds its token" said_has "access_token: $api7"
shows 'head -n 1 ~/.azion/default/settings.toml' as_user head -n 1 "$HOME/.azion/default/settings.toml"
must "azion finds its token" said_has "Token = '$azion'"
must "and a TOML parser reads the whole file" as_user "$PYTHON" -c '
import sys, tomllib
assert tomllib.load(open(sys.argv[1], "rb"))["Token"] == sys.argv[2]' \
	"$HOME/.azion/default/settings.toml" "$azion"
shows 'choreo login --with-token < ~/.choreo/token     (here: cat)' as_user cat "$HOME/.choreo/token"
must "choreo finds its token" said_has "$choreo"
shows 'stat ~/.choreo/token' as_user stat -c '%F, mode %a, %s bytes' "$HOME/.choreo/token"
must "a plain file, readable by its owner only" said_has "regular file, mode 400, 41 bytes"

step "5. But the disk holds no plaintext: searching the home and runtime directories and /dev/shm."
must "no token in any file on the disk" no_plaintext
if is_root; then
	# Directories on the way are opened, so that only the file itself can refuse.
	chmod a+x "$HOME" "$HOME/.choreo"
	shows 'cat ~/.choreo/token     (as another user)' as_other cat "$HOME/.choreo/token"
	must "another user can't read it" said_has "Permission denied"
	shows 'cat ~/.choreo/token     (as root)' cat "$HOME/.choreo/token"
	must "nor can root" said_has "Permission denied"
	chmod 700 "$HOME"
else
	echo "  (showing that another user can't read it needs root; left out)"
fi

step "6. Lock: the files stay where they are, and nobody can read them."
shows 'tokenvault lock' tv lock
must "locked" worked
shows 'cat ~/.choreo/token' as_user cat "$HOME/.choreo/token"
must "the key is not available" said_has "Required key not available"
shows 'tokenvault unlock' tv unlock
must "unlocked" worked
shows 'cat ~/.choreo/token' as_user cat "$HOME/.choreo/token"
must "the same token" said_has "$choreo"

step "7. Rotate a token: the next read has the new one."
shows 'tokenvault set azion --token --no-verify < new-token' rotate azion/default "$rotated"
must "set" worked
shows 'head -n 1 ~/.azion/default/settings.toml' as_user head -n 1 "$HOME/.azion/default/settings.toml"
must "the new token" said_has "Token = '$rotated'"
must "still no token in any file on the disk" no_plaintext

step "8. What expires is said in time: after each command, by status, and to scripts."
shows 'tokenvault set choreo --expires 10d' tv set choreo --expires 10d
must "said after the command" said_has "warning: choreo/default expires in"
shows 'tokenvault list --expiring 14d' tv list --expiring 14d
must "exit status 10: there is one" test "$code" = 10
shows 'tokenvault list --expiring 7d' tv list --expiring 7d
must "exit status 0: none" worked
shows 'tokenvault set choreo --expires never' tv set choreo --expires never
must "and no more of it" worked

step "9. Unmount: everything is as it was."
shows 'tokenvault unmount' tv unmount
must "unmounted" worked
[ -z "$(sandbox_mounts)" ] || die "NOT AS IT SHOULD BE: something is still mounted: $(sandbox_mounts)"
[ -z "$(sandbox_pids)" ] || sleep 1
[ -z "$(sandbox_pids)" ] || die "NOT AS IT SHOULD BE: processes are left: $(sandbox_pids)"
listing >"$scratch/after"
must "no mount, no process, and no file but the vault" cmp "$scratch/before" "$scratch/after"
shows 'tokenvault show choreo' tv show choreo
must "the vault still has the token" test "$said" = "$choreo"

cleanup
rm -rf "$scratch"
must "and the throw-away home is gone" test ! -e "$scratch"
printf '\nAll of it was checked and is as it should be; it took %s s.\n' "$(($(date +%s) - started))"
