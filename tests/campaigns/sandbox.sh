# What a server that was taken over can still do: a test build in which reading a file makes it try one of many system calls,
# each of which has to be refused or to be its end; and that no call is allowed which the server does without: every row of
# its table is used in a session, or in the long form in all of the mount tests. In the controls the server does not confine
# itself, and one call more is in the table.
# Controls: bare listed
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/patched.sh"
sandbox
need_fuse
control=${TV_CONTROL:-}
header=$TESTS/campaigns/sandbox_attempts.h
tried=0
found=0
expected=0
key=$HOME/key
file=$HOME/.choreo/token
tv() {
	as_user "$BIN/tokenvault" --quiet --keyfile "$key" "$@"
}

# ---- calls that are not allowed
test_build() {
	set -- fusefs/files.c 's|^#include "fusefs/surface.h"$|&\n#include "tests/campaigns/sandbox_attempts.h"|
		/^static void file_read/,/^}/ s|^\t(void)ino;|&\nif (offset >= ATTEMPT) { fuse_reply_err(req, attempt(offset / ATTEMPT)); return; }|'
	[ "$control" != bare ] || set -- "$@" fusefs/server.c \
		's/tv_sandbox_calls(tv_server_calls, .*;/TV_OK;/; s/tv_sandbox_files(no_files, false, err)/(void)no_files, TV_OK/'
	mv "$BIN/tokenvault-fs" "$SANDBOX/tokenvault-fs"
	patched "$TV_BUILD" fusefs/tokenvault-fs "$BIN/tokenvault-fs" "$@"
	chmod 755 "$BIN/tokenvault-fs"
}

# What a read of the file from there on comes to: the name of an error, or "done".
attempt() {
	as_user timeout 10 "$PYTHON" -c '
import errno, os, sys
try:
    os.pread(os.open(sys.argv[1], os.O_RDONLY), 1, int(sys.argv[2]) << 20)
    print("done")
except OSError as error:
    print(errno.errorcode[error.errno])' "$file" "$1"
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

# judge NUMBER NAME: with a server of its own, if the last one ended.
judge() {
	if [ -z "${server:-}" ] || gone "$server"; then
		wait_for 5 none_mounted
		wait_for 5 tv mount
		server=$(server_pid)
	fi
	came_to=$(attempt "$1")
	tried=$((tried + 1))
	case $came_to in
	EPERM | EACCES | ENOSYS) ok "$2 is refused" && return ;;
	esac
	case $came_to in
	ENOTCONN | ECONNABORTED) wait_for 3 gone "$server" ;;
	*) false ;;
	esac && ok "$2 ends the server" && return
	found=$((found + 1))
	[ "$control" = bare ] || not_ok "$2 is refused, or ends the server" "$came_to"
}

attempts() {
	most=7
	[ -z "${TV_MINUTES:-}" ] || most=700
	[ "$control" != bare ] || most=5
	test_build
	number=0
	sed -n 's/^\t{"\([^"]*\)",.*/\1/p' "$header" >"$SANDBOX/names"
	while IFS= read -r name <&3; do
		number=$((number + 1))
		[ "$number" -gt "$most" ] || judge "$number" "$name"
	done 3<"$SANDBOX/names"
	tv unmount >/dev/null 2>&1
	wait_for 5 none_mounted
	mv "$SANDBOX/tokenvault-fs" "$BIN/tokenvault-fs"
	[ "$control" != bare ] || expected=$tried
}

# ---- calls that are allowed
# traced TRACE COMMAND …
traced() {
	trace=$1
	shift
	strace -f -e trace="$(sed -n 's/^\t{"\([a-z0-9_]*\)", ".*/?\1,/p' "$table" | tr -d '\n')?clone,?clone3,execve,seccomp" \
		-o "$trace" "$@"
}

# A little of everything that a server does.
session() {
	printf '%s\n' "$PASSPHRASE" | as_user "$BIN/bench_fill" "$XDG_DATA_HOME/tokenvault/default.vault" 700 >/dev/null
	traced "$SANDBOX/trace.session" setpriv --reuid=65534 --regid=65534 --clear-groups -- "$BIN/tokenvault" -q --keyfile "$key" mount >/dev/null 2>&1 &
	strace=$!
	wait_for 20 as_user cat "$file"
	as_user find "$XDG_RUNTIME_DIR/tokenvault/default" -type f -exec cat {} + >/dev/null
	tv list && tv show choreo && tv status && tv history
	tv rule allow choreo --program "$(readlink -f "$(command -v dash)")"
	as_user dash -c 'for i in 1 2 3 4 5 6 7 8 9; do read -r line <"$1" || exit; done' sh "$HOME/.choreo/token"
	printf '%s\n' "$CHOREO_EU" | tv set choreo --token --no-verify
	tv --passphrase-fd 9 key add passphrase --label two --memory 64 --passes 1 9<"$SANDBOX/passphrase"
	tv setting set lock_idle 1h
	as_user touch "$XDG_DATA_HOME/tokenvault/default.vault"
	# The keeper reads a large file a second later.
	sleep 1.5
	tv lock && tv unlock && tv unmount
	wait "$strace"
}

# What the tests of mounts say is said elsewhere; traced they may be too slow for some of it.
suite() {
	until=$(($(date +%s) + TV_MINUTES * 60))
	for test in "$TESTS"/mount/*.sh; do
		[ "$(date +%s)" -lt "$until" ] || break
		(unset HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME
			TMPDIR=$SANDBOX/tmp traced "$SANDBOX/trace.$(basename "$test")" timeout 300 sh "$test" >/dev/null 2>&1)
	done
}

calls() {
	table=$ROOT/fusefs/calls.c
	if [ "$control" = listed ]; then
		sed 's/^\t{"exit_group".*/&\n\t{"ptrace", "nothing"},/' "$table" >"$SANDBOX/calls.c"
		table=$SANDBOX/calls.c
		expected=1
	fi
	session >/dev/null 2>&1
	[ -z "${TV_MINUTES:-}" ] || [ -n "$control" ] || suite
	"$PYTHON" "$TESTS/campaigns/sandbox_calls.py" "$table" "$SANDBOX"/trace.* >"$SANDBOX/calls" 2>&1
	count=$(sed -n '$s/^\([0-9]*\) [0-9]*$/\1/p' "$SANDBOX/calls")
	tried=$((tried + ${count:-0}))
	grep '^never used' "$SANDBOX/calls" >"$SANDBOX/unused"
	found=$((found + $(wc -l <"$SANDBOX/unused")))
	[ "$control" = listed ] || same "every call that is allowed is used" "$(cat "$SANDBOX/unused")" ""
	like "calls of servers were seen" "$(tail -n 3 "$SANDBOX/calls")" '^[1-9][0-9]* [1-9][0-9]{2,}$'
}

check "init" tv --passphrase-fd 9 init --memory 64 --passes 1 9<"$SANDBOX/passphrase"
check "add" add choreo "$CHOREO"
[ "$control" = listed ] || attempts
if ! command -v strace >/dev/null; then
	skip "every call that is allowed is used" "strace is not installed"
elif [ "$control" != bare ]; then
	cp "$TV_BUILD/tests/bench_fill" "$BIN/" && chmod 755 "$BIN/bench_fill"
	calls
fi
echo "# tried $tried, found $found, expected $expected, skipped 0"
finish
