# The command line beside a running server: nobody is asked again, except about keys.
. "$(dirname "$0")/../lib.sh"
sandbox
need_fuse
cheap="--memory 64 --passes 1"

# bare COMMAND …: without a credential and without a terminal to ask on.
bare() {
	as_user setsid -w "$BIN/tokenvault" "$@" </dev/null
}

# with LINES COMMAND …: tokenvault with these lines, split at |, on descriptor 3.
with() {
	printf '%s\n' "$1" | tr '|' '\n' >"$SANDBOX/lines"
	shift
	as_user "$BIN/tokenvault" --passphrase-fd 3 "$@" 3<"$SANDBOX/lines" </dev/null
}

all_gone() {
	[ -z "$(sandbox_pids)" ]
}

check_exit 0 "init" make_vault --keyfile "$HOME/key"
echo tok | tv -q add --no-verify choreo
check_exit 3 "a wrong passphrase starts no server" with wrong mount
check "nor even makes its directory" test ! -e "$XDG_RUNTIME_DIR/tokenvault"
check_exit 0 "mount" tv mount
same "prints path and entry" "$(printf '%s\n' "$OUT" | grep /token)" \
	"$HOME/.choreo/token	choreo/default"
check_exit 0 "status in JSON" bare status --json
check "has what it should" "$PYTHON" -c '
import json, sys
s = json.loads(sys.argv[1])
assert s["locked"] is False and s["server_pid"] > 1 and s["generation"] == 2, s
assert {v["path"] for v in s["views"]} >= {sys.argv[2] + "/.choreo/token"}, s
assert all(set(v) >= {"path", "provider", "label", "mounted", "detail"} for v in s["views"])
assert all(v["mounted"] for v in s["views"])
' "$OUT" "$HOME"

same "show" "$(bare show choreo)" tok
check_exit 0 "set" bare set choreo --note new
check_exit 0 "history" bare history
check_exit 0 "key list" bare key list
check_exit 3 "passwd wants the passphrase all the same" bare passwd
check_exit 3 "key add too" bare key add keyfile "$HOME/key2"
check "and makes nothing" test ! -e "$HOME/key2"
check_exit 3 "key remove too" bare key remove keyfile
check_exit 3 "and the right one" with wrong key remove keyfile
# shellcheck disable=SC2086
check_exit 0 "passwd" with "$PASSPHRASE|second" passwd $cheap
same "the files are served on" "$(as_user cat "$HOME/.choreo/token")" tok
check_exit 0 "lock" bare lock
check_exit 3 "locked: who has no credential" bare list
like "is told what to do" "$ERR" 'tokenvault unlock'
check_exit 0 "locked: who has one goes on" with second list
check_exit 3 "the old passphrase does not unlock" with "$PASSPHRASE" unlock
check_exit 0 "the new one does" with second unlock
check_exit 0 "once more is no mistake" with second unlock
check_exit 14 "a second server" bare mount --foreground
check_exit 0 "unmount" bare unmount
check_exit 17 "nothing is mounted any more" bare unmount

# In the foreground: ends with the server, and the server with it.
# run_foreground WHAT: starts it, and waits until it serves.
run_foreground() {
	what=$1
	set --
	if is_root; then
		set -- setpriv --reuid=65534 --regid=65534 --clear-groups --
	fi
	"$@" "$BIN/tokenvault" -k "$HOME/key" mount --foreground >"$SANDBOX/out" 2>&1 &
	pid=$!
	check "$what" wait_for 20 grep -q /token "$SANDBOX/out"
}
run_foreground "foreground"
check_exit 0 "unmount ends it" bare unmount
wait $pid && code=0 || code=$?
same "with success" $code 0
run_foreground "foreground again"
kill -TERM $pid
wait $pid && code=0 || code=$?
same "SIGTERM ends it with success" $code 0
same "and its server" "$(sandbox_pids)" ""
run_foreground "and again"
kill -KILL $pid
wait $pid 2>/dev/null
check "SIGKILL ends the server too" wait_for 20 all_gone
same "nothing stays mounted" "$(sandbox_mounts)" ""
finish
