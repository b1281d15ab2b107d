# Each of many files has its lines in the audit log.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"

N=200
sandbox
need_fuse
make_vault
log=$XDG_STATE_HOME/tokenvault/default.audit
lines() {
	grep -c "\"event\":\"$1\"" "$log"
}
add_all() {
	i=0
	while [ $i -lt $N ]; do
		printf '%s\n' "$AZION" | tv -q add --no-verify "azion/e$i" || return
		i=$((i + 1))
	done
}
check "mount" tv -q mount
check "$N entries" add_all
check "unmount" tv -q unmount
same "each has its line" "$(($(lines mount) - $(lines unmount)))" 0
# Nobody waits for the line of a mount: only now are all there.
before=$(lines unmount)
check "those were many" [ "$before" -gt $N ]
check "mount them all at once" tv -q mount
all_there() {
	[ $(($(lines mount) - $(lines unmount))) -eq "$before" ]
}
check "with a line each" wait_for 10 all_there
check "unmount again" tv -q unmount
same "and there, too" "$(($(lines mount) - $(lines unmount)))" 0
check "none is missing by the log itself" tv audit --verify
finish
