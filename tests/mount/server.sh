# The processes: what the server gave up, what it holds, and who can look into it. What is in their memory is the campaign
# `memory`.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault mount
server=$(server_pid)
keeper=$(keeper_pid)

of_status() {
	sed -n "s/^$2:[^0-9]*//p" "/proc/$1/status"
}
same "NoNewPrivs" "$(of_status "$server" NoNewPrivs)" 1
same "Seccomp" "$(of_status "$server" Seccomp)" 2
same "no core files" "$(sed -n 's/^Max core file size *//p' "/proc/$server/limits" | tr -s ' ')" \
	"0 0 bytes "
same "the keeper leaves none either" \
	"$(sed -n 's/^Max core file size *//p' "/proc/$keeper/limits" | tr -s ' ')" "0 0 bytes "
same "one thread more at most" "$([ "$(of_status "$server" Threads)" -le 2 ] && echo yes)" yes

# ---- as the same user
refused() {
	said=$(as_user "$@" 2>&1) && code=0 || code=$?
	[ "$code" != 0 ] && ok "refused: $1" || not_ok "refused: $1" "$said"
}
for pid in "$server" "$keeper"; do
	refused dd if="/proc/$pid/mem" bs=1 count=1 of=/dev/null
	refused cat "/proc/$pid/environ"
	refused ls "/proc/$pid/fd"
done
if command -v gdb >/dev/null; then
	said=$(as_user gdb -q -batch -p "$server" -ex 'info registers' 2>&1)
	like "gdb can't attach" "$said" 'ptrace: Operation not permitted|not permitted'
	same "gdb sees no register" "$(echo "$said" | grep -c '^rip')" 0
	as_user gdb -q -batch -p "$server" -ex "generate-core-file $SANDBOX/tmp/core" >/dev/null 2>&1
	same "gdb writes no core" "$(ls "$SANDBOX/tmp")" ""
else
	skip "gdb can't attach" "gdb is not installed"
fi

# ---- as root
if ! is_root; then
	skip "descriptors of the server" "needs root"
	tv unmount >/dev/null 2>&1
	finish
fi
strangers() {
	for fd in /proc/"$1"/fd/*; do
		target=$(readlink "$fd")
		case $target in
		socket:* | anon_inode:\[eventpoll\] | anon_inode:\[timerfd\] | /dev/fuse) ;;
		"$XDG_DATA_HOME"/tokenvault/*.vault) ;;
		# Where a sanitizer would write its report.
		/dev/null) [ -n "${TV_SANITIZED:-}" ] || echo "${fd##*/} $target" ;;
		*) echo "${fd##*/} $target" ;;
		esac
	done
}
same "the server holds sockets, epoll, timers, FUSE and the vault file, no more" \
	"$(strangers "$server")" ""

# ---- a crash leaves nothing
kill -SEGV "$server"
check "the server is gone" wait_for 3 sh -c "! kill -0 $server"
same "no core file" "$(find "$SANDBOX" -xdev -name 'core*')" ""
tv unmount >/dev/null 2>&1
check "nothing stays mounted" wait_for 3 none_mounted
finish
