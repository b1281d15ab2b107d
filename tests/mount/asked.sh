# Rules that ask: a person allows a process, or refuses its program; and nobody else is let in by that.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/mount/person.sh"
mounted_vault mount
person
cp "$TESTS/mount/asker.py" "$BIN/"
file=$HOME/.choreo/token
tree=$(status_of tree)/choreo/default/token
netrc=$HOME/.netrc

refused() {
	said=$(as_user "$@" 2>&1) && return 1
	case $said in
	*'Permission denied'*) ;;
	*) return 1 ;;
	esac
}
# Programs that nobody has refused yet.
new_cat() {
	n_cats=$((${n_cats:-0} + 1))
	cat=$BIN/cat$n_cats
	cp /bin/cat "$cat"
	chmod 755 "$cat"
}
# script NAME LINE …: a Python script that anybody can read.
asker() {
	as_user "$PYTHON" "$BIN/asker.py" "$@"
}

check "rule ask" tv rule ask choreo
tv setting set prompt_wait 20s 2>/dev/null

# ---- allowed: this process, until it ends or the vault is locked
will ok cancel
same "allowed, three times over" "$(asker read "$file" read "$file" read "$tree" 2>&1)" "$CHOREO
$CHOREO
$CHOREO"
same "after one question" "$(prompts)" 1
same "no passphrase is asked for" "$(told GETPIN)" ""
like "it names program, script, file and entry" "$(told SETDESC)" \
	"Program: [^ ]*/python[0-9.]*%0AIts first argument, it says: $BIN/asker.py%0AFile: $file%0AEntry: choreo/default\$"
like "it is to be allowed or refused" "$(told 'SET\(OK\|CANCEL\)' | tr '\n' ' ')" 'SETOK Allow SETCANCEL Refuse'
will ok cancel
same "in the directory view, twice over" "$(asker read "$tree" read "$tree" 2>&1)" "$CHOREO
$CHOREO"
same "after one question" "$(prompts)" 1
will ok
same "another process is asked about anew" "$(asker read "$file" 2>&1)" "$CHOREO"
same "by a question of its own" "$(prompts)" 1
will ok ok
same "another script in the same process as well" \
	"$(asker read "$file" run "$file" 2>&1)" "$CHOREO
$CHOREO"
same "by a second question" "$(prompts)" 2
will ok ok
same "after a lock as well" "$(as_user sh -c 'exec "$0" "$@"' "$PYTHON" "$BIN/asker.py" read "$file" \
	wait "$SANDBOX/tmp/locked" read "$file" 2>&1 & for i in 1; do
	wait_for 10 asked 1
	sleep 0.5
	tv -q lock && tv -q unlock && as_user touch "$SANDBOX/tmp/locked"
done; wait)" "$CHOREO
$CHOREO"
same "by a second question, too" "$(prompts)" 2

# ---- refused: this program, for a while
new_cat
will cancel ok
check "refused" refused "$cat" "$file"
check "refused again" refused "$cat" "$file"
same "after one question" "$(prompts)" 1
same "another program is asked about" "$(new_cat && as_user "$cat" "$file" 2>&1)" "$CHOREO"
same "by a question of its own" "$(prompts)" 2
same "the vault is not locked by that" "$(status_of locked)" 0

# ---- many at once
will "wait $PERSON/go ok"
asker threads 20 "$file" >"$SANDBOX/threads" 2>&1 &
threads=$!
check "20 threads of one process wait" wait_for 10 waits 20
go
wait "$threads"
same "and read" "$(sort "$SANDBOX/threads" | uniq -c | tr -s ' ')" " 20 $CHOREO"
same "after one question" "$(prompts)" 1
will "wait $PERSON/go ok" ok ok
for i in 1 2 3; do
	asker read "$file" >"$SANDBOX/many.$i" 2>&1 &
done
check "three processes wait" wait_for 10 waits 3
sleep 0.5
same "one question at a time" "$(prompts)" 1
go
wait
same "each is allowed by itself" "$(cat "$SANDBOX"/many.* | sort | uniq -c | tr -s ' ')" " 3 $CHOREO"
same "by three questions" "$(prompts)" 3
will "wait $PERSON/go cancel"
new_cat
for i in 1 2 3; do
	as_user "$cat" "$file" >"$SANDBOX/many.$i" 2>&1 &
done
check "three of one program wait" wait_for 10 waits 3
go
wait
same "a refusal is one for all of them" "$(cat "$SANDBOX"/many.* | grep -c 'Permission denied')" 3
same "after one question" "$(prompts)" 1

# ---- what is no question
will ok ok ok
check "stat" as_user stat "$file"
same "a descriptor that somebody else opened: the opener is asked about" \
	"$(asker pass "$file" 2>&1)" "opened, refused"
same "and no other" "$(prompts)" 1
if as_user unshare -Urm true 2>/dev/null; then
	check "who is in another namespace is refused" refused unshare -Urm cat "$file"
	same "without a question" "$(prompts)" 1
else
	skip "who is in another namespace is refused" "no namespaces for users here"
fi
cp /bin/sleep "$BIN/sleeper"
chmod 755 "$BIN/sleeper"
as_user "$BIN/sleeper" 60 &
check "somebody sleeps" wait_for 5 pid_of "$BIN/sleeper" 60
sleeper=$(pid_of "$BIN/sleeper" 60)
like "rule test says ask" "$(tv rule test "$sleeper" 2>&1)" '^choreo/default +ask '
kill "$sleeper"
check "a denial that comes first" tv rule deny choreo --program cat --first
check "refuses" refused /bin/cat "$file"
same "without a question" "$(prompts)" 1

# ---- a file of several entries
for label in default other third; do
	add "netrc/$label" "password-of-$label" --field "machine=$label.example" --field login=jo ||
		not_ok "add netrc/$label"
	[ "$label" = third ] || tv -q rule ask "netrc/$label" || not_ok "rule ask netrc/$label"
done
will ok
like "a file of both is one question" "$(as_user cat "$netrc" 2>&1)" "password-of-other"
like "that says so" "$(told SETDESC)" 'Entry: netrc/default and 1 more$'
same "and no more" "$(prompts)" 1
check "netrc/third denies" tv rule deny netrc/third
check "then the file is refused" refused head -c 1 "$netrc"
same "and nobody is asked" "$(prompts)" 1

# ---- nobody there, no time, and what comes between
mv "$BIN/pinentry" "$BIN/none"
printf '#!/bin/sh\nexit 127\n' >"$BIN/pinentry"
chmod 755 "$BIN/pinentry"
new_cat
check "nobody can be asked: refused" refused "$cat" "$file"
mv "$BIN/none" "$BIN/pinentry"
tv setting set prompt_wait 2s 2>/dev/null
will hang
new_cat
took "$SANDBOX/ms" refused "$cat" "$file" || not_ok "no answer: refused"
ms=$(cat "$SANDBOX/ms")
check "no answer: refused after 2 s ($ms ms)" [ "$ms" -ge 1900 -a "$ms" -lt 3500 ]
tv setting set prompt_wait 20s 2>/dev/null
will hang ok
new_cat
as_user "$cat" "$file" >"$SANDBOX/out" 2>&1 &
reader=$!
check "a question" wait_for 10 asked 1
kill -KILL "$(pid_of "$cat" "$file")"
began=$(date +%s%N)
wait "$reader"
ms=$((($(date +%s%N) - began) / 1000000))
check "a reader that is killed dies at once ($ms ms)" [ "$ms" -lt 1500 ]
check "and the question goes" wait_for 6 nobody_asks
same "its program was not refused" "$(as_user "$cat" "$file" 2>&1)" "$CHOREO"
will hang
as_user "$cat" "$file" >"$SANDBOX/out" 2>&1 &
reader=$!
check "a question" wait_for 10 asked 1
check "lock" tv lock
wait "$reader"
like "the reader is told so" "$(cat "$SANDBOX/out")" 'Required key not available'
check "and the question goes" wait_for 6 nobody_asks
check "unmount" tv unmount
finish
