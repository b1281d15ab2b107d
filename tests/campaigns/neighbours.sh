# Other programs of the same user: they look into server and keeper by all that there is, and get nothing; they send the
# socket made-up bytes, malformed and half requests, descriptors that are no vaults, say nothing on a thousand connections, and
# take nothing of what they asked for, while files are read no slower than three times as slow as else, by the 99th percentile.
# In the control the server waits for its clients.
# Controls: waits
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/patched.sh"
sandbox
need_fuse
control=${TV_CONTROL:-}
seconds=0.4 # for each way
[ -z "${TV_MINUTES:-}" ] || seconds=$((TV_MINUTES * 60 / 11))
expected=0
set --
if [ "$control" = waits ]; then
	patched "$TV_BUILD" fusefs/tokenvault-fs "$BIN/tokenvault-fs" fusefs/client.c 's/ | MSG_DONTWAIT//' \
		fusefs/door.c 's/SOCK_NONBLOCK | //'
	set -- "slow clients"
	expected=1
fi
cp "$TESTS/campaigns/neighbours.py" "$BIN/"
chmod 755 "$BIN"/*
by_keyfile
check "init" tv init
check "add" add choreo "$CHOREO"
check "mount" tv mount
server=$(server_pid)
descriptors() {
	find "/proc/$server/fd" -mindepth 1 | wc -l
}
held=$(descriptors)
as_user "$PYTHON" "$BIN/neighbours.py" "$XDG_RUNTIME_DIR/tokenvault/default.sock" "$server" "$(keeper_pid)" "$HOME/.choreo/token" \
	"$CHOREO" "$XDG_RUNTIME_DIR/tokenvault/default" "$seconds" "$@" >"$SANDBOX/said" 2>"$SANDBOX/err"
while IFS= read -r line; do
	case $line in
	'ok '*) ok "${line#ok }" ;;
	'not ok '*) [ -n "$control" ] || not_ok "${line#not ok }" ;;
	esac
done <"$SANDBOX/said"
read -r tried found <<END
$(tail -n 1 "$SANDBOX/said")
END
like "neighbours.py came to its end: $(tail -n 1 "$SANDBOX/err")" "$tried" '^[1-9][0-9]*$'
if [ -z "$control" ]; then
	same "it is the same server" "$(server_pid)" "$server"
	reads "$HOME/.choreo/token" "$CHOREO"
	check "and it answers" tv list
	holds_no_more() {
		[ "$(descriptors)" -le "$held" ]
	}
	! is_root || check "it holds nothing of what was sent" wait_for 5 holds_no_more
	kill -SEGV "$server"
	check "it is gone" wait_for 3 sh -c "! kill -0 $server"
	same "without a core file" "$(find "$SANDBOX" -xdev -name 'core*')" ""
fi
tv unmount >/dev/null 2>&1
check "nothing stays mounted" wait_for 5 none_mounted
echo "# tried ${tried:-0}, found ${found:-0}, expected $expected, skipped 0"
finish
