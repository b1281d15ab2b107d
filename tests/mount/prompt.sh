# Unlocking on demand: an open of a locked file waits for a person, and is killable, and ends.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/mount/person.sh"
mounted_vault mount
person
file=$HOME/.choreo/token
other=$HOME/.azion/profiles.json
tree=$(status_of tree)/choreo/default/token
pin="pin $PASSPHRASE"

relock() {
	tv unlock >/dev/null 2>&1
	tv -q lock || not_ok "lock"
}
# reader PATH: in the background; its output, exit code and time in $SANDBOX/reader.*
reader() {
	(
		took "$SANDBOX/reader.ms" as_user env --default-signal=INT cat "$1" >"$SANDBOX/reader.out" 2>"$SANDBOX/reader.err"
		echo $? >"$SANDBOX/reader.code"
	) &
	reader=$!
}
# ends_in MS WHAT: the last reader ends in that time.
ends_in() {
	wait "$reader"
	ms=$(cat "$SANDBOX/reader.ms")
	if [ "$ms" -le "$1" ]; then
		ok "$2 ($ms ms)"
	else
		not_ok "$2" "after $ms ms"
	fi
}
refused() {
	like "$1" "$(cat "$SANDBOX/reader.err")" 'Required key not available'
}

# ---- off at first
tv -q lock
will "$pin"
check "off: refused" no_key "$file"
same "off: nobody is asked" "$(prompts)" 0
tv -q unlock
check "set unlock_on_open" tv setting set unlock_on_open on
check "set prompt_wait" tv setting set prompt_wait 30s
same "status says that it is on" "$(prompt_of on)" True
tv -q lock

# ---- a file in place, a file of the directory view
will "$pin"
same "the same read succeeds" "$(as_user cat "$file" 2>&1)" "$CHOREO"
same "after one prompt" "$(prompts)" 1
like "it names program, file and entry" "$(told SETDESC)" \
	"Program: [^ ]*/cat%0AFile: $file%0AEntry: choreo/default\$"
same "it is told nothing by arguments" "$(told argv)" "argv "
same "it has no descriptor but the first three" "$(told fds)" "fds 0 1 2"
like "and no signal is blocked" "$(told blocked)" '^blocked 0+ '
same "the vault is unlocked" "$(status_of locked)" 0
relock
will "pin $PASSPHRASE " "pin wrong" "$pin"
same "wrong, wrong, right" "$(as_user cat "$tree" 2>&1)" "$CHOREO"
same "by one prompt" "$(prompts)" 1
same "which says so" "$(told SETERROR | sort -u)" "SETERROR That is not the passphrase."
like "it names the directory view's file" "$(told SETDESC)" "File: $tree%0A"
relock
will "pin wrong" empty "pin wrong" "$pin"
check "wrong three times" no_key "$file"
check "is enough" asked 3
same "status says why" "$(prompt_of last)" WRONG_KEY
relock

# ---- one prompt for all
will "wait $PERSON/go $pin"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	path=$file
	[ $((i % 3)) = 0 ] && path=$tree
	as_user cat "$path" >"$SANDBOX/burst.$i" 2>&1 &
done
check "20 readers wait" wait_for 10 waits 20
go
wait
same "all of them read" "$(cat "$SANDBOX"/burst.* | sort | uniq -c | tr -s ' ')" " 20 $CHOREO"
same "after one prompt for all" "$(prompts)" 1
relock
will "wait $PERSON/go $pin"
reader "$file"
check "a prompt" wait_for 10 asked 1
check "unlocked by somebody else" tv unlock
ends_in 3000 "the reader goes on"
same "and reads" "$(cat "$SANDBOX/reader.out")" "$CHOREO"
check "the prompt goes away" wait_for 6 nobody_asks

# ---- what asks nobody
as_user "$PYTHON" -c '
import os, sys, time
fd = os.open(sys.argv[1], os.O_RDONLY)
open(sys.argv[2], "w").close()
while os.path.exists(sys.argv[2]):
    time.sleep(0.05)
start = time.monotonic()
try:
    print("read", os.pread(fd, 9, 0))
except OSError as error:
    print(error.strerror, time.monotonic() - start < 0.5)' "$file" "$SANDBOX/tmp/held" >"$SANDBOX/held" &
holder=$!
check "a descriptor is held" wait_for 5 test -e "$SANDBOX/tmp/held"
relock
will "$pin"
check "stat" as_user stat "$file" "$tree"
check "ls" as_user ls -l "$HOME/.choreo" "$(dirname "$tree")"
check "access" as_user test -r "$file"
check "a file of the directory view that is not there" sh -c '! cat "$1".no 2>/dev/null' sh "$tree"
check "opening to write" as_user sh -c '! true 2>/dev/null >>"$1"' sh "$file"
rm "$SANDBOX/tmp/held"
wait "$holder"
same "the descriptor from before is refused at once" "$(cat "$SANDBOX/held")" \
	"Required key not available True"
is_root && check "another user" sh -c '! setpriv --reuid=1 --clear-groups cat "$1" 2>/dev/null' sh "$file"
same "nobody was asked" "$(prompts)" 0

# ---- refused, and then nobody is asked for a while
will cancel
took "$SANDBOX/ms" no_key "$file" || not_ok "cancelled: no key"
check "cancelled: refused at once" [ "$(cat "$SANDBOX/ms")" -lt 3000 ]
same "after a prompt" "$(prompts)" 1
will "$pin"
took "$SANDBOX/ms" no_key "$file" || not_ok "again: no key"
check "again: refused at once" [ "$(cat "$SANDBOX/ms")" -lt 1000 ]
check "the directory view too" no_key "$tree"
same "without a prompt" "$(prompts)" 0
like "status says for how long" "$(prompt_of pause)" '^(2[0-9]|30)$'
same "and why" "$(prompt_of last)" CANCELLED
if [ -n "${TV_LONG:-}" ]; then
	sleep 31
	same "after the pause it is asked again" "$(as_user cat "$file" 2>&1)" "$CHOREO"
else
	skip "after the pause it is asked again" "takes 31 s: TV_LONG=1"
fi

# ---- time
tv -q unlock
check "set prompt_wait" tv setting set prompt_wait 2s
for bad in hang deaf 'start hang'; do
	relock
	will "$bad"
	took "$SANDBOX/ms" no_key "$file" || not_ok "$bad: no key"
	ms=$(cat "$SANDBOX/ms")
	check "$bad: refused after 2 s ($ms ms)" [ "$ms" -ge 1900 -a "$ms" -lt 3500 ]
	check "$bad: nothing stays" wait_for 6 nobody_asks
	took "$SANDBOX/ms" no_key "$file" || not_ok "$bad, again: no key"
	check "$bad: and then at once" [ "$(cat "$SANDBOX/ms")" -lt 1000 ]
done
relock
will hang
keeper=$(keeper_pid)
reader "$file"
check "a prompt" wait_for 10 asked 1
kill -STOP "$keeper"
ends_in 4000 "a stopped keeper: refused when it is time"
kill -CONT "$keeper"
check "and nothing stays" wait_for 6 nobody_asks
tv -q unlock
check "set prompt_wait" tv setting set prompt_wait 30s

# ---- pinentries that are none
for bad in crash rubbish 'start exit'; do
	relock
	will "$bad"
	took "$SANDBOX/ms" no_key "$file" || not_ok "$bad: no key"
	check "$bad: refused at once" [ "$(cat "$SANDBOX/ms")" -lt 5000 ]
	same "$bad: status says why" "$(prompt_of last)" NO_PROMPT
done
relock
mv "$BIN/pinentry" "$BIN/none"
printf '#!/bin/sh\nexit 127\n' >"$BIN/pinentry"
chmod 755 "$BIN/pinentry"
check "none that starts: refused" no_key "$file"
same "status says why" "$(prompt_of last)" NO_PROMPT
mv "$BIN/none" "$BIN/pinentry"
check "nothing stays" wait_for 6 nobody_asks

# ---- readers that are killed
for signal in KILL INT TERM; do
	relock
	will "wait $PERSON/go $pin"
	reader "$file"
	check "$signal: a prompt" wait_for 10 asked 1
	began=$(date +%s%N)
	kill -"$signal" "$(pid_of cat "$file")"
	wait "$reader"
	ms=$((($(date +%s%N) - began) / 1000000))
	check "$signal: it dies at once ($ms ms)" [ "$ms" -lt 1500 ]
	check "$signal: nobody waits" wait_for 5 waits 0
	check "$signal: and nobody asks" wait_for 6 nobody_asks
	will "$pin"
	same "$signal: the next one is asked about" "$(as_user cat "$file" 2>&1)" "$CHOREO"
done
# patient: one who has signals all the time, but means to go on.
patient() {
	as_user "$PYTHON" -c '
import signal, sys
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3)
print(open(sys.argv[1]).read(), end="")
signal.setitimer(signal.ITIMER_REAL, 0)' "$file" >"$SANDBOX/patient" 2>&1 &
	patient=$!
}
relock
will "wait $PERSON/go $pin"
patient
check "one who has signals: a prompt" wait_for 10 asked 1
sleep 1
go
wait "$patient"
same "and then it reads" "$(cat "$SANDBOX/patient")" "$CHOREO"
same "after one prompt" "$(prompts)" 1
relock
will "wait $PERSON/go $pin"
reader "$file"
check "another one waits" wait_for 10 asked 1
patient
check "with it" wait_for 5 waits 2
kill -KILL "$(pid_of cat "$file")"
wait "$reader"
go
wait "$patient"
same "it reads though the first is gone" "$(cat "$SANDBOX/patient")" "$CHOREO"
same "after one prompt" "$(prompts)" 1

# ---- locking, ending and killing meanwhile
relock
will "wait $PERSON/go $pin"
reader "$file"
check "a prompt" wait_for 10 asked 1
check "lock" tv lock
ends_in 5000 "the reader ends"
refused "refused"
check "and nobody asks" wait_for 6 nobody_asks
will "wait $PERSON/go $pin"
reader "$other"
check "after a lock: a prompt" wait_for 10 asked 1
keeper=$(keeper_pid)
server=$(server_pid)
if is_root; then
	keeps() {
		for fd in "/proc/$1"/fd/*; do readlink "$fd"; done | grep -E 'fuse|socket|pidfd|memfd'
	}
	keeps "$keeper" | sort -u >"$SANDBOX/keeps"
	same "the keeper has some, and who asks has none of its descriptors" \
		"$(for pid in $(asking); do keeps "$pid" | grep -Fx -f "$SANDBOX/keeps" | grep -v inode; done)" ""
fi
check "unmount" tv unmount
ends_in 8000 "the reader ends"
refused "refused"
check "nobody asks" wait_for 6 nobody_asks
check "nothing stays mounted" none_mounted
check "mount" tv mount
for victim in keeper server; do
	tv -q lock
	will "wait $PERSON/go $pin"
	reader "$file"
	check "a prompt" wait_for 10 asked 1
	if [ "$victim" = keeper ]; then
		kill -KILL "$(keeper_pid)"
	else
		kill -KILL "$(server_pid)"
	fi
	ends_in 8000 "$victim killed: the reader ends"
	same "$victim killed: with an error" "$(cat "$SANDBOX/reader.code") $(cat "$SANDBOX/reader.out")" "1 "
	check "$victim killed: nobody asks" wait_for 6 nobody_asks
	tv unmount >/dev/null 2>&1
	check "$victim killed: mount again" tv mount
done
tv -q unmount

# ---- at login: mounted while locked, and a tool reads
check "mount --locked" as_user setsid -w "$BIN/tokenvault" mount --locked </dev/null
same "it is locked" "$(status_of locked)" 1
same "and asks nobody for that" "$(prompt_of last)" None
will "$pin"
same "a tool reads: a prompt, and the same read succeeds" "$(as_user "$PYTHON" -c '
import sys
print(open(sys.argv[1]).read(), end="")' "$file" 2>&1)" "$CHOREO"
same "after one prompt" "$(prompts)" 1
tv -q lock
tv -q unmount
check "mount --locked, once more" as_user setsid -w "$BIN/tokenvault" mount --locked </dev/null
will "$pin"
same "the directory view as well" "$(as_user cat "$tree" 2>&1)" "$CHOREO"
tv -q unmount
finish
