# The processes: what the server gave up, and what it holds. Who can look into them is campaigns/neighbours.sh, what is in
# their memory campaigns/memory.sh.
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
		pipe:* | socket:* | anon_inode:\[eventpoll\] | anon_inode:\[timerfd\] | /dev/fuse) ;;
		"$XDG_DATA_HOME"/tokenvault/*.vault) ;;
		# Where a sanitizer would write its report.
		/dev/null) [ -n "${TV_SANITIZED:-}" ] || echo "${fd##*/} $target" ;;
		*) echo "${fd##*/} $target" ;;
		esac
	done
}
same "the server holds pipes, sockets, epoll, timers, FUSE and the vault file, no more" \
	"$(strangers "$server")" ""
for pid in "$server" "$(keeper_pid)"; do
	check_exit 2 "which no other program of the user reaches" as_user ls "/proc/$pid/fd"
done

# A limit of how long a file may be, which a user has set for other reasons, is none for hidden memory.
hidden() {
	grep -c secretmem "/proc/$(server_pid)/maps"
}
if [ "$(hidden)" -gt 0 ]; then
	before=$(hidden)
	check "unmount" tv unmount
	(ulimit -S -f 8192 && tv mount)
	same "memory is hidden under a limit, too" "$(hidden)" "$before"
else
	skip "memory is hidden under a limit, too" "this kernel hides none"
fi

check "unmount" tv unmount
check "nothing stays mounted" wait_for 3 none_mounted
finish
