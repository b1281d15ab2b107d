# Sourced by the shell tests: a throw-away HOME with an unprivileged user, the built programs, checks
# that print TAP, and a clean-up that leaves no process, mount or file behind.
#
#	. "$(dirname "$0")/../lib.sh"
#	sandbox				HOME, XDG_*, PATH to the programs; cleaned away at exit
#	need_fuse			skips the whole test where nothing can be mounted
#	make_vault			a cheap vault whose passphrase is in $PASSPHRASE
#	tv COMMAND …			tokenvault, as the user, with the passphrase at hand
#	as_user, as_other COMMAND …	the user; some other user (root only: see `is_root`)
#	check WHAT COMMAND …		passes when the command succeeds
#	check_exit CODE WHAT COMMAND …	passes when it exits with CODE; output is in $OUT and $ERR
#	same WHAT GOT WANTED		passes when the two texts are the same
#	like WHAT TEXT REGEX		passes when grep -E finds the pattern in the text
#	finish				the plan, and the exit code: always the last line of a test
#
# From outside: TV_BUILD, the build directory (default: build in the checkout), and TV_SANITIZED.

TESTS=$(cd "$(dirname "$0")/.." && pwd)
[ -f "$TESTS/lib.sh" ] || TESTS=$(cd "$(dirname "$0")" && pwd)
ROOT=$(dirname "$TESTS")
TV_BUILD=${TV_BUILD:-$ROOT/build}
PASSPHRASE='correct horse battery staple'
n_checks=0
n_failed=0
SANDBOX=
PATH=$PATH:/usr/sbin:/sbin
umask 077

is_root() {
	[ "$(id -u)" = 0 ]
}

# ---- checks

# A # would begin a directive of TAP.
plain() {
	printf '%s' "$1" | tr '#\n' '_ '
}

ok() {
	n_checks=$((n_checks + 1))
	printf 'ok %d - %s\n' "$n_checks" "$(plain "$1")"
}

not_ok() {
	n_checks=$((n_checks + 1))
	n_failed=$((n_failed + 1))
	printf 'not ok %d - %s\n' "$n_checks" "$(plain "$1")"
	shift
	for line; do
		printf '%s\n' "$line" | sed 's/^/#   /'
	done
}

skip() {
	n_checks=$((n_checks + 1))
	printf 'ok %d - %s # SKIP %s\n' "$n_checks" "$(plain "$1")" "$2"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

bail_out() {
	echo "Bail out! $1"
	exit 1
}

finish() {
	echo "1..$n_checks"
	[ "$n_failed" = 0 ] && [ "$n_checks" -gt 0 ]
	exit
}

check() {
	what=$1
	shift
	if said=$("$@" 2>&1); then
		ok "$what"
	else
		not_ok "$what" "exit $? of: $*" "$said"
	fi
}

check_exit() {
	wanted=$1
	what=$2
	shift 2
	"$@" >"$SANDBOX/out" 2>"$SANDBOX/err" && code=0 || code=$?
	OUT=$(tr -d '\0' <"$SANDBOX/out")
	ERR=$(tr -d '\0' <"$SANDBOX/err")
	if [ "$code" = "$wanted" ]; then
		ok "$what"
	else
		not_ok "$what" "exit $code, not $wanted, of: $*" "$OUT" "$ERR"
	fi
}

same() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got:" "$2" "wanted:" "$3"
	fi
}

like() {
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		ok "$1"
	else
		not_ok "$1" "nothing like $3 in:" "$2"
	fi
}

# ---- the sandbox

# Tries a command ten times a second for at most SECONDS.
wait_for() {
	tries=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

as_user() {
	if is_root; then
		setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
	else
		"$@"
	fi
}

as_other() {
	setpriv --reuid=1 --regid=1 --clear-groups -- "$@"
}

# The programs are copied, so that the user can run them from a checkout that only root can enter.
sandbox() {
	[ -x "$TV_BUILD/cli/tokenvault" ] || bail_out "no $TV_BUILD/cli/tokenvault: build first"
	SANDBOX=$(mktemp -d "${TMPDIR:-/tmp}/tv.XXXXXX") || exit 1
	# Before the trap: what is cleaned up is what runs from there.
	BIN=$SANDBOX/bin
	trap cleanup EXIT
	trap 'exit 129' HUP INT TERM PIPE
	mkdir -p "$BIN" "$SANDBOX/home" "$SANDBOX/run" "$SANDBOX/tmp"
	cp "$TV_BUILD/cli/tokenvault" "$BIN/"
	for program in "$TV_BUILD"/fusefs/tokenvault-* "$TV_BUILD"/cli/tokenvault-*; do
		[ ! -f "$program" ] || [ ! -x "$program" ] || cp "$program" "$BIN/"
	done
	printf '%s\n' "$PASSPHRASE" >"$SANDBOX/passphrase"
	chmod 755 "$SANDBOX" "$BIN" "$BIN"/*
	if is_root; then
		chown -R 65534:65534 "$SANDBOX/home" "$SANDBOX/run" "$SANDBOX/tmp" \
			"$SANDBOX/passphrase"
	fi
	unset TOKENVAULT_FILE XDG_CONFIG_DIRS XDG_DATA_DIRS DBUS_SESSION_BUS_ADDRESS DISPLAY
	# The machine's own logind has nothing to do with it.
	export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$SANDBOX/no-bus"
	export HOME="$SANDBOX/home" TMPDIR="$SANDBOX/tmp" LC_ALL=C.UTF-8
	export XDG_RUNTIME_DIR="$SANDBOX/run" XDG_CONFIG_HOME="$HOME/.config"
	export XDG_DATA_HOME="$HOME/.local/share" XDG_STATE_HOME="$HOME/.local/state"
	export XDG_CACHE_HOME="$HOME/.cache" PATH="$BIN:$PATH"
	cd "$SANDBOX/tmp" || exit 1
}

# The processes that run this sandbox's programs. A server hides its /proc/PID/exe from its own user,
# but not its command line.
sandbox_pids() {
	for dir in /proc/[0-9]*; do
		case "$(readlink "$dir/exe" 2>/dev/null) $(tr '\0' ' ' <"$dir/cmdline" 2>/dev/null)" in
		"$BIN"/* | " $BIN"/* | *" tokenvault-fs "*"$SANDBOX"*) echo "${dir#/proc/}" ;;
		esac
	done 2>/dev/null
}

# What else has the sandbox in its command line: what a test began and left.
sandbox_strays() {
	for dir in /proc/[0-9]*; do
		[ "$dir" != "/proc/$$" ] || continue
		case "$(tr '\0' ' ' <"$dir/cmdline")" in
		*"$SANDBOX/"*) echo "${dir#/proc/}" ;;
		esac
	done 2>/dev/null
}

# Mount points below the sandbox, deepest first; mountinfo writes a space as \040.
sandbox_mounts() {
	cut -d' ' -f5 /proc/self/mountinfo | while read -r at; do
		at=$(printf '%b' "$(printf '%s' "$at" | sed 's/\\\([0-7]\{3\}\)/\\0\1/g')")
		case $at in
		"$SANDBOX"/*) printf '%s\n' "$at" ;;
		esac
	done | sort -r
}

unmount_all() {
	sandbox_mounts | while IFS= read -r at; do
		if is_root; then
			# Ends what waits for a server that will never answer.
			umount -f "$at" || umount -l "$at"
		else
			fusermount3 -u -z "$at"
		fi
	done 2>/dev/null
}

cleanup() {
	trap - EXIT
	cd / || exit 1
	unmount_all
	for pid in $(sandbox_pids) $(sandbox_strays); do
		kill -9 "$pid" 2>/dev/null
	done
	unmount_all
	chmod -R u+rwx "$SANDBOX/home" 2>/dev/null
	rm -rf --one-file-system "$SANDBOX"
}

# ---- the programs

tv() {
	as_user "$BIN/tokenvault" --passphrase-fd 9 "$@" 9<"$SANDBOX/passphrase"
}

# The least work that the program allows.
make_vault() {
	tv init --memory 64 --passes 1 "$@" </dev/null
}

need_fuse() {
	[ -x "$TV_BUILD/fusefs/tokenvault-fs" ] || bail_out "no tokenvault-fs: build first"
	[ -c /dev/fuse ] || skip_all "no /dev/fuse on this machine"
	command -v fusermount3 >/dev/null || skip_all "no fusermount3: apt-get install fuse3"
	as_user sh -c '[ -r /dev/fuse ] && [ -w /dev/fuse ]' ||
		skip_all "/dev/fuse is closed to this user: chmod 666 /dev/fuse"
}

# A member of `status --json`; for views, as lines of PATH, PROVIDER, LABEL, MOUNTED and DETAIL with
# tabs between.
status_of() {
	tv status --json </dev/null | "$PYTHON" -c '
import json, sys
s = json.load(sys.stdin)
if sys.argv[1] == "views":
    for v in s["views"]:
        print(v["path"], v["provider"], v["label"], int(v["mounted"]), v["detail"] or "", sep="\t")
else:
    v = s[sys.argv[1]]
    print(int(v) if isinstance(v, bool) else "" if v is None else v)
' "$1"
}

server_pid() {
	status_of server_pid
}

keeper_pid() {
	sed -n 's/^PPid:[^0-9]*//p' "/proc/$(server_pid)/status"
}

# Debian's own where it is there: others may live where the unprivileged user can't go.
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=python3
