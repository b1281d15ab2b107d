# A vault that is changed by somebody else, while it is mounted: the files follow, those who watch them by
# inotify(7) hear of it, and what did not change is not touched.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
command -v inotifywait >/dev/null || skip_all "no inotifywait: apt-get install inotify-tools"
mounted_vault mount
azion=$HOME/.azion/default/settings.toml
choreo=$HOME/.choreo/token

# watch NAME PATH …: notes events in $SANDBOX/tmp/NAME until the test ends.
watch() {
	name=$1
	shift
	: >"$SANDBOX/tmp/$name" && chmod 666 "$SANDBOX/tmp/$name"
	as_user inotifywait -m -q --format '%w%f %e' -e modify -e attrib -e delete_self -e unmount "$@" \
		>"$SANDBOX/tmp/$name" 2>"$SANDBOX/tmp/$name.err" &
}
heard() {
	grep -q "$2" "$SANDBOX/tmp/$1"
}
is_watching() {
	for dir in /proc/[0-9]*; do
		case "$(tr '\0' ' ' <"$dir/cmdline")" in
		*inotifywait*"$1"*) grep -q '^inotify ' "$dir"/fdinfo/* && return 0 ;;
		esac
	done 2>/dev/null
	return 1
}
count() {
	grep -c "$2" "$SANDBOX/tmp/$1"
}
# Mounts by their number: one that was made anew has another.
mounts() {
	grep -F " $SANDBOX/" /proc/self/mountinfo | cut -d' ' -f1,5 | sort
}

# Somebody who knows nothing of the server.
elsewhere() {
	XDG_RUNTIME_DIR=$SANDBOX/tmp XDG_STATE_HOME=$SANDBOX/tmp/state "$@"
}
# new_token ENTRY TOKEN
new_token() {
	printf '%s\n' "$2" | tv -q set "$1" --token --no-verify
}

watch file "$azion"
watch other "$choreo"
watch directory "$HOME/.azion/default"
for path in "$azion" "$choreo" "$HOME/.azion/default"; do
	check "watching ${path#"$SANDBOX/"}" wait_for 5 is_watching "$path"
done
# What the mount itself had to say may still be under way.
sleep 0.3
for name in file other directory; do
	: >"$SANDBOX/tmp/$name"
done
mounts >"$SANDBOX/before"

# ---- a rotation by the server's own user
check "set a token" new_token azion/default "$AZION_WORK"
check "the file's watcher hears of other contents" wait_for 5 heard file 'settings.toml MODIFY'
check "and that of attributes" wait_for 5 heard file 'settings.toml ATTRIB'
check "the directory's watcher hears of it" wait_for 5 heard directory 'default/settings.toml MODIFY'
like "the new token is there by then" "$(as_user cat "$azion")" "$AZION_WORK"
same "who watches another file hears nothing" "$(cat "$SANDBOX/tmp/other")" ""
same "each hears of it once" "$(count file MODIFY) $(count file ATTRIB)" "1 1"

# ---- an edit that does not change the file
: >"$SANDBOX/tmp/file"
check "set a note" tv set azion/default --note "of no use to the file"
check "edit another" tv set choreo/default --note x
sleep 0.3
same "nobody hears of that" "$(cat "$SANDBOX/tmp/file" "$SANDBOX/tmp/other")" ""
mounts >"$SANDBOX/after"
same "nothing was mounted anew" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""

# ---- a file of many entries
many=$HOME/.aws/credentials
add_aws() {
	printf '%s\n' "$2" | tv -q add "aws/$1" -f access_key_id="K$1" --no-verify
}
# Its size is that of what it says.
size_is_right() {
	[ "$(as_user stat -c %s "$many")" = "$(as_user cat "$many" | wc -c)" ] && as_user grep -q "$1" "$many"
}
check "an entry of a file of many" add_aws one token-of-one
check "it is mounted" tv -q mount aws
check "its size is right" size_is_right token-of-one
watch many "$many"
check "watching it" wait_for 5 is_watching "$many"
check "a second entry" add_aws two the-longer-token-of-two
check "the watcher hears of it" wait_for 5 heard many 'credentials MODIFY'
check "its size is right with both" size_is_right the-longer-token-of-two
: >"$SANDBOX/tmp/many"
check "a longer token for the first" new_token aws/one token-of-one-that-is-longer
check "the watcher hears of that" wait_for 5 heard many 'credentials MODIFY'
check "its size is right again" size_is_right token-of-one-that-is-longer
: >"$SANDBOX/tmp/many"
check "another service's token" new_token choreo/default "$CHOREO_EU"
check "of which who watches the service's file hears" wait_for 5 heard other 'token MODIFY'
same "and who watches this one does not" "$(cat "$SANDBOX/tmp/many")" ""
check "the first token back" tv -q undo choreo/default
: >"$SANDBOX/tmp/other"
mounts >"$SANDBOX/before"

# ---- by somebody else, and views that come and go
check "another process rotates" elsewhere new_token choreo/default "$CHOREO_EU"
check "the watcher hears of it" wait_for 5 heard other 'token MODIFY'
like "the file has it" "$(as_user cat "$choreo")" "$CHOREO_EU"
check "another process removes an entry" elsewhere tv -q remove azion/work
check "its file goes" wait_for 5 sh -c '! [ -e "$1" ]' sh "$HOME/.azion/work"
check "and brings it back" elsewhere tv -q undo azion/work
there() {
	as_user cat "$1" 2>/dev/null | grep -q "$2"
}
check "with its file" wait_for 5 there "$HOME/.azion/work/settings.toml" "$AZION_WORK"
mounts | grep -v /.azion/work/ >"$SANDBOX/after"
same "the rest was not mounted anew" \
	"$(grep -v /.azion/work/ "$SANDBOX/before" | diff - "$SANDBOX/after")" ""

# ---- a synchronised folder that brings a newer copy: nothing else happens that would have the keeper look
vault=$XDG_DATA_HOME/tokenvault/default.vault
ahead=$SANDBOX/tmp/ahead.vault
rotate_copy() {
	printf '%s\n' "$CHOREO" | elsewhere tv -q --vault "$ahead" set choreo/default --token --no-verify
}
as_user cp "$vault" "$ahead"
check "a copy is edited" rotate_copy
sleep 0.3
: >"$SANDBOX/tmp/other"
as_user mv "$ahead" "$vault"
check "it is in its place, and heard of" wait_for 5 heard other 'token MODIFY'
like "with what it says" "$(as_user cat "$choreo")" "$CHOREO"

# ---- much that is done beside it, for each of which whoever does it would wait while the keeper looks
wakes() {
	sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/$(keeper_pid)/status"
}
sleep 0.3
before=$(wakes)
as_user sh -c 'i=0; while [ $i -lt 1000 ]; do : >"$1/beside"; i=$((i + 1)); done; rm "$1/beside"' sh "${vault%/*}"
sleep 0.3
check "the keeper looks at it together ($(($(wakes) - before)) times)" [ $(($(wakes) - before)) -lt 200 ]
check "but looks" [ $(($(wakes) - before)) -gt 0 ]

# ---- an edit, of which the keeper is told: it does not listen to what the save touches
is_traced() {
	! grep -q '^TracerPid:[^0-9]*0$' "/proc/$(keeper_pid)/status"
}
if is_root && command -v strace >/dev/null; then
	sleep 0.3
	strace -qq -e trace=epoll_ctl -e signal=none -o "$SANDBOX/listens" -p "$(keeper_pid)" 2>/dev/null &
	tracer=$!
	check "watching the keeper" wait_for 5 is_traced
	check "an edit" new_token choreo/default "$CHOREO_EU"
	check "and one more" new_token choreo/default "$CHOREO"
	sleep 0.3
	kill "$tracer"
	wait "$tracer" 2>/dev/null
	like "it does not listen" "$(head -n 1 "$SANDBOX/listens")" '{events=EPOLLONESHOT,'
	like "and then does again" "$(tail -n 1 "$SANDBOX/listens")" '{events=EPOLLIN|EPOLLONESHOT,'
else
	skip "the keeper does not listen to an edit" "needs root and strace"
fi

# ---- and an old one
as_user cp "$vault" "$SANDBOX/tmp/old"
: >"$SANDBOX/tmp/other"
check "one more edit" new_token choreo/default "$CHOREO_EU"
check "is heard of" wait_for 5 heard other 'token MODIFY'
: >"$SANDBOX/tmp/other"
as_user cp "$SANDBOX/tmp/old" "$SANDBOX/tmp/new"
as_user mv "$SANDBOX/tmp/new" "$vault"
is_said() {
	status_of detail | grep -q older
}
check "status says that it is older" wait_for 5 is_said
like "what was open is still shown" "$(as_user cat "$choreo")" "$CHOREO_EU"
same "nobody hears of that one" "$(cat "$SANDBOX/tmp/other")" ""

# ---- setting the times to what they are is all that is allowed
check "unchanged times" as_user touch -r "$azion" "$azion"
check_exit 1 "other times: EROFS" as_user touch "$azion"
like "EROFS" "$ERR" 'Read-only file system'
check_exit 1 "one other time" as_user touch -m -d 2001-01-01 "$azion"
check_exit 1 "truncate" as_user truncate -s 0 "$azion"
check_exit 1 "access for writing" as_user test -w "$azion"
check "access for reading" as_user test -r "$azion"
check_exit 1 "access for executing" as_user test -x "$azion"

# ---- lock and unlock: who watches can read again
: >"$SANDBOX/tmp/file"
check "lock" tv lock
sleep 0.3
same "nothing to hear of a lock" "$(cat "$SANDBOX/tmp/file")" ""
check "unlock" tv --accept-rollback unlock
check "the unlock is heard of" wait_for 5 heard file 'settings.toml MODIFY'

check "unmount" tv --accept-rollback unmount
check "nothing stays mounted" none_mounted
finish
