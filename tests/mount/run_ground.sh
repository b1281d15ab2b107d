# The ground of a run: what is there outside stays what it is, and what the command does beside its files is real.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
as_user unshare -U true 2>/dev/null || skip_all "no user namespaces for this user"
. "$TESTS/mount/runs.sh"
check "an entry whose file lies right in the home directory" \
	add npm npm_abcdefghijklmnopqrstuvwxyz0123456789 --field registry=registry.npmjs.org

# ---- beside the file
user_does 'mkdir .choreo Documents .config; echo old >.choreo/old; echo a >Documents/a; echo rc >.bashrc'
outside=$(home_listing)
begin choreo "exec 2>&1
	cd ~/.choreo
	cat token >/dev/null && echo new >new && mv new renamed && rm old && mkdir made && mv made moved"
same "a file more, one less" "$(user_does 'ls -A .choreo' | tr '\n' ' ')" "moved renamed "
same "and its bytes" "$(user_does 'cat .choreo/renamed')" "new"
user_does 'echo more >.choreo/from-outside; echo newer >.x; mv .x .choreo/renamed'
check "what changes outside is seen inside" wait_for 5 \
	as_user grep -q newer "/proc/$pid/root$HOME/.choreo/renamed"
end
outside=$(home_listing)
like "it stays when the run has ended" "$outside" '.choreo/renamed'
left "and nothing else is left"

# ---- in the home directory
user_does 'rm -r .choreo'
outside=$(home_listing)
check_exit 0 "a run that has to veil the home directory" tv run choreo,npm -- sh -c 'cd; exec 2>&1
	cat .choreo/token .npmrc >/dev/null || exit
	echo b >Documents/b && mv .bashrc .bashrc.old && echo new >.bashrc && rm .bashrc.old
	mkdir Pictures && echo p >Pictures/p && mv Pictures Photos
	mv Documents Papers && exit 9
	echo x >.choreo/tmp && rm .choreo/tmp'
same "nothing said" "$OUT" "mv: cannot move 'Documents' to 'Papers': Device or resource busy"
same "files of subdirectories" "$(user_does 'cat Documents/b')" "b"
same "files" "$(user_does 'cat .bashrc')" "new"
same "directories" "$(user_does 'cat Photos/p')" "p"
outside=$(printf '%s\n%s\n' "$outside" 'Documents/b f 600 2
Photos d 700 4096
Photos/p f 600 2' | sed 's/^.bashrc f.*/.bashrc f 600 4/' | sort)
left "and nothing else is left, not even a directory that was needed for a moment"
check_exit 0 "a tool's own file" tv run choreo -- sh -c 'echo mine >~/.choreo/config'
same "stays, with the directory" "$(user_does 'cat .choreo/config; rm -r .choreo')" "mine"
cat >"$T/lock.py" <<-'EOF'
	import fcntl, sys
	try:
	    fcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)
	    print("locked")
	except OSError:
	    print("busy")
EOF
chmod 644 "$T/lock.py"
begin choreo "exec \"$PYTHON\" -c 'if 1:
	import fcntl, os, time
	f = open(\"$HOME/Documents/a\", \"r+\")
	fcntl.lockf(f, fcntl.LOCK_EX)
	open(\"$T/pid\", \"w\").write(str(os.getpid()))
	while not os.path.exists(\"$T/go\"): time.sleep(0.05)'"
same "locks below it are one with those outside" \
	"$(as_user "$PYTHON" "$T/lock.py" "$HOME/Documents/a")" busy
end

# ---- a file that is there
user_does 'mkdir .choreo; echo plain >.choreo/token; echo target >Documents/rc; ln -s Documents/rc .npmrc'
outside=$(home_listing)
begin choreo,npm "cat ~/.choreo/token ~/.npmrc >$T/got" "cat ~/.choreo/token >$T/got2"
like "inside, the vault's" "$(cat "$T/got")" "$CHOREO"
like "through a link too" "$(cat "$T/got")" 'npm_abc'
same "outside, the plaintext" "$(user_does 'cat .choreo/token .npmrc' | tr '\n' ' ')" "plain target "
user_does 'echo other >.choreo/t; mv .choreo/t .choreo/token'
restored() {
	[ "$(as_user stat -c %s "/proc/$pid/root$token")" = 41 ]
}
mounts_of_run() {
	cut -d' ' -f5 "/proc/$pid/mountinfo"
}
check "it is replaced outside: inside the vault's comes back" wait_for 5 restored
end
same "which the command reads" "$(cat "$T/got2")" "$CHOREO"
same "and outside it is there" "$(user_does 'cat .choreo/token')" "other"
user_does 'rm -r .choreo .npmrc; mkdir .choreo; echo plain | tee .choreo/token >.choreo/config.toml'
begin choreo,npm : "cat ~/.choreo/token ~/.npmrc >$T/got"
user_does 'rm .choreo/token'
check "it is removed below what is veiled: inside it comes back" wait_for 5 restored
end
like "and is read" "$(cat "$T/got")" "$CHOREO"
same "and outside it is not there" "$(user_does 'ls -A .choreo')" config.toml
user_does 'rm -r .choreo; mkdir -p .choreo/token'
check_exit 12 "a directory in the way" tv run choreo -- true
like "is said" "$ERR" '.choreo/token is no plain file'
user_does 'rm -r .choreo; ln -s nowhere .choreo'
check_exit 12 "a link to nothing" tv run choreo -- true
user_does 'rm .choreo; mkdir elsewhere; ln -s elsewhere .choreo'
check_exit 0 "a directory by a link" tv run choreo -- sh -c 'cat ~/.choreo/token; echo x >~/.choreo/x'
same "has the file" "$OUT" "$CHOREO"
same "and only the command's stays" "$(user_does 'ls elsewhere; rm -r elsewhere .choreo')" x
outside=$(home_listing)
left "nothing is left"

# ---- beside a mount for all
check "mount" tv mount choreo
begin choreo/eu "cat $token >$T/got" "cat $token ~/.choreo/config.toml >$T/got2"
same "unlocked: inside, the run's" "$(cat "$T/got")" "$CHOREO_EU"
same "outside, the mount's" "$(as_user cat "$token")" "$CHOREO"
check "lock" tv lock
check_exit 1 "locked: outside" as_user cat "$token"
check "unmount" tv unmount
restored() {
	mounts_of_run | grep -q "$HOME/.choreo/token" && mounts_of_run | grep -q "$HOME/.choreo/config.toml"
}
same "unmounted: outside nothing" "$(home_listing)" "$outside"
check "inside it comes back" wait_for 5 restored
end
like "and is read" "$(cat "$T/got2")" "$CHOREO_EU"
left "nothing is left"
check "mount" tv mount choreo
check "lock" tv lock
check_exit 0 "a run beside a locked vault" tv run choreo -- cat "$token"
same "reads" "$OUT" "$CHOREO"
check "unmount" tv unmount
left "nothing is left"

# ---- places where there can be no overlay
if is_root && unshare -m true; then
	# in_home MOUNT COMMAND: with something else mounted there; what is there afterwards is in $T/after.
	in_home() {
		how=$1
		shift
		unshare -m sh -c "$how"' || exit 77
			chown 65534:65534 "$HOME" && chmod 700 "$HOME" || exit 77
			setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
			code=$?
			find "$HOME" -path "$HOME/.local" -prune -o -printf "%P %y %m\n" | sort >"$TMPDIR/after"
			exit $code' sh "$@"
	}
	cat >"$T/look" <<-'EOF'
		cd
		cat .choreo/token .npmrc || exit
		echo x >.choreo/x; rm .choreo/x
	EOF
	chmod 644 "$T/look"
	cp -a "$XDG_DATA_HOME/tokenvault/default.vault" "$T/v.vault"
	for how in 'mount -t tmpfs none "$HOME"' \
		'mkdir "$HOME/../l" "$HOME/../u" && mount -t tmpfs none "$HOME/../u" && mkdir "$HOME/../u/u" "$HOME/../u/w" &&
			mount -t overlay none -o "lowerdir=$HOME/../l,upperdir=$HOME/../u/u,workdir=$HOME/../u/w" "$HOME"'; do
		check_exit 0 "home: ${how##*-t }" in_home "$how" "$BIN/tokenvault" --keyfile "$T/key" \
			--vault "$T/v.vault" run choreo,npm -- sh "$T/look"
		like "reads" "$OUT" "$CHOREO"
		like "says what stands there" "$ERR" 'an empty file that nobody can read stands at'
		same "which is gone" "$(cat "$T/after")" " d 700"
		rmdir "$HOME/../l" "$HOME/../u" 2>/dev/null
	done
else
	skip "a home directory without overlays" "needs root"
fi

# ---- no namespaces
nowhere() {
	as_user unshare -U -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
		exec setpriv --bounding-set=-all --inh-caps=-all -- "$@"' sh "$@"
}
if nowhere true 2>/dev/null; then
	check_exit 13 "no user namespaces" nowhere "$BIN/tokenvault" --keyfile "$T/key" run choreo -- true
	like "says why" "$ERR" 'user namespaces are switched off'
	like "and what else there is" "$ERR" 'run --env or --stdin'
	check_exit 0 "which works" nowhere "$BIN/tokenvault" --keyfile "$T/key" run --env choreo -- \
		sh -c 'echo $CHOREO_TOKEN'
	same "right" "$OUT" "$CHOREO"
else
	skip "no user namespaces" "can't be switched off here"
fi
left "nothing is left"
finish
