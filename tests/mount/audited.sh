# What the command `audit` makes of the log: who read what, which tokens got out, which rules follow, and whether
# every line is what was written.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
log=$XDG_STATE_HOME/tokenvault/default.audit
# What adding them looked at counts as well.
rm "$log" "$log.key"
check "mount" tv mount
cat >"$BIN/tool.py" <<-'END'
	import sys
	print(open(sys.argv[1]).read())
END
chmod 755 "$BIN/tool.py"
as_user cat "$HOME/.choreo/token" >/dev/null
as_user "$PYTHON" "$BIN/tool.py" "$HOME/.choreo/token" >/dev/null
as_user "$PYTHON" "$BIN/tool.py" "$HOME/.choreo/token" >/dev/null
as_user head -n 1 "$HOME/.azion/default/settings.toml" >/dev/null
tv show api7/prod >/dev/null
tv set azion/work --note "a note" >/dev/null 2>&1

# ---- showing
check_exit 0 "audit" tv audit
like "an open, with its program" "$OUT" ' open  allowed  choreo/default v1  .*/\.choreo/token  .*/cat( |$)'
like "a script" "$OUT" "choreo/token  /[^ ]*python[^ ]* $BIN/tool.py "
like "a token that was shown" "$OUT" ' show  .*api7/prod v1'
like "an edit" "$OUT" ' edit  .*azion/work'
check_exit 0 "of one entry" tv audit --entry azion
same "only that" "$(printf '%s\n' "$OUT" | grep -vc 'azion/')" 0
check_exit 0 "of one program" tv audit --program tool.py --event open
same "two lines" "$(printf '%s\n' "$OUT" | wc -l)" 2
check_exit 0 "of no time" tv audit --until 2001-01-01
same "none" "$OUT" ""
check_exit 2 "a time that is none" tv audit --since yesterday
check_exit 2 "a word that is none" tv audit nonsense
tv audit --json --event open >"$SANDBOX/out"
same "in JSON" "$("$PYTHON" -c 'import json, sys
print(sum(l["verdict"] == "allowed" for l in json.load(open(sys.argv[1]))))' "$SANDBOX/out")" 4
same "no token in it" "$(tr -d '\n' <"$log" | grep -cFf "$SANDBOX/needles")" 0

# ---- what got out
check_exit 2 "exposed since when?" tv audit exposed
check_exit 0 "exposed" tv audit exposed --since 1h
like "the entry, its version and how often" "$OUT" '^choreo/default version 1 \(current\): read 3 times,'
like "by whom" "$OUT" "	2	by /[^ ]*python[^ ]* $BIN/tool.py\$"
like "what was shown got out, too" "$OUT" '^api7/prod version 1 \(current\): read 1 time,'
like "and what to run" "$OUT" '^tokenvault rotate choreo/default$'
printf '%s\n' "$CHOREO_EU" | tv -q set choreo/default --token --no-verify
check_exit 0 "exposed, after a rotation" tv audit exposed --since 1h
like "the old version is not in use any more" "$OUT" '^choreo/default version 1 \(replaced\)'
check "exposed in JSON" sh -c '"$@" | "$0" -c "import json, sys; json.load(sys.stdin)"' "$PYTHON" \
	setpriv --reuid="$(stat -c %u "$HOME")" --regid="$(stat -c %g "$HOME")" --clear-groups \
	"$BIN/tokenvault" -q audit exposed --since 1h --json

# ---- learning
check_exit 0 "learn from what was" tv rule learn choreo --since 1h
like "a rule for the script" "$OUT" "^tokenvault rule allow choreo --program /[^ ]*python[^ ]* --script $BIN/tool.py  # 2 times\$"
like "and for the program" "$OUT" '^tokenvault rule allow choreo --program /[^ ]*/cat  # 1 time'
as_user "$PYTHON" -c 'print(open("'"$HOME"'/.choreo/token").read())' >/dev/null
check_exit 0 "learn once more" tv rule learn choreo --since 1h
like "an interpreter alone is too wide" "$OUT" '^# tokenvault rule allow choreo --program .*; that would allow every script'
(sleep 1 && as_user cat "$HOME/.azion/work/settings.toml" >/dev/null) &
check_exit 0 "learn for a while" tv rule learn azion/work --for 3s
wait
like "who read meanwhile" "$OUT" '^tokenvault rule allow azion/work --program /[^ ]*/cat  # 1 time$'
check_exit 4 "an entry that is none" tv rule learn azion/none --since 1h
check_exit 2 "back and on at once" tv rule learn azion --since 1h --for 1s

# ---- ancestors
# One process that goes from script to script is each time what it is by then.
cat >"$BIN/first.sh" <<-'END'
	"$1" show api7/prod
	exec sh "$2" "$1"
END
cat >"$BIN/second.sh" <<-'END'
	"$1" show api7/prod
	:
END
chmod 644 "$BIN/first.sh" "$BIN/second.sh"
as_user sh "$BIN/first.sh" "$BIN/tokenvault" "$BIN/second.sh" >/dev/null
pids=
for script in first second; do
	line=$(grep '"event":"show"' "$log" | grep "\"ancestors\":\[[^]]*\"script\":\"$BIN/$script.sh\"")
	same "shown to $script.sh, once" "$(printf '%s' "$line" | grep -c .)" 1
	pids="$pids $(printf '%s' "$line" | sed 's/.*"ancestors":\[{"pid":\([0-9]*\),.*/\1/')"
done
same "both are one process" "${pids% *}" " ${pids##* }"

# ---- without a server
check "unmount" tv unmount
tv show azion/work >/dev/null
tv set azion/default --note "another note" >/dev/null 2>&1
check_exit 0 "audit without a server" tv audit --entry azion
like "a token that was shown" "$(printf '%s\n' "$OUT" | tail -n 3)" " show  .*azion/work v[0-9]+  $BIN/tokenvault < "
like "an edit" "$(printf '%s\n' "$OUT" | tail -n 2)" ' edit  set  azion/default  '
like "and who called for it" "$(tail -n 1 "$log")" '"ancestors":\[\{"pid":[0-9]+,"program":[^,]*,"name":"'
check_exit 0 "verify" tv audit --verify
like "all is well" "$ERR" '^[0-9]+ lines, all as they were written$'
check "mount again" tv mount

# ---- names that would be lines of their own
awkward=$(printf '%s/cat\nid #\033[2J' "$BIN")
cp /bin/cat "$awkward" && chmod 755 "$awkward"
as_user "$awkward" "$HOME/.choreo/token" >/dev/null
check_exit 0 "learn from an awkward name" tv rule learn choreo --since 1h
same "it makes no line" "$(printf '%s\n' "$OUT" | grep -c '^id')" 0
like "and is left out" "$OUT" '^# tokenvault rule allow choreo .*cat.id .*; its name has control characters$'
check_exit 0 "audit with an awkward name" tv audit --entry choreo
same "it makes no line either" "$(printf '%s\n' "$OUT" | grep -c '^id')" 0
same "and no escape" "$(printf '%s\n' "$OUT" | tr -dc '\033' | wc -c)" 0

# ---- verifying
check_exit 0 "verify" tv audit --verify
like "all is well" "$ERR" '^[0-9]+ lines, all as they were written$'
check "in JSON, too" sh -c '"$@" | grep -q "\"good\":[[:space:]]*true"' sh setpriv \
	--reuid="$(stat -c %u "$HOME")" --regid="$(stat -c %g "$HOME")" --clear-groups \
	"$BIN/tokenvault" -q audit --verify --json
check "unmount" tv unmount
cp "$log" "$SANDBOX/log"
n=$(wc -l <"$log")
tampered() {
	fault=$1
	pattern=$2
	shift 2
	"$@" <"$SANDBOX/log" >"$SANDBOX/changed"
	cat "$SANDBOX/changed" >"$log"
	check_exit 29 "$fault: exit status 29" tv audit --verify
	like "$fault: named" "$OUT" "$pattern"
}
tampered "a line that was changed" "line $((n - 3)): changed" sed "$((n - 3))s/\"event\":\"[a-z]*\"/\"event\":\"gap\"/"
tampered "a line that is gone" "removed, 1 line" sed "$((n - 3))d"
tampered "two lines in another order" "misplaced" sed -n "$((n - 4)){h;d};$((n - 3)){p;x};p"
tampered "an end that is gone" "cut" sed "\$d"
cat "$SANDBOX/log" >"$log"
check_exit 0 "and as it was" tv audit --verify

# ---- off
check "mount again" tv mount
check "audit off" tv setting set audit off
before=$(wc -l <"$log")
as_user cat "$HOME/.azion/work/settings.toml" >/dev/null
same "nobody is noted" "$(wc -l <"$log")" "$before"
check_exit 8 "and there is nothing to learn" tv rule learn azion --for 1s
check "unmount" tv unmount
finish
