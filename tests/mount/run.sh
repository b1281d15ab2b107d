# run: a command alone has the files of its entries, and nothing of them is left.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
as_user unshare -U true 2>/dev/null || skip_all "no user namespaces for this user"
T=$SANDBOX/tmp
token=$HOME/.choreo/token
outside=$(home_listing)

# begin ENTRY COMMANDS: in the background, until `end`; its process is $pid, and it holds the token open.
begin() {
	rm -f "$T"/pid "$T"/go "$T"/ended
	cat >"$T/commands" <<-EOF
		$2
		echo \$\$ >$T/pid.new && mv $T/pid.new $T/pid
		while [ ! -e $T/go ]; do sleep 0.05; done
	EOF
	chmod 644 "$T/commands"
	(
		tv run "$1" -- sh "$T/commands" >"$T/said" 2>&1
		echo $? >"$T/ended"
	) &
	wait_for 10 test -s "$T/pid" || not_ok "run $1 begins" "$(cat "$T/said")"
	pid=$(cat "$T/pid")
}
end() {
	as_user touch "$T/go"
	wait_for 10 test -s "$T/ended" || not_ok "run ends"
	same "exit status" "$(cat "$T/ended")" "${1:-0}"
}
# refused COMMAND …: by EACCES
refused() {
	said=$("$@" 2>&1) && return 1
	case $said in
	*'Permission denied'*) ;;
	*) return 1 ;;
	esac
}
# Nothing of any run is there any more: no process, no directory, no work of an overlay.
nothing_left() {
	[ -z "$(sandbox_pids)" ] && [ "$(home_listing)" = "$outside" ] &&
		! ls -d "$XDG_RUNTIME_DIR"/tokenvault/run.* "$XDG_STATE_HOME"/tokenvault/run.* \
			/var/tmp/tokenvault-run."${1:-*}" /tmp/tokenvault-run."${1:-*}" 2>/dev/null &&
		[ "$(as_user "$PYTHON" -c 'import os, sys; print(os.listxattr(sys.argv[1]))' "$HOME")" = "[]" ]
}

# ---- inside
check_exit 0 "a command reads its token" tv run choreo -- cat "$token"
same "which is right" "$OUT" "$CHOREO"
check_exit 0 "and the entry's other file" tv run choreo -- cat "$HOME/.choreo/config.toml"
like "which has it too" "$OUT" "$CHOREO"
check_exit 0 "of two entries" tv run azion/work,choreo/eu -- \
	sh -c 'cat ~/.choreo/token ~/.azion/work/settings.toml'
like "one" "$OUT" "$CHOREO_EU"
like "and the other" "$OUT" "$AZION_WORK"
check_exit 1 "and no third" tv run choreo -- cat "$HOME/.azion/default/settings.toml"
check_exit 0 "of one service the first is in use" tv run choreo/eu,choreo -- cat "$token"
same "which it is" "$OUT" "$CHOREO_EU"
check_exit 0 "who it is" tv run choreo -- sh -c 'id -u; id -g; pwd; cat; echo $TV_X' <<-'EOF'
	line
EOF
user=65534
is_root || user=$(id -u)
same "as outside" "$OUT" "$(as_user sh -c 'id -u; id -g; pwd; echo line; echo $TV_X')"
check_exit 0 "no powers" tv run choreo -- sed -n 's/^CapEff:[^0]*0*//p' /proc/self/status
same "none at all" "$OUT" ""
check "afterwards nothing is left" nothing_left

# ---- its end
check_exit 42 "exit status" tv run choreo -- sh -c 'exit 42'
check_exit 143 "death by a signal" tv run choreo -- sh -c 'kill -TERM $$'
check_exit 127 "no such command" as_user env PATH=/usr/bin:/bin "$BIN/tokenvault" \
	--passphrase-fd 9 run choreo -- nonsuch 9<"$SANDBOX/passphrase"
like "says so" "$ERR" 'nonsuch: No such file'
check_exit 126 "no command at all" tv run choreo -- /etc/passwd
check_exit 4 "no such entry" tv run choreo/nonsuch -- true
check_exit 2 "no command given" tv run choreo
check_exit 0 "the passphrase is not handed on" tv run choreo -- sh -c '! [ -e /proc/$$/fd/9 ]'

# ---- outside, while it is there
begin choreo "exec 5<$token; cat $token >$T/got"
same "it reads" "$(cat "$T/got")" "$CHOREO"
same "outside there is nothing" "$(home_listing)" "$outside"
check "nor through its root" refused as_user cat "/proc/$pid/root$token"
check "nor through its directory" refused as_user cat "/proc/$pid/cwd/../home/.choreo/token"
check "nor through its open file" refused as_user cat "/proc/$pid/fd/5"
check "nor in its namespaces" refused as_user nsenter -t "$pid" -U -m --preserve-credentials \
	cat "$token"
! is_root || check "nor root" refused cat "/proc/$pid/root$token"
! is_root || check "nor root in its namespace" refused nsenter -t "$pid" -m cat "$token"
end
check "afterwards nothing is left" nothing_left
finish
