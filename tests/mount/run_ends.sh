# How a run ends: signals, stops, kills of each of its parts, and what goes on behind it.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
as_user unshare -U true 2>/dev/null || skip_all "no user namespaces for this user"
. "$TESTS/mount/runs.sh"
outside=$(home_listing)

# ---- a terminal
from_helper as_user "$PYTHON" "$BIN/run_ends.py" "$BIN/tokenvault" --keyfile "$T/key" run choreo --
left "afterwards nothing is left"

# ---- signals that are sent to the run alone
for sig in TERM HUP USR1 USR2; do
	begin choreo "trap 'echo $sig >$T/got; exit 7' $sig"
	kill -s "$sig" "$(parent_of "$pid")"
	wait_for 5 test -s "$T/ended"
	same "$sig is passed on" "$(cat "$T/got")" "$sig"
	end 7
done
left "afterwards nothing is left"

# ---- kills
begin choreo "cat $token >/dev/null"
kill -9 "$(parent_of "$pid")"
check "the run is killed: so is its command" wait_for 5 sh -c '! [ -e "/proc/$0" ]' "$pid"
end 137
check "and nothing is left" wait_for 10 nothing_left

begin choreo "exec 5<$token" "cat <&5 >$T/got 2>&1; cat $token >>$T/got 2>&1; ls -d $HOME/.choreo >>$T/got"
find_parts "$pid"
kill -9 "$server"
wait_for 5 sh -c '! [ -e "/proc/$0" ]' "$keeper"
end
like "the server is killed: an error, said" "$(cat "$T/said")" 'server of this run has ended'
same "and an error for those who read" "$(grep -c 'not connected\|aborted' "$T/got")" 2
left "and nothing is left"

begin choreo "" "cat $token >$T/got 2>&1"
find_parts "$pid"
kill -9 "$keeper"
wait_for 5 sh -c '! [ -e "/proc/$0" ]' "$server"
end 1
like "the keeper is killed: an error for those who read" "$(cat "$T/got")" 'not connected|aborted'
left "and nothing is left"

begin choreo ""
find_parts "$pid"
kill -9 "$keeper" "$server" "$(parent_of "$pid")"
end 137
check "all are killed: traces stay" test -n "$(traces)"
check "the next run" tv run azion -- true
left "takes them away"

# ---- what goes on behind it
as_user rm -f "$T/go"
check "a command that leaves another running" tv run choreo -- sh -c \
	"{ while [ ! -e $T/go ]; do sleep 0.05; done; cat $token; } >$T/got 2>&1 &
	until [ -s $T/got ] || [ -e $T/began ]; do : >$T/began; done"
left "ends with nothing left"
as_user touch "$T/go"
check "and the one that goes on" wait_for 5 test -s "$T/got"
like "has no file any more" "$(cat "$T/got")" 'No such file'
check_exit 0 "an orphan of a command still has it" tv run choreo -- sh -c \
	"(setsid sh -c 'sleep 0.3; cat $token' &); sleep 1.5"
same "while that runs" "$OUT" "$CHOREO"
finish
