# Rules: their order, conditions and ends; what they cost when the keeper does not answer.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault mount
cp "$TV_BUILD/tests/callers" "$BIN/reader"
cp "$TV_BUILD/tests/callers" "$BIN/changing"
printf '#!/bin/sh\n"$@"\n' >"$BIN/npm"
cp "$BIN/npm" "$BIN/starter"
chmod 755 "$BIN"/*
is_root && chown 65534:65534 "$BIN/changing"
file=$HOME/.choreo/token
may() {
	as_user "$@" "$file" >/dev/null 2>&1
}
may_not() {
	said=$(as_user "$@" "$file" 2>&1) && return 1
	case $said in
	*'Permission denied'* | *EACCES*) ;;
	*) return 1 ;;
	esac
}
# rule VERDICT OPTION …: its name is in $rule
rule() {
	rule=$(tv rule "$1" choreo --json $2 ${3+"$3"} ${4+"$4"} ${5+"$5"} ${6+"$6"} |
		sed -n 's/.*"id":[^"]*"\([0-9a-f]*\)".*/\1/p')
	[ -n "$rule" ] || not_ok "rule $*"
}
unrule() {
	for rule in $(tv rule list choreo --json | sed -n 's/.*"id":[^"]*"\([0-9a-f]*\)".*/\1/p'); do
		tv rule remove "$rule" >/dev/null 2>&1 || not_ok "rule remove $rule"
	done
}

# ---- the order, and what counts without a rule that fits
check "no rules: any program" may cat
check_exit 0 "rule list of none" tv rule list
like "says so" "$ERR" 'no rules'
rule deny --program /bin/cat
check "a denial alone denies that one" may_not cat
check "and no other" may "$BIN/reader" read
rule allow --program "$BIN/reader"
check "an allowance denies all others" may_not head
check "but its own" may "$BIN/reader" read
rule allow --program cat
check "the first that fits decides" may_not cat
unrule
check "none left: any program" may cat
rule deny
check "a denial of all" may_not cat
rule allow --program cat --first
check "an exception put first" may cat
check "and no other" may_not head
check_exit 0 "list" tv rule list
same "in this order" "$(printf '%s\n' "$OUT" | awk 'NR > 1 { print $3 }' | tr '\n' ' ')" "allow deny "
unrule

# ---- conditions
rule allow --program "$BIN/changing" --hash
check "hash: as it was" may "$BIN/changing" read
printf x >>"$BIN/changing"
check "hash: changed" may_not "$BIN/changing" read
unrule
rule allow --ancestor "$BIN/starter"
check "ancestor: below it" may "$BIN/starter" cat
check "ancestor: not below it" may_not cat
unrule
rule allow --no-ancestor npm,pip
check "no-ancestor: elsewhere" may cat
check "no-ancestor: below npm" may_not "$BIN/npm" cat
check "no-ancestor: below what npm starts" may_not "$BIN/npm" "$BIN/starter" cat
unrule
rule deny --ancestor "$BIN/npm"
check "a denial by ancestor" may_not "$BIN/npm" cat
check "of nobody else" may cat
unrule
rule allow --tty
check "tty: without" may_not setsid -w cat
if command -v script >/dev/null; then
	check "tty: with" as_user script -qec "cat '$file'" /dev/null
	like "its bytes" "$(as_user script -qec "cat '$file'" /dev/null)" "$CHOREO"
fi
unrule
group=$(sed -n 's/^0:://p' /proc/self/cgroup)
if [ -n "$group" ]; then
	rule allow --cgroup "$group*"
	check "cgroup: it is" may cat
	unrule
	rule allow --cgroup '/no-such-*'
	check "cgroup: it is not" may_not cat
	unrule
fi

# ---- ends
rule allow --for 2s
check "for: at first" may cat
as_user sh -c 'exec <"$1"; sleep 3; cat >"$2"' sh "$file" "$SANDBOX/tmp/held" &
holder=$!
check "for: then no more, and not all either" wait_for 5 may_not cat
wait "$holder"
same "for: who opened it reads on, if it is still the one" "$(cat "$SANDBOX/tmp/held")" ""
like "list says that it is over" "$(tv rule list)" '\(over\)'
unrule
rule allow --reads 3
check "reads: 1" may cat
check "reads: 2" may "$BIN/reader" read
check "reads: 3" may cat
check "reads: no more" may_not cat
unrule
as_user sh -c '"$0" --passphrase-fd 9 -q rule allow choreo --until-exit 9<"$1" && : >"$2" &&
	while [ -e "$2" ]; do sleep 0.1; done' "$BIN/tokenvault" "$SANDBOX/passphrase" \
	"$SANDBOX/tmp/alive" &
shell=$!
check "until-exit: made" wait_for 5 test -e "$SANDBOX/tmp/alive"
check "until-exit: while it lives" may cat
rm "$SANDBOX/tmp/alive"
wait "$shell"
check "until-exit: afterwards" may_not cat
unrule

# ---- ask, files of all, the directory view, other spellings
printf '#!/bin/sh\nexit 1\n' >"$BIN/pinentry"
chmod 755 "$BIN/pinentry"
rule ask --program cat
check "ask, and nobody there: refused" may_not cat
check "its program only" may "$BIN/reader" read
unrule
profiles=$HOME/.azion/profiles.json
check "a denial for one entry of a file" tv rule deny azion/work
check "its own file" sh -c '! setpriv --reuid="$(stat -c %u "$1")" --regid="$(stat -c %g "$1")" --clear-groups cat "$2" 2>/dev/null' \
	sh "$HOME" "$HOME/.azion/work/settings.toml"
check "the other entry's file stays" as_user cat "$HOME/.azion/default/settings.toml"
check "the directory view keeps to it" sh -c \
	'! setpriv --reuid="$(stat -c %u "$1")" --regid="$(stat -c %g "$1")" --clear-groups cat "$2"/azion/work/* 2>/dev/null' sh \
	"$HOME" "$(status_of tree)"
check "rules are there after a lock" sh -c ':'
tv lock && tv unlock
check "still denied" sh -c '! setpriv --reuid="$(stat -c %u "$1")" --regid="$(stat -c %g "$1")" --clear-groups cat "$2" 2>/dev/null' \
	sh "$HOME" "$HOME/.azion/work/settings.toml"
check_exit 2 "--hash without a program" tv rule allow choreo --hash
check_exit 4 "a program that is none" tv rule allow choreo --program /no/such
check_exit 4 "an entry that is none" tv rule allow choreo/none
check_exit 2 "a span that is none" tv rule allow choreo --for soon
check_exit 2 "no opens" tv rule allow choreo --reads 0
check_exit 4 "a rule that is none" tv rule remove 00000000
tv rule allow choreo --program "$BIN/reader" 2>/dev/null
as_user "$BIN/starter" sleep 20 &
sleepers() {
	for d in /proc/[0-9]*; do
		[ "$(tr '\0' ' ' <"$d/cmdline" 2>/dev/null)" = "sleep 20 " ] && echo "${d#/proc/}"
	done
	return 0
}
wait_for 5 sh -c 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\0" " " | grep -q "^sleep 20"'
sleeper=$(sleepers | head -n 1)
check_exit 0 "test" tv rule test "$sleeper"
like "says no" "$OUT" '^choreo/default +deny +- +no rule allows it'
like "and yes" "$OUT" '^azion/default +allow'
check_exit 0 "test, in JSON" tv rule test "$sleeper" --json
like "names what started it" "$OUT" '"script":[^,]*/bin/starter'
kill "$sleeper"
wait
check_exit 2 "test of no number" tv rule test x

# ---- a keeper that does not answer: only who has rules needs it
unrule
keeper=$(keeper_pid)
kill -STOP "$keeper"
check "a stopped keeper, without rules: read all the same" may cat
kill -CONT "$keeper"
tv rule deny choreo --program "$BIN/reader" 2>/dev/null
keeper=$(keeper_pid)
kill -STOP "$keeper"
began=$(date +%s)
check "a stopped keeper: refused" may_not cat
took=$(($(date +%s) - began))
check "after a while, not for ever ($took s)" [ "$took" -le 7 ]
as_user cat "$file" >/dev/null 2>&1 &
reader=$!
sleep 0.5
began=$(date +%s%N)
pkill -KILL -P "$reader" 2>/dev/null || kill -KILL "$reader"
wait "$reader" 2>/dev/null
took=$((($(date +%s%N) - began) / 1000000))
check "a reader that waits is killed at once ($took ms)" [ "$took" -lt 1500 ]
kill -CONT "$keeper"
check "it goes on: read again" wait_for 5 may cat
check "unmount" tv unmount
finish
