# Sourced by the tests of run after vault.sh: runs in the background, and what must be left of them.

T=$SANDBOX/tmp
# Not below HOME, so that what an overlay needs beside it can be there.
export XDG_STATE_HOME="$SANDBOX/state"
mkdir "$XDG_STATE_HOME"
! is_root || chown 65534:65534 "$XDG_STATE_HOME"
token=$HOME/.choreo/token

# Trying a keyfile costs no time, of which each run would want some.
check "key add keyfile" tv key add keyfile "$T/key"
# A shell can't catch what was ignored when it began, as in a background job of another.
tv() {
	as_user env --default-signal=HUP,INT,QUIT "$BIN/tokenvault" --keyfile "$T/key" "$@"
}

# user_does COMMANDS: in the home directory, outside all runs.
user_does() {
	as_user sh -c "cd; $1"
}

# begin ENTRY [COMMANDS]: in the background, until `end`; its shell is $pid. More than one at a time with $NO.
begin() {
	rm -f "$T/pid$NO" "$T/go$NO" "$T/ended$NO"
	cat >"$T/commands$NO" <<-EOF
		$2
		echo \$\$ >$T/pid$NO.new && mv $T/pid$NO.new $T/pid$NO
		while [ ! -e $T/go$NO ]; do sleep 0.05; done
		$3
	EOF
	chmod 644 "$T/commands$NO"
	(
		tv run "$1" -- sh "$T/commands$NO" >"$T/said$NO" 2>&1
		echo $? >"$T/ended$NO"
	) &
	wait_for 10 test -s "$T/pid$NO" || not_ok "run $1 begins" "$(cat "$T/said$NO")"
	pid=$(cat "$T/pid$NO")
}
# end [STATUS]
end() {
	as_user touch "$T/go$NO"
	wait_for 10 test -s "$T/ended$NO" || not_ok "run ends" "$(cat "$T/said$NO")"
	same "exit status of the run" "$(cat "$T/ended$NO")" "${1:-0}"
}
# refused COMMAND …: by EACCES
refused() {
	said=$("$@" 2>&1) && return 1
	case $said in
	*'Permission denied'*) ;;
	*) return 1 ;;
	esac
}
parent_of() {
	awk '{ print $4 }' "/proc/$1/stat"
}
# The run that a command is of, its keeper and its server: in $run, $keeper and $server.
find_parts() {
	run=$(parent_of "$1")
	for part in $(sandbox_pids); do
		case $(tr '\0' ' ' <"/proc/$part/cmdline") in
		*" --run "*) ;;
		*) continue ;;
		esac
		if [ "$(parent_of "$part")" = "$run" ]; then
			keeper=$part
		else
			server=$part
		fi
	done
}
# What of a run there is on the disk, and whom it runs as.
traces() {
	ls -d "$XDG_RUNTIME_DIR"/tokenvault/run.* "$XDG_STATE_HOME"/tokenvault/*run.* \
		"$HOME"/tokenvault-run.* 2>/dev/null
	as_user "$PYTHON" - "$HOME" <<-'EOF'
		import os, sys
		for path, names, _ in os.walk(sys.argv[1]):
		    for name in [path] + [os.path.join(path, name) for name in names]:
		        for mark in os.listxattr(name):
		            if mark.startswith("user.overlay"):
		                print(name, mark)
	EOF
}
nothing_left() {
	[ -z "$(sandbox_pids)" ] && [ "$(home_listing)" = "${1-$outside}" ] && [ -z "$(traces)" ]
}
left() {
	if nothing_left "${2-$outside}"; then
		ok "$1"
	else
		not_ok "$1" "$(sandbox_pids)" "$(traces)" "$(home_listing)" "wanted:" "${2-$outside}"
	fi
}
