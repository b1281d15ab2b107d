# Every way to read a file that tools and languages have, against mounted files: it gets exactly the bytes
# or fails for a reason that is known; and while the vault is locked no way gets anything, or passes
# nothing off as the file. The ways are in reading.rows. See campaign.sh for how this is run.
# Controls: bytes plain unlocked
# Wants: go=golang-go rustc=rustc javac=default-jdk-headless node=nodejs mksh=mksh busybox=busybox rg=ripgrep
# Wants: gawk=gawk socat=socat getfattr=attr php=php-cli lua5.4=lua5.4
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
here=$TESTS/campaigns
control=${TV_CONTROL:-}
real_home=$HOME
# Rows name programs that the user can run, and not those in a directory of root's.
compilers=$PATH
PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
sandbox
need_fuse
tried=0
found=0
skipped=0
excused=0 # what a control need not find
TOKEN=tok_4f0c9aZ8b2QmW7xR1nK5tY3uE6pL0sD9vB8hJ2gA
OTHER=${TOKEN}of-a-vault-that-has-changed
every=1 # row; a control's short form takes a sample
[ -z "$control" ] || [ -n "${TV_MINUTES:-}" ] || every=10
tab='	'

# builds PROGRAM COMMAND …: a helper, where its compiler is there; that it does not compile is a fault.
builds() {
	program=$1
	shift
	PATH=$compilers command -v "$1" >/dev/null || return 0
	if said=$(cd "$here" && HOME=$real_home PATH=$compilers "$@" 2>&1); then
		chmod 755 "$BIN/$program"
	else
		not_ok "$program compiles" "$said"
	fi
}

build_helpers() {
	cp "$here"/reading.py "$here"/reading.js "$here"/reading_echo.py "$BIN/"
	for program in reading reading_opened reading_uring; do
		builds $program cc -std=gnu17 -O1 -D_GNU_SOURCE -pthread -o "$BIN/$program" $program.c
	done
	builds reading-rs rustc -o "$BIN/reading-rs" reading.rs
	GOCACHE=$SANDBOX/go GO111MODULE=off GOFLAGS= \
		builds reading-go go build -o "$BIN/reading-go" reading.go
	if command -v javac >/dev/null; then
		printf '#!/bin/sh\nexec java -XX:-UsePerfData -XX:TieredStopAtLevel=1 -cp "%s" Reading "$@"\n' \
			"$BIN" >"$BIN/reading-java"
		builds reading-java javac -J-XX:-UsePerfData -d "$BIN" Reading.java
	fi
	chmod 644 "$BIN"/*.py "$BIN"/*.js "$BIN"/*.class 2>/dev/null
}

# What the commands of the rows use, beside their directory.
set_up() {
	export T="$SANDBOX/tmp/t" PY="$PYTHON -B $BIN/reading.py" JS="node $BIN/reading.js"
	export GIT_CONFIG_NOSYSTEM=1 PYTHONDONTWRITEBYTECODE=1
	export no_proxy=127.0.0.1
	as_user "$PYTHON" "$BIN/reading_echo.py" "$SANDBOX/tmp/port" &
	trap '{ kill "$(cut -d" " -f2 "$SANDBOX/tmp/port")"; wait; } 2>/dev/null; cleanup' EXIT
	wait_for 10 test -s "$SANDBOX/tmp/port" || bail_out "the server does not start"
	URL=http://127.0.0.1:$(cut -d" " -f1 "$SANDBOX/tmp/port")/
	export URL
	master=$SANDBOX/tmp/master
	plain=$SANDBOX/tmp/plain
	mkdir "$master"
	"$PYTHON" "$here/reading_files.py" plain "$master" "$TOKEN"
	! is_root || chown -R 65534:65534 "$master"
	as_user mkdir -p "$XDG_CONFIG_HOME/tokenvault/providers"
	"$PYTHON" "$here/reading_files.py" definition |
		as_user tee "$XDG_CONFIG_HOME/tokenvault/providers/reading.json" >/dev/null
	check "init" make_vault
	check "add" add reading "$TOKEN"
	[ "$control" != bytes ] || echo "$OTHER" | tv set reading/default --token --no-verify
	check "mount" tv mount
	mounted=$HOME/m
	same "every file is mounted" "$(mounted_paths | wc -l)" "$(ls "$master" | wc -l)"
	[ "$n_failed" = 0 ] || finish
	[ "$control" != plain ] || mounted=$plain
}

fresh_plain() {
	rm -rf "$plain"
	cp -a "$master" "$plain"
}

# run_row DIRECTORY NAME: runs $command there; leaves $code, and NAME.out and NAME.err.
run_row() {
	as_user env D="$1" timeout 30 bash -o pipefail -c 'rm -rf "$T"; mkdir "$T"; cd "$D" && eval "$1"' - "$command" \
		>"$SANDBOX/$2.out" 2>"$SANDBOX/$2.err" </dev/null 3<&- && code=0 || code=$?
}

# The same command with a plain copy has to work, or the row says nothing.
works_with_plain() {
	fresh_plain
	run_row "$plain" plain
	[ "$code" = 0 ] || why="with a plain copy: exit $code: $(cat "$SANDBOX/plain.err")"
	[ "$code" = 0 ]
}

# reason_column N: of the reason that $kind names.
reason_column() {
	awk -F'\t+' -v kind="$kind" -v n="$1" '$1 == "reason" && $2 == kind { print $n }' "$rows"
}

# The judgement of a row in the unlocked vault: succeeds, or says $why not. $did is what it does.
is_as_said() {
	why=
	case $kind in
	=*)
		did="reads the bytes"
		run_row "$mounted" row
		[ "$code" = 0 ] && cmp -s "$SANDBOX/row.out" "$master/${kind#=}"
		;;
	same | size)
		did="says what it says of a plain file"
		works_with_plain || return
		run_row "$mounted" row
		[ "$code" = 0 ] && [ -s "$SANDBOX/plain.out" ] &&
			cmp -s "$SANDBOX/row.out" "$SANDBOX/plain.out"
		;;
	*) fails_as_said ;;
	esac
}

# The same of a row that is to fail: here, and not with a plain copy.
fails_as_said() {
	did="fails: $(reason_column 4)"
	pattern=$(reason_column 3)
	[ -n "$pattern" ] || bail_out "no such reason: $kind"
	works_with_plain || return
	[ "$mounted" != "$plain" ] || fresh_plain
	run_row "$mounted" row
	if [ -n "$quiet" ]; then
		did="gets nothing and ends well: $(reason_column 4)"
		[ "$code" = 0 ] && [ ! -s "$SANDBOX/row.out" ]
		return
	fi
	[ "$code" != 0 ] && cat "$SANDBOX/row.out" "$SANDBOX/row.err" | grep -Eaqi -- "$pattern"
}

# Where two kinds are given, either.
is_either() {
	is_as_said && return
	[ -n "$other" ] || return 1
	kind=$other
	is_as_said && excused=$((excused + 1))
}

# The same in the locked vault.
is_refused() {
	why=
	run_row "$mounted" row
	if grep -qaF "$TOKEN" "$SANDBOX/row.out"; then
		did="reads nothing"
		return 1
	fi
	case $kind$quiet in
	size*)
		did="says what can be seen"
		excused=$((excused + 1))
		[ "$code" = 0 ] && [ -s "$SANDBOX/row.out" ]
		;;
	*'?')
		did="gets nothing, ends well, and says so on standard error"
		[ -s "$SANDBOX/row.err" ] || did="gets nothing, ends well, and says nothing on standard error"
		[ "$code" = 0 ]
		;;
	*)
		did="fails"
		[ "$code" != 0 ] && [ "$code" != 124 ]
		;;
	esac
}

# all_rows JUDGE PREFIX PATTERN: every row whose kind the pattern of case has, and whose program is there.
all_rows() {
	number=0
	while IFS=$tab read -r kind program name command <&3; do
		quiet=
		other=
		case $kind in
		*'|'*) other=${kind#*|} kind=${kind%|*} ;;
		esac
		case $kind in
		'' | '#'* | reason) continue ;;
		*'?') kind=${kind%?} quiet='?' ;;
		esac
		case $kind in
		=* | same | size) works=1 ;;
		*) works=0 ;;
		esac
		[ "${3:-$works}" = "$works" ] || continue
		number=$((number + 1))
		[ $((number % every)) = 0 ] || continue
		if ! command -v "$program" >/dev/null; then
			skipped=$((skipped + 1))
			skip "$2$name" "$program is not installed"
			continue
		fi
		tried=$((tried + 1))
		if $1; then
			ok "$2$name: $did"
		else
			found=$((found + 1))
			not_ok "$2$name: $did" "$command" "${why:-exit $code}" \
				"$(head -c 300 "$SANDBOX/row.err" | tr -d '\0')"
		fi
	done 3<"$rows"
}

rows=$SANDBOX/rows
sed 's/\t\t*/\t/g' "$here/reading.rows" >"$rows"
build_helpers
set_up
case $control in
bytes) # Another token is in the files: every row that works has to notice.
	all_rows is_either '' 1
	;;
plain) # Plain files and no mount: every failure that is promised has to be missed.
	all_rows is_either '' 0
	;;
unlocked) # The vault is not locked: every way but those that only look has to be seen reading.
	all_rows is_refused 'locked: ' 1
	;;
*)
	all_rows is_either ''
	check "lock" tv lock
	all_rows is_refused 'locked: ' 1
	check "unlock" tv unlock
	check "unmount" tv unmount
	check "nothing stays mounted" none_mounted
	;;
esac
expected=0
[ -z "$control" ] || expected=$((tried - excused))
echo "# tried $tried, found $found, expected $expected, skipped $skipped"
finish
