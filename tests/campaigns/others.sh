# Who may not read: other users and root, by every call, through paths, and through descriptors that the owner hands them; and
# programs in other process, user and mount namespaces, where a rule is about who reads. In the controls the server does not
# look at who reads, or not at namespaces.
# Controls: uid namespaces
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/patched.sh"
is_root || skip_all "needs root, to be somebody else"
sandbox
need_fuse
control=${TV_CONTROL:-}
tried=0
found=0
expected=0
case $control in
uid) # The kernel still refuses all that goes by paths.
	patched "$TV_BUILD" fusefs/tokenvault-fs "$BIN/tokenvault-fs" fusefs/opening.c \
		's/fuse_req_ctx(req)->uid != server->uid/false/'
	expected=10
	;;
namespaces)
	patched "$TV_BUILD" fusefs/tokenvault-fs "$BIN/tokenvault-fs" vault/resolve.c \
		's/c->is_foreign = c->is_foreign || its != ours;/(void)its;/'
	;;
esac
cp "$TESTS/campaigns/others.py" "$BIN/"
chmod 755 "$BIN"/*
by_keyfile
tree=$XDG_RUNTIME_DIR/tokenvault/default
check "init" tv init
check "add" add choreo "$CHOREO"
check "add one with a rule" add azion "$AZION"
check "mount" tv mount
check "rule" tv rule allow azion --program "$(command -v cat)"

users() {
	# Every directory on the way is open, so that only the file itself can say no.
	find "$HOME" "$XDG_RUNTIME_DIR" -xdev -type d -exec chmod 755 {} + 2>/dev/null
	"$PYTHON" "$BIN/others.py" "$tree" "$HOME/.choreo/token" "$HOME/.choreo/config.toml" >"$SANDBOX/said" 2>"$SANDBOX/err"
	[ -n "$control" ] || same "nobody else reads, and each is told EACCES" "$(grep '^not ok' "$SANDBOX/said")" ""
	read -r looks through <<-END
		$(tail -n 1 "$SANDBOX/said")
	END
	like "every way was tried" "$looks" '^[1-9][0-9]*$'
	tried=$((tried + looks))
	found=$((found + through))
	socket=$XDG_RUNTIME_DIR/tokenvault/default.sock
	chmod 666 "$socket"
	from_helper "$PYTHON" "$BIN/others.py" socket "$socket"
	as_other "$BIN/tokenvault" --vault "$XDG_DATA_HOME/tokenvault/default.vault" list </dev/null >"$SANDBOX/out" 2>&1
	same "nor does another user's list" "$?" 19
	chmod 700 "$XDG_RUNTIME_DIR/tokenvault"
}

# elsewhere WHAT COMMAND …: reads what a rule keeps to this namespace, and what no rule is about.
elsewhere() {
	what=$1
	shift
	tried=$((tried + 1))
	if "$@" cat "$HOME/.azion/default/settings.toml" >/dev/null 2>"$SANDBOX/err"; then
		found=$((found + 1))
		[ -n "$control" ] || not_ok "$what is refused what a rule keeps"
	else
		like "$what is refused what a rule keeps" "$(cat "$SANDBOX/err")" 'Permission denied'
	fi
	same "$what reads what no rule is about" "$("$@" cat "$HOME/.choreo/token" 2>&1)" "$CHOREO"
}

namespaces() {
	same "here it reads both" "$(as_user cat "$HOME/.choreo/token" "$HOME/.azion/default/settings.toml" | grep -c "$CHOREO\|$AZION")" 2
	if as_user unshare -Urm true 2>/dev/null; then
		elsewhere "a user namespace" as_user unshare -U
		elsewhere "one in which it is root" as_user unshare -Ur
		elsewhere "a mount namespace" as_user unshare -Urm
		elsewhere "a process namespace" as_user unshare -Urpf
		elsewhere "all of them, and IPC, names, network and time" as_user unshare -UrmpfinuT
	else
		skip "user namespaces" "unprivileged ones are switched off"
	fi
	elsewhere "a mount namespace of root's making" unshare -m setpriv --reuid=65534 --regid=65534 --clear-groups
	elsewhere "a mount and process namespace of root's making" unshare -mpf --mount-proc setpriv --reuid=65534 --regid=65534 \
		--clear-groups
}

[ "$control" = namespaces ] || users
if [ "$control" != uid ]; then
	namespaces
	[ -z "$control" ] || expected=$tried
fi
check "the owner still reads" as_user cat "$HOME/.choreo/token"
check "unmount" tv unmount
check "nothing stays mounted" none_mounted
echo "# tried $tried, found $found, expected $expected, skipped 0"
finish
