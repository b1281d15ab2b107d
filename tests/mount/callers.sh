# The table of callers and verdicts: who reads what, of an entry with a rule that allows one program, of
# one whose rule allows it from other namespaces too, and of one without rules.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault mount
cp "$TV_BUILD/tests/callers" "$BIN/reader"
cp "$TV_BUILD/tests/callers" "$BIN/impostor"
for name in tool other; do
	cat >"$BIN/$name" <<-'EOF'
		#!/bin/sh
		# `read` is the shell's own.
		read -r line <"$1" && echo "$line"
	EOF
done
chmod 755 "$BIN"/*
check "rule: choreo for reader" tv rule allow choreo --program "$BIN/reader"
check "rule: choreo for a script" tv rule allow choreo --program "$BIN/tool"
check "rule: choreo/eu for reader, from anywhere" \
	tv rule allow choreo/eu --program "$BIN/reader" --any-namespace
tree=$(status_of tree)
one=$HOME/.choreo/token
any=$tree/choreo/eu/token
free=$tree/api7/ci/config
token_in() {
	as_user "$BIN/reader" read "$1" >/dev/null
}
[ -e "$(as_user find "$tree/api7/ci" -type f | head -n 1)" ] &&
	free=$(as_user find "$tree/api7/ci" -type f | head -n 1)
check "the free one is there" as_user cat "$free"

# row WHAT WANTED-one WANTED-any WANTED-free COMMAND … PATH: yes, EACCES, or -
row() {
	what=$1
	wanted="$2 $3 $4"
	shift 4
	got=
	for path in "$one" "$any" "$free"; do
		said=$("$@" "$path" 2>&1) && said=yes
		case $said in
		yes) ;;
		*'Permission denied'* | *EACCES*) said=EACCES ;;
		*'no io_uring'*) said='no io_uring' ;;
		esac
		got="$got${got:+ }$said"
	done
	case $got in
	*'no io_uring'*) skip "$what" "no io_uring on this machine" ;;
	*) same "$what" "$got" "$wanted" ;;
	esac
}
in_reader() {
	how=$1
	shift
	as_user "$BIN/reader" "$how" "$@"
}

# ---- who it is
row "direct" yes yes yes in_reader read
row "another program" EACCES EACCES yes as_user cat
row "the same bytes elsewhere" EACCES EACCES yes as_user "$BIN/impostor" read
row "a script" yes EACCES yes as_user "$BIN/tool"
row "a script, by its interpreter" yes EACCES yes as_user sh "$BIN/tool"
row "another script of that interpreter" EACCES EACCES yes as_user "$BIN/other"
row "the interpreter alone" EACCES EACCES yes as_user sh -c 'read -r l <"$1"' "$BIN/tool"
row "the script's name for another program" EACCES EACCES yes as_user cat "$BIN/tool"
row "a thread" yes yes yes in_reader thread
row "another thread than that which opened" yes yes yes in_reader threads
row "io_uring" yes yes yes in_reader io_uring
row "one that is closed to looks" EACCES EACCES yes in_reader closed

# ---- what somebody who opens again and again has become
often() {
	as_user "$BIN/reader" often "$@"
}
row "the program again" yes yes yes often exec "$BIN/reader"
row "another program" EACCES EACCES yes often exec "$BIN/impostor"
row "the program again, in another's memory" yes yes yes often shared "$BIN/reader"
row "another program, from another's memory" EACCES EACCES yes often shared "$BIN/impostor"
row "closed to looks" EACCES EACCES yes often closed ""
often exec "$BIN/impostor" "$any" >/dev/null
same "each open is in the log, with what it was then" "$("$PYTHON" "$TESTS/mount/auditlog.py" events \
	"$XDG_STATE_HOME/tokenvault" open | tail -n 6 | cut -d '|' -f 4-5 | uniq -c | tr -s ' ')" \
	" 5 reader|allowed
 1 impostor|refused"

openers() {
	"$PYTHON" "$TESTS/mount/auditlog.py" events "$XDG_STATE_HOME/tokenvault" open | tail -n "$1" |
		cut -d '|' -f 4-5
}
for _ in 1 2 3 4 5 6 7 8 9 10; do
	often reading "$BIN/impostor" "$any"
done >/dev/null
same "with reads under way, too" "$(openers 80 | sort | uniq -c | tr -s ' ')" " 10 impostor|refused
 70 reader|allowed"
# The line is written when it is another program already.
cat >"$BIN/audit_on" <<-EOF
	#!/bin/sh
	"$BIN/tokenvault" -q --passphrase-fd 9 setting set audit on 9<"$SANDBOX/passphrase"
	kill -STOP $(keeper_pid)
	(sleep 0.5 && kill -CONT $(keeper_pid)) &
EOF
chmod 755 "$BIN/audit_on"
check "nothing is noted for a while" tv -q setting set audit off
often "$BIN/audit_on" "$BIN/impostor" "$any" >/dev/null
same "and who is known from before it was to be noted" "$(openers 2)" "reader|allowed
impostor|refused"

# ---- descriptors
handed() {
	as_user "$BIN/reader" "$1" "$3" "$2"
}
row "inherited, the program again" yes yes yes handed exec "$BIN/reader"
row "inherited by another program" EACCES EACCES yes handed exec "$BIN/impostor"
row "inherited by a child" yes yes yes handed fork "$BIN/reader"
row "inherited by another child" EACCES EACCES yes handed fork "$BIN/impostor"
row "passed on" yes yes yes handed pass "$BIN/reader"
row "passed on to another program" EACCES EACCES yes handed pass "$BIN/impostor"
as_sh() {
	as_user sh -c '"$0" fd 7<"$1"' "$BIN/reader" "$1"
}
row "opened by a shell" EACCES EACCES yes as_sh

# ---- namespaces
if as_user unshare -Urm true 2>/dev/null; then
	foreign() {
		as_user unshare -Urm "$BIN/reader" read "$1"
	}
	row "another mount namespace" EACCES yes yes foreign
	foreign_user() {
		as_user unshare -U "$BIN/reader" read "$1"
	}
	row "another user namespace" EACCES yes yes foreign_user
	row "namespaces that it made after opening often" EACCES yes yes often unshared ""
	impostor() {
		as_user unshare -Urm sh -c 'mount --bind "$0" "$1" && exec "$1" read "$2"' \
			"$BIN/impostor" "$BIN/reader" "$1"
	}
	row "an impostor mounted over the program" EACCES EACCES yes impostor
	foreign_pid() {
		as_user unshare -Urpf "$BIN/reader" read "$1"
	}
	row "a child process namespace, with a user namespace" EACCES yes yes foreign_pid
	handed_in() {
		as_user sh -c 'exec unshare -Urm "$0" fd 7<"$1"' "$BIN/reader" "$1"
	}
	row "a descriptor taken along into namespaces" EACCES EACCES yes handed_in
else
	skip "mount and user namespaces" "unprivileged ones are switched off"
fi
if is_root; then
	child_pid() {
		unshare -pf setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/reader" read "$1"
	}
	row "a child process namespace" yes yes yes child_pid
	root_mount() {
		unshare -m setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/reader" read "$1"
	}
	row "another mount namespace, made by root" EACCES yes yes root_mount
else
	skip "a child process namespace" "needs root"
fi
check "unmount" tv unmount

# ---- a keeper that may not pass descriptors on: too many of the user's are on their way
few() {
	(ulimit -n 256 && tv mount)
}
check "mount with few descriptors" few
row "descriptors on their way" yes yes yes in_reader passing
check "unmount" tv unmount

# ---- as few descriptors as doctor asks for, and callers that come and go
fewest() {
	(ulimit -n 99 && tv mount)
}
come_and_go() {
	for i in $(seq 40); do
		as_user "$BIN/reader" often exec "$BIN/reader" "$one" >/dev/null || return 1
	done
}
check "mount with the fewest descriptors" fewest
check "forty readers are served" come_and_go
check "unmount" tv unmount

# ---- pid 0: the keeper in a process namespace, the caller outside of it
if is_root; then
	cat >"$BIN/within" <<-'EOF'
		#!/bin/sh
		tokenvault --passphrase-fd 9 mount 9<"$1" >/dev/null &&
			reader read "$2" >/dev/null && : >"$3" && sleep 60
	EOF
	chmod 755 "$BIN/within"
	unshare -pfm --kill-child --mount-proc setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$BIN/within" "$SANDBOX/passphrase" "$one" "$SANDBOX/tmp/inside" 2>"$SANDBOX/err" &
	space=$!
	check "a keeper in a process namespace serves its own" wait_for 20 test -e "$SANDBOX/tmp/inside"
	inside=$(sed 's/ .*//' "/proc/$space/task/$space/children")
	outside() {
		as_user "$BIN/reader" read "/proc/$inside/root$1"
	}
	row "pid 0" EACCES EACCES yes outside
	# Who changed the user no longer dies with its parent.
	kill -9 "$inside" "$space"
	wait
else
	skip "pid 0" "needs root"
fi
check "nothing stays mounted" none_mounted
finish
