# Who was handed a file that somebody else opened is judged by the rules of what is in it, whatever is shown there since.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
vault=$XDG_DATA_HOME/tokenvault/default.vault
cp "$TV_BUILD/tests/bench_fill" "$BIN/fill"
cp "$TESTS/mount/handed.py" "$BIN/"
# Two shells that are not the one that everything here runs.
for name in friend stranger; do
	cp "$(command -v dash)" "$BIN/$name"
done
chmod 755 "$BIN"/*
check "init" make_vault
# So many that the directory view does not follow each change at once.
check "a vault of 300 entries" as_user sh -c '"$1" "$2" 300 <"$3"' sh "$BIN/fill" "$vault" "$SANDBOX/passphrase"
check "add choreo" add choreo "$CHOREO"
check "use it" tv use choreo/default
check "add choreo/eu" add choreo/eu "$CHOREO_EU"
check "mount" tv mount
tree=$(status_of tree)
opener=$(readlink -f "$PYTHON")

# begin WHAT PATH: the opener opens it.
begin() {
	rm -f "$SANDBOX/tmp/to"
	as_user mkfifo "$SANDBOX/tmp/to"
	as_user "$PYTHON" "$BIN/handed.py" "$2" <"$SANDBOX/tmp/to" >"$SANDBOX/said" 2>&1 &
	holder=$!
	exec 4>"$SANDBOX/tmp/to"
	lines=1
	check "$1 is opened" wait_for 10 grep -q open "$SANDBOX/said"
}
has_lines() {
	[ "$(wc -l <"$SANDBOX/said")" -ge "$lines" ]
}
# ask WHO: said is what that program reads now.
ask() {
	lines=$((lines + 1))
	echo "$1" >&4
	wait_for 10 has_lines
	said=$(sed -n "${lines}p" "$SANDBOX/said")
}
# is NAME WHO EXPECTED
is() {
	ask "$2"
	same "$1" "$said" "$3"
}
let_go() {
	exec 4>&-
	wait "$holder"
}

check "add netrc/default" add netrc/default of-default --field machine=d.example --field login=jo
for entry in choreo/default choreo/label-00003 netrc/default; do
	tv -q rule allow "$entry" --program "$opener" && tv -q rule allow "$entry" --program "$BIN/friend" ||
		not_ok "rules of $entry"
done

# ---- in place: another entry comes in use
begin "the file in place" "$HOME/.choreo/token"
is "who is allowed reads it" "$BIN/friend" "$CHOREO"
is "who is not does not" "$BIN/stranger" refused
set_token() {
	printf '%s\n' "$2" | tv set "$1" --token --no-verify
}
check "another token" set_token choreo/default "$AZION"
is "who opened it reads what it opened" own "$CHOREO"
is "and so does who is allowed" "$BIN/friend" "$CHOREO"
is "and nobody else" "$BIN/stranger" refused
check "another entry, without rules, is in use" tv use choreo/eu
is "a stranger does not read the one before by that" "$BIN/stranger" refused
is "who opened it reads on" own "$CHOREO"
is "but no other" "$BIN/friend" refused
same "the file is anybody's" "$(as_user "$BIN/stranger" -c 'read -r x <"$1"; echo "$x"' sh "$HOME/.choreo/token")" "$CHOREO_EU"
let_go
begin "what is anybody's" "$HOME/.choreo/token"
is "a stranger reads it" "$BIN/stranger" "$CHOREO_EU"
check "the one with rules is in use again" tv use choreo/default
is "then only who opened it reads on" "$BIN/stranger" refused
is "and does" own "$CHOREO_EU"
let_go

# ---- a service without rules is left alone
check "add azion" add azion "$AZION"
check "add azion/work" add azion/work "$AZION_WORK"
check "use azion/default" tv use azion/default
check "a place of its own" tv view add azion/credentials "$HOME/project/token"
begin "a file of it" "$HOME/project/token"
ask own
whole=$said
check "another one is in use" tv use azion/work
is "anybody who was handed it reads on" "$BIN/stranger" "$whole"
let_go

# ---- in the directory view: it is removed, and another one has its name
token=$(tv show choreo/label-00003)
begin "a file of the directory view" "$tree/choreo/label-00003/token"
is "who is allowed reads it" "$BIN/friend" "$token"
is "who is not does not" "$BIN/stranger" refused
check "it is removed" tv remove choreo/label-00003
is "who is not does not, still" "$BIN/stranger" refused
is "who opened it reads on" own "$token"
check "another one has its name" add choreo/label-00003 "$AZION_WORK"
is "a stranger does not get what is no more" "$BIN/stranger" refused
check "the directory view has the other" as_user grep -q "$AZION_WORK" "$tree/choreo/label-00003/token"
is "nor does it then" "$BIN/stranger" refused
is "and who opened it reads on" own "$token"
let_go

# ---- in a file of all entries: the one with the rules is removed
begin "a file of all" "$HOME/.netrc"
is "who is not allowed does not read it" "$BIN/stranger" refused
check "one more entry" add netrc/more of-more --field machine=m.example --field login=jo
ask own
is "who is allowed reads on" "$BIN/friend" "$said"
check "the one with rules is removed" tv remove netrc/default
is "a stranger does not read its token" "$BIN/stranger" refused
let_go
finish
