# The command `provider doctor`: each thing that a tool does with a file is reported, with a verdict, and
# nothing of it stays behind.
. "$(dirname "$0")/../lib.sh"
sandbox
need_fuse
cp "$TESTS/mount/tool.py" "$BIN/"
chmod 755 "$BIN/tool.py"

doctor() {
	as_user "$BIN/tokenvault" provider doctor "$@" </dev/null
}

# tool DEED [EXIT]: has the tool do it with ~/.choreo/token; REPORT has lines of DEED COUNT DETAIL ERROR.
tool() {
	check_exit 0 "a report on: $1" doctor --json choreo -- "$PYTHON" "$BIN/tool.py" "$1" '~/.choreo/token'
	REPORT=$(printf '%s' "$OUT" | "$PYTHON" -c '
import json, sys
r = json.load(sys.stdin)
print("exit", r["exit"])
for f in r["files"]:
    if f["path"] != ".choreo/token":
        continue
    print("serves", f["serves"])
    print("verdict", f["verdict"])
    for d in f["deeds"]:
        print(d["deed"], d["count"], d["by"], d["detail"], d["error"])
for b in r["beside"]:
    print("beside", b["path"], b["removed"], b["renamed_over"])
')
	like "$1: the tool's exit" "$REPORT" "^exit ${2:-0}\$"
}

# sees WHAT REGEX
sees() {
	like "$1" "$REPORT" "$2"
}

nothing_left() {
	same "$1: no mount" "$(sandbox_mounts)" ""
	same "$1: no directory" "$(ls -A "$XDG_RUNTIME_DIR" "$TMPDIR" | grep tokenvault)" ""
	same "$1: no process" "$(sandbox_pids; grep -la "$BIN/tool[.]py" /proc/[0-9]*/cmdline 2>/dev/null)" ""
}

py=python3.*

# ---- looking and reading: a read-only file serves
tool stat
sees "stat" "^stat [1-9][0-9]* $py"
sees "never opened" '^verdict it looked whether ~/.choreo/token is there, and never opened it$'
sees "which is no verdict" '^serves None$'
tool access
sees "access" '^access 1 '
tool access-write
sees "access for writing is refused" '^access_write 1 .* EROFS$'
tool read
sees "opens for reading" '^open 1 python3.* O_RDONLY.* None$'
sees "reads all at once" '^whole 1 '
sees "a plain reader is served" '^serves True$'
sees "in words" '^verdict a read-only file serves it$'
tool pieces
sees "reads in pieces" '^read 7 .* 8 bytes None$'
same "and never all at once" "$(printf '%s\n' "$REPORT" | grep -E '^(whole|again|jump)')" ""
tool twice
sees "reads again" '^again 1 .* from byte 0 '
sees "reads from the middle" '^jump 1 .* from byte 10 '
tool map
sees "maps" '^map [1-9]'
sees "through which it is read" '^serves True$'
tool shared-map 1
sees "a shared map is refused" '^verdict it opened ~/.choreo/token and read nothing; a shared map'
tool flock
sees "flock" '^flock 1 .* shared '
tool fcntl
sees "fcntl" '^fcntl_lock 2 .* shared '
tool xattr 1
sees "extended attributes" '^xattr 1 .* user.x EOPNOTSUPP$'
tool lock-beside
sees "a lock file" '^beside .choreo/token.lock True False$'
sees "that does no harm" '^serves True$'

# ---- what stands in the way
refused() {
	tool "$1" 1
	sees "$1: is refused" "$2"
	sees "$1: stands in the way" "^verdict it $3"
	sees "$1: no" '^serves False$'
}
refused write '^open_write 1 .* O_WRONLY\|O_TRUNC.* EROFS$' 'opens ~/.choreo/token for writing: O_WRONLY'
refused truncate '^truncate 1 .* EROFS$' 'cuts ~/.choreo/token off'
refused remove '^remove 1 .* EBUSY$' 'removes ~/.choreo/token: EBUSY'
refused rename-over '^replace 1 .* from token.new EBUSY$' \
	'rewrites ~/.choreo/token by rename: from token.new, EBUSY$'
sees "the temporary file" '^beside .choreo/token.new False True$'
refused rename-away '^rename 1 .* to token.old EBUSY$' 'renames ~/.choreo/token'
refused link '^link 1 .* EXDEV$' 'makes a hard link to'
refused chmod '^chmod 1 .* to 0644 EROFS$' 'changes the mode of'
refused chown '^chown 1 .* EROFS$' 'changes the owner of'
refused utime '^utimens 1 .* EROFS$' 'changes the times of'
refused set-xattr '^setxattr 1 .* EROFS$' 'sets extended attributes of'
tool move-parent
sees "its directory is moved" '^move_parent 1 '
sees "which is no service" '^serves False$'
check_exit 0 "a tool that does not mind" doctor choreo -- \
	sh -c 'cat ~/.choreo/token; chmod 600 ~/.choreo/token; true'
like "is served all the same" "$OUT" \
	'^~/.choreo/token: a read-only file serves it; the command ended well although it changes the mode'
like "a table" "$OUT" '^~/.choreo/token  reads all at once +1  +cat'
like "the other file" "$OUT" '^~/.choreo/config.toml: it never looked at ~/.choreo/config.toml$'
like "the command's exit" "$OUT" '^sh ended with 0$'
like "its output goes to standard error" "$ERR" '^madeUpByTokenvaultDoctor0000000000000000$'

# ---- the rest of the home directory
tool pass-through
tool wait-for-lock
export XDG_DATA_DIRS=/usr/share
check_exit 0 "the environment" doctor choreo -- "$PYTHON" "$BIN/tool.py" environment '~/.choreo/token'
same "HOME is there, and no XDG_ of the old one" "$ERR" "True ['XDG_DATA_DIRS', 'XDG_RUNTIME_DIR']"
unset XDG_DATA_DIRS

# ---- what is shown
check_exit 0 "a label and fields" doctor azion --label w --field client_id=c9 --file credentials -- \
	sh -c 'cd ~/.azion; cat w/settings.toml profiles.json; cat credentials'
like "the label" "$ERR" "^Name = 'w'\$"
like "the field" "$ERR" "^ClientId = 'c9'\$"
like "a file that is off" "$ERR" '^madeUpByTokenvaultDoctor0{16}$'
check_exit 0 "a JWT" doctor api7 -- cat '/proc/self/cwd/none'
check_exit 0 "a JWT" doctor api7 -- sh -c 'cat ~/.api7cloud/credentials'
token=$(printf '%s' "$ERR" | sed -n 's/.*access_token: //p')
like "of three parts" "$token" '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.'
same "that says it is unsigned" "$(printf '%s' "${token%%.*}=" | base64 -d 2>/dev/null)" \
	'{"alg":"none","typ":"JWT"}'
check_exit 2 "no such file" doctor azion --file none -- true
check_exit 2 "no such field" doctor azion --field none=1 -- true
check_exit 2 "no command" doctor azion
check_exit 4 "no such service" doctor nothing -- true
check_exit 1 "no such program" doctor azion -- /nowhere/program
like "says why" "$ERR" '/nowhere/program: No such file'
check_exit 0 "a program that fails" doctor azion -- sh -c 'cat ~/.azion/profiles.json; exit 9'
like "says how" "$OUT" '^sh ended with 9$'
like "which is not the file's fault" "$OUT" '^~/.azion/profiles.json: a read-only file serves it: nothing was refused'
check_exit 0 "a program that is killed" doctor azion -- sh -c 'kill -9 $$'
like "says by what" "$OUT" '^sh was ended by signal 9$'
tool closed-directories
nothing_left "after all these"

# ---- nothing stays
tool daemon
nothing_left "a process left behind"

# killed SIGNAL WHOM: while a tool is reading.
killed() {
	rm -f "$TMPDIR/asleep"
	doctor choreo -- "$PYTHON" "$BIN/tool.py" sleep '~/.choreo/token' >/dev/null 2>&1 &
	waiting=$!
	wait_for 10 test -f "$TMPDIR/asleep" || not_ok "killed by $1: the tool runs"
	for pid in $(sandbox_pids); do
		case $(tr '\0' ' ' <"/proc/$pid/cmdline") in
		*"$2"*) victim=$pid && kill "-$1" "$pid" && break ;;
		esac
	done
	wait "$waiting" && not_ok "$1 to $2 is a failure" || ok "$1 to $2 is a failure"
	# Where the first process was killed the second is about to clear away.
	wait_for 10 sh -c '! [ -d "/proc/$1" ] && [ -z "$(ls -A "$2" | grep tokenvault)" ]' - \
		"$victim" "$XDG_RUNTIME_DIR"
	rm -f "$TMPDIR/asleep"
	nothing_left "$1 to $2"
}
killed TERM 'tokenvault provider'
killed INT 'tokenvault provider'
killed KILL 'tokenvault provider'
killed TERM 'tokenvault-doctor '
killed KILL 'tokenvault-doctor '
finish
