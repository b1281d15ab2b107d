# The audit log: every open once, refusals, locks, edits and shows; whose lines they are, through troubles and kills.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
cp "$TV_BUILD/tests/opens" "$BIN/opens"
cp "$TV_BUILD/tests/callers" "$BIN/reader"
printf '#!/bin/sh\nread -r line <"$1"\n' >"$BIN/tool"
chmod 755 "$BIN"/*
state=$XDG_STATE_HOME/tokenvault
log=$state/default.audit
# Of the entries that were added there are lines already.
rm "$log" "$log.key"
check "mount" tv mount
vault=$XDG_DATA_HOME/tokenvault/default.vault
file=$HOME/.choreo/token
ask_log() {
	"$PYTHON" "$TESTS/mount/auditlog.py" "$@"
}
# The words of the events since the last call.
echo 0 >"$SANDBOX/seen"
news() {
	ask_log events "$state" >"$SANDBOX/events"
	tail -n +$(($(cat "$SANDBOX/seen") + 1)) "$SANDBOX/events"
	wc -l <"$SANDBOX/events" >"$SANDBOX/seen"
}
right() {
	same "$1" "$(ask_log check "$state" "$vault" "$SANDBOX/passphrase")" right
}
if "$PYTHON" -c 'import nacl' 2>/dev/null; then :; else
	skip_all "python3-nacl is missing"
fi

# ---- what is noted
like "the unlock comes first" "$(news | head -n 1)" '^unlock\|-\|-\|tokenvault$'
like "mounts are noted" "$(sort <"$SANDBOX/events")" 'mount\|token\|-\|-'
check "a read" as_user cat "$file"
same "is one open" "$(news)" "open|token|choreo/default|cat|allowed"
check "by a script" as_user "$BIN/tool" "$file"
same "is the script's" "$(news)" "open|token|choreo/default|tool|allowed"
like "with what started it" "$(tail -n 1 "$log")" '"ancestors":\[\{"pid":[0-9]+,"program":'
like "the version" "$(tail -n 1 "$log")" '"version":1,"since":"20'
check "show" tv show azion
like "is noted, with who ran it" "$(news)" '^show\|-\|azion/default\|tokenvault\|show$'
tv -q rule allow choreo --program "$BIN/reader"
like "an edit" "$(news)" '^edit\|-\|choreo/default\|tokenvault\|rule$'
as_user cat "$file" 2>/dev/null
same "a refusal" "$(news)" "open|token|choreo/default|cat|refused|no rule allows it"
check "an allowed one" as_user "$BIN/reader" read "$file"
same "is noted with its rule" "$(news)" "open|token|choreo/default|reader|allowed"
like "by its id" "$(tail -n 1 "$log")" '"rule":"[0-9a-f]{8}"'
as_user "$BIN/reader" exec "$file" "$BIN/opens" >/dev/null 2>&1
as_user sh -c '"$0" exec "$1" /bin/cat' "$BIN/reader" "$file" >/dev/null 2>&1
news >/dev/null
as_user "$BIN/reader" pass "$file" "$BIN/tool" >/dev/null 2>&1
news >/dev/null
cp "$TV_BUILD/tests/callers" "$BIN/impostor"
chmod 755 "$BIN/impostor"
as_user "$BIN/reader" exec "$file" "$BIN/impostor" >/dev/null 2>&1
like "a read by somebody else" "$(news | tail -n 1)" '^read\|token\|choreo/default\|impostor\|refused'
tv -q rule remove "$(tv rule list --json | "$PYTHON" -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')"
# Of a program that had ended before the keeper got to it nothing would be known.
keeper=$(keeper_pid)
kill -STOP "$keeper"
(sleep 0.3 && kill -CONT "$keeper") &
tv -q lock
like "the lock, and by what" "$(news | tail -n 1)" '^lock\|-\|-\|tokenvault\|command$'
for _ in 1 2 3 4 5 6; do
	as_user cat "$file" 2>/dev/null
done
same "opens of a locked file: the first" "$(news)" "open|token|choreo/default|cat|refused|the vault is locked"
counted() {
	[ "$(ask_log events "$state" | tail -n 1)" = "open|token|choreo/default|cat|refused|the vault is locked|5" ]
}
check "and how many came within a second" wait_for 5 counted
tv -q unlock
like "an epoch follows on the one before" "$(tail -n 1 "$log")" '"n":0,"after":\{"epoch":"[0-9a-f]{16}","n":[0-9]+,"mac":"'
news >/dev/null
last=$(tv status --json </dev/null | "$PYTHON" -c '
import json, sys
for v in json.load(sys.stdin)["views"]:
    if v["path"].endswith(".choreo/token"):
        print(v["last"]["program"].rsplit("/", 1)[1], v["last"]["pid"] > 0, v["last"]["at"] > "2")')
same "status tells of the last who opened it" "$last" "reader True True"
right "every MAC is right, by the second reader"

# ---- under a rule, too, an open waits for its line
cp "$(command -v dash || command -v sh)" "$BIN/opener"
python=$(readlink -f "$PYTHON")
tv -q rule allow choreo --program "$BIN/opener"
tv -q rule allow choreo --program "$python"
news >/dev/null
for _ in 1 2 3 4 5 6 7 8; do
	as_user "$BIN/opener" -c 'exec 3<"$1"' sh "$file"
done
all_named() {
	[ "$(ask_log events "$state" | tail -n 8 | grep -c '^open|token|choreo/default|opener|allowed$')" = 8 ]
}
check "who opens, and reads nothing, is named" wait_for 2 all_named
news >/dev/null
# More than the keeper remembers ask behind one that opens.
keeper=$(keeper_pid)
for _ in 1 2 3; do
	kill -STOP "$keeper"
	as_user "$BIN/opener" -c 'exec 3<"$1"' sh "$file" &
	sleep 0.1
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36; do
		as_user head -c 1 "$file" 2>/dev/null &
	done
	sleep 0.4
	kill -CONT "$keeper"
	wait
done
named_among_many() {
	news >"$SANDBOX/many"
	[ "$(grep -c '^open|token|choreo/default|opener|allowed$' "$SANDBOX/many")" = 3 ]
}
check "also when many ask at once" named_among_many
same "when there are bytes there is the line" "$(as_user "$python" - "$file" "$log" <<-'END'
	import os, sys
	late = 0
	for i in range(200):
	    with open(sys.argv[2], "rb") as log:
	        log.seek(0, os.SEEK_END)
	        f = os.open(sys.argv[1], os.O_RDONLY)
	        os.read(f, 4096)
	        late += log.read().count(b'"event":"open"') != 1
	        os.close(f)
	print(late, "late")
	END
)" "0 late"
news >/dev/null
for id in $(tv rule list --json | "$PYTHON" -c 'import json,sys; print(*(r["id"] for r in json.load(sys.stdin)))'); do
	tv -q rule remove "$id"
done

# ---- names that are awkward
odd=$SANDBOX/tmp/$(printf 'od\ttab\n\377\303\251"\\')
as_user cp "$BIN/reader" "$odd"
check "a program with an awkward name" as_user "$odd" read "$file"
like "is one line, and JSON" "$(news)" '^open\|token\|choreo/default\|od.*\|allowed$'
like "with its bytes told" "$(tail -n 1 "$log")" 'od.u0009tab.u000a..xff'

# ---- every open once
n=1250
[ -z "${TV_LONG:-}" ] || n=12500
as_user "$BIN/opens" "$n" 8 "$file" >"$SANDBOX/told"
same "$((8 * n)) opens from 8 readers, each once" "$(ask_log count "$state" "$SANDBOX/told")" "$((8 * n)) opens"
right "and every MAC is right"
# Under rules the server writes those of whom it knows, and the keeper all others.
check "a rule" tv rule allow choreo --program "$BIN/opens"
rule=$(tv rule list --json | "$PYTHON" -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
as_user "$BIN/opens" "$n" 8 "$file" >"$SANDBOX/told"
same "$((8 * n)) of those, each once" "$(ask_log count "$state" "$SANDBOX/told")" "$((8 * n)) opens"
right "and every MAC is right, whoever wrote"
# Some are written while the keeper is stopped; it may have to be asked just then, and so not each time.
written_without_the_keeper() {
	keeper=$(keeper_pid)
	as_user "$BIN/opens" 20000 1 "$file" >/dev/null &
	sleep 0.05
	kill -STOP "$keeper"
	before=$(wc -c <"$log")
	sleep 0.05
	after=$(wc -c <"$log")
	kill -CONT "$keeper"
	wait
	[ "$after" -gt "$((before + 4000))" ]
}
check "whom the server knows it writes of by itself" wait_for 10 written_without_the_keeper
right "and well"
tv -q rule remove "$rule"

# ---- nobody goes back
as_user "$BIN/opens" 3 1 "$file" >/dev/null
cp "$log.key" "$SANDBOX/key"
as_user "$BIN/opens" 3 1 "$file" >/dev/null
same "who has the key of a time rewrites what comes after it, and nothing before" \
	"$(ask_log forge "$state" "$vault" "$SANDBOX/passphrase" "$SANDBOX/key")" "failed failed forged"

# ---- troubles: reads go on
as_user rm "$log"
check "the log is deleted: read all the same" as_user cat "$file"
same "and noted in a new one" "$(ask_log events "$state" open | tail -n 1)" "open|token|choreo/default|cat|allowed"
same "which says that lines are missing" "$(ask_log events "$state" gap)" "gap|-|-|-|missing"
as_user rm "$log"
as_user mkfifo "$log"
check "a FIFO in its place: read all the same" as_user cat "$file"
like "status says so" "$(status_of detail)" 'audit log can.t be written: .*no regular file of yours'
as_user rm "$log"
check "out of the way" as_user cat "$file"
like "what was lost is told" "$(ask_log events "$state" gap)" 'gap\|-\|-\|-\|unwritten\|[1-9]'
same "and status is quiet" "$(status_of detail)" ""
news >/dev/null
keeper=$(keeper_pid)
kill -STOP "$keeper"
check "a stopped keeper, without rules: read all the same" as_user cat "$file"
check "the next one does not wait" as_user timeout 1 cat "$file"
kill -CONT "$keeper"
caught_up() {
	[ "$(ask_log events "$state" open | grep -c allowed)" -ge 3 ]
}
check "they are noted when it goes on" wait_for 5 caught_up
news >/dev/null
# So is who edits while it is stopped.
kill -STOP "$keeper"
(sleep 0.3 && kill -CONT "$keeper") &
tv -q setting set lock_idle 1h
like "an edit, and by what" "$(news)" '^edit\|-\|-\|tokenvault\|setting'
tv -q setting set audit off
check "switched off" as_user cat "$file"
same "the switch is noted, and no more" "$(news)" "edit|-|-|tokenvault|setting|audit"
tv -q setting set audit on
check "switched on" as_user cat "$file"
same "and all is noted again" "$(news | cut -d'|' -f1 | tr '\n' ' ')" "edit open "

# ---- killed
# killed WHO HOW ROUND: while opens go on.
killed() {
	as_user "$BIN/opens" 100000 4 "$file" >"$SANDBOX/told" 2>/dev/null &
	opens=$!
	victim=$("$1_pid")
	sleep "0.$3"
	kill -9 "$victim"
	wait "$opens"
	like "the $1 is killed $2, round $3: no open that was given is missing" \
		"$(TV_SPARE=1 ask_log count "$state" "$SANDBOX/told")" '^[1-9][0-9]* opens$'
	# The keeper of a server that is gone clears up.
	[ "$1" = keeper ] || wait_for 5 none_mounted
	check "mount again" wait_for 5 tv mount
}
for round in 1 2 3; do
	killed keeper "without rules" "$round"
done
check "a rule" tv rule allow choreo --program "$BIN/opens"
for round in 1 2 3; do
	killed keeper "under rules" "$round"
	killed server "under rules" "$round"
done
right "every MAC is right after all that"
check "unmount" tv unmount
like "unmounts are noted" "$(ask_log events "$state" unmount | tail -n 1)" '^unmount'
check "nothing stays mounted" none_mounted
finish
