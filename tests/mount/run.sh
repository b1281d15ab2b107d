# run: a command alone has the files of its entries, and nothing of them is left.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
as_user unshare -U true 2>/dev/null || skip_all "no user namespaces for this user"
. "$TESTS/mount/runs.sh"
outside=$(home_listing)

# ---- inside
check_exit 0 "a command reads its token" tv run choreo -- cat "$token"
same "which is right" "$OUT" "$CHOREO"
same "and nothing is said" "$ERR" ""
check_exit 0 "and the entry's other file" tv run choreo -- cat "$HOME/.choreo/config.toml"
like "which has it too" "$OUT" "$CHOREO"
cat >"$T/sent.py" <<-'EOF'
	import os, socket, sys
	fd = os.open(sys.argv[1], os.O_RDONLY)
	to, at = socket.socketpair()
	sent = os.sendfile(to.fileno(), fd, 0, 4096)
	print(at.recv(sent).decode() if sent else "nothing", end="")
EOF
chmod 644 "$T/sent.py"
check_exit 0 "sendfile, of a file whose size nobody asked" tv run choreo -- "$PYTHON" "$T/sent.py" "$token"
same "is all there" "$OUT" "$CHOREO"
check_exit 0 "of two services" tv run azion/work,choreo/eu -- \
	sh -c 'cat ~/.choreo/token ~/.azion/work/settings.toml'
like "one" "$OUT" "$CHOREO_EU"
like "and the other" "$OUT" "$AZION_WORK"
check_exit 1 "and no third" tv run choreo -- cat "$HOME/.azion/work/settings.toml"
check_exit 0 "of one service the first is in use" tv run choreo/eu,choreo -- cat "$token"
same "which it is" "$OUT" "$CHOREO_EU"
check_exit 0 "the command's world" tv run choreo -- sh -c 'id -u; id -g; pwd; cat; echo $TV_X' <<-'EOF'
	line
EOF
same "is as outside" "$OUT" "$(as_user sh -c 'id -u; id -g; pwd; echo line; echo $TV_X')"
check_exit 0 "its powers" tv run choreo -- sed -n 's/^Cap\(Eff\|Prm\|Amb\):.0*//p' /proc/self/status
same "are none" "$(printf %s "$OUT")" ""
check_exit 0 "the passphrase" as_user "$BIN/tokenvault" --passphrase-fd 9 run choreo -- \
	sh -c '! [ -e /proc/$$/fd/9 ]' 9<"$SANDBOX/passphrase"
check_exit 0 "other descriptors are handed on" tv run choreo -- cat /dev/fd/8 8<"$SANDBOX/needles"
left "afterwards nothing is left"

# ---- its end
check_exit 42 "exit status" tv run choreo -- sh -c 'exit 42'
check_exit 143 "death by a signal" tv run choreo -- sh -c 'kill -TERM $$'
check_exit 127 "no such command" as_user env PATH=/usr/bin:/bin "$BIN/tokenvault" \
	--keyfile "$T/key" run choreo -- nonsuch
like "says so" "$ERR" 'nonsuch: No such file'
check_exit 126 "what can't be run" tv run choreo -- /etc/passwd
check_exit 4 "no such entry" tv run choreo/nonsuch -- true
check_exit 2 "no command given" tv run choreo
check_exit 2 "no entry given" tv run choreo, -- true

# ---- outside, while it is there
begin choreo "exec 5<$token; cat $token >$T/got"
same "it reads" "$(cat "$T/got")" "$CHOREO"
same "outside there is nothing" "$(home_listing)" "$outside"
check "nor through its root" refused as_user cat "/proc/$pid/root$token"
check "nor through its directory" refused as_user cat "/proc/$pid/cwd/../home/.choreo/token"
check "nor through its open file" refused as_user cat "/proc/$pid/fd/5"
check "nor in its namespaces" refused as_user nsenter -t "$pid" -U -m --preserve-credentials \
	cat "$token"
find_parts "$pid"
if is_root && [ -z "$TV_SANITIZED" ]; then
	memory() {
		"$PYTHON" "$BIN/memory.py" "$1" "$SANDBOX/needles"
	}
	# Where the kernel hides memory (memfd_secret(2)), not that one is to be found either.
	visible=$("$PYTHON" -c 'import ctypes; print(int(ctypes.CDLL(None).syscall(447, 0) < 0))')
	same "its server has the entry's token and no other" "$(memory "$server")" "$visible"
	same "its keeper has none" "$(memory "$keeper")" 0
	same "nor has who waits for the command" "$(memory "$run")" 0
fi
for part in $keeper $server; do
	check "nor from the memory of $part" refused as_user nsenter -t "$pid" -U \
		--preserve-credentials dd if="/proc/$part/mem" count=1
done
if is_root; then
	check "nor for root" refused cat "/proc/$pid/root$token"
	check "nor for root in its namespace" refused nsenter -t "$pid" -m cat "$token"
fi
first=$pid
NO=2
begin choreo/eu "cat $token >$T/got2"
same "two at once: the second has its own" "$(cat "$T/got2")" "$CHOREO_EU"
end
NO=
check "and does not disturb the first" as_user test -e "/proc/$first/root$token"
end
left "afterwards nothing is left"

# ---- where nothing is noted, either
check "without a log" tv setting set audit off
begin choreo "cat $token >$T/got"
same "a run has its files" "$(cat "$T/got")" "$CHOREO"
check "who is not of it has not" refused as_user nsenter -t "$pid" -U -m --preserve-credentials cat "$token"
end
check "with one again" tv setting set audit on

# ---- a descriptor that gets out
cat >"$T/give.py" <<-'EOF'
	import array, os, socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	fd = os.open(sys.argv[2], os.O_RDONLY)
	assert os.pread(fd, 100, 0)
	socket.send_fds(s, [b"x"], [fd])
	s.recv(1)
EOF
cat >"$T/take.py" <<-'EOF'
	import os, socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.bind(sys.argv[1])
	s.listen()
	print("ready", flush=True)
	c = s.accept()[0]
	try:
	    print(os.pread(socket.recv_fds(c, 1, 1)[1][0], 100, 0))
	except OSError as e:
	    print(e.strerror)
EOF
chmod 644 "$T"/*.py
begin choreo "" "\"$PYTHON\" $T/give.py $T/taken.sock $token"
as_user nsenter -t "$pid" -U -m --preserve-credentials "$PYTHON" "$T/take.py" "$T/taken.sock" >"$T/taken" &
wait_for 10 test -s "$T/taken"
end
wait_for 5 grep -q denied "$T/taken"
same "and reads nothing, even in the namespaces" "$(tail -n 1 "$T/taken")" "Permission denied"

# ---- rules come along
cp "$TV_BUILD/tests/callers" "$BIN/reader"
chmod 755 "$BIN/reader"
check "rule: choreo for reader" tv rule allow choreo --program "$BIN/reader"
check_exit 1 "another program" tv run choreo -- cat "$token"
like "is refused" "$ERR" 'Permission denied'
check_exit 0 "its own is not" tv run choreo -- "$BIN/reader" read "$token"
check_exit 1 "unless it is in a namespace deeper down" tv run choreo -- \
	unshare -U -m "$BIN/reader" read "$token"
check_exit 1 "which without rules is no way either" tv run choreo/eu -- unshare -U -m cat "$token"
check "rule: choreo/eu from anywhere" tv rule allow choreo/eu --any-namespace
check_exit 0 "but with such a rule" tv run choreo/eu -- unshare -U -m cat "$token"
check "rule: azion until it has been read once" tv rule allow azion --program cat --reads 1
check_exit 1 "a rule of so many" tv run azion -- \
	sh -c 'cat ~/.azion/profiles.json; cat ~/.azion/default/settings.toml'

# ---- what is expired
soon=$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)
check "choreo/eu is denied soon" tv set choreo/eu --expires "$soon" --when-expired deny
wait_for 10 sh -c '[ "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \> "$0" ]' "$soon"
check_exit 1 "expired and denied" tv run choreo/eu -- cat "$token"
like "as ever" "$ERR" 'Key has expired'
check_exit 20 "and not in the environment" tv run --env choreo/eu -- true
check_exit 20 "nor on standard input" tv run --stdin choreo/eu -- true

# ---- without files
check_exit 0 "the environment" tv run --env choreo,azion -- sh -c 'echo $CHOREO_TOKEN $AZIONCLI_TOKEN'
same "has both tokens" "$OUT" "$CHOREO $AZION"
check_exit 3 "and the exit status" tv run --env choreo -- sh -c 'exit 3'
check_exit 2 "one entry of a service" tv run --env azion,azion/work -- true
check_exit 127 "no such command" as_user env PATH=/usr/bin:/bin "$BIN/tokenvault" \
	--keyfile "$T/key" run --env choreo -- nonsuch
check_exit 0 "standard input" tv run --stdin choreo -- od -An -c
same "has a line" "$(printf %s "$OUT" | tr -d ' \n')" "$CHOREO\\n"
check_exit 2 "of one entry" tv run --stdin choreo,azion -- cat
check_exit 2 "or the other" tv run --stdin --env choreo -- cat
finish
