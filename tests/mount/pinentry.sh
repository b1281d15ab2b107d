# The dialogue with pinentry and its like: which one, where, what it is told, and what is made of its answers.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/mount/person.sh"
# Per cents, spaces, quotes, and what is no ASCII.
PASSPHRASE='100% "sûr" + %41 ¿no?'
mounted_vault
PINENTRY_USER_DATA=of-the-mount DISPLAY=:77 XMODIFIERS=@im=ours tv mount >/dev/null || not_ok "mount"
person
file=$HOME/.choreo/token
pin="pin $PASSPHRASE"
tv -q setting set unlock_on_open on
tv -q setting set prompt_wait 20s

# by_hand [OPTION …]: asks about what is on standard input.
by_hand() {
	as_user "$BIN/tokenvault" unlock --prompt "$@"
}
# about JSON COMMAND …
about() {
	printf '%s\n' "$1" >"$SANDBOX/about"
	shift
	"$@" <"$SANDBOX/about"
}
relock() {
	tv -q unlock 2>/dev/null
	tv -q lock
}

# ---- by hand
relock
will "$pin"
check_exit 0 "by hand" by_hand </dev/null
same "it is unlocked" "$(status_of locked)" 0
like "it says whose passphrase" "$(told SETDESC)" '^SETDESC The passphrase of the vault default$'
will "$pin"
check_exit 0 "unlocked already" by_hand </dev/null
same "asks nobody" "$(prompts)" 0
relock
will "pin x" "pin $PASSPHRASE "
check_exit 27 "a wrong one, a wrong one, cancelled" by_hand </dev/null
check "three questions" asked 3
check_exit 2 "no JSON" about 'what' by_hand
check_exit 2 "no object" about '[]' by_hand
check_exit 2 "--askpass alone" as_user "$BIN/tokenvault" unlock --askpass /bin/true
check_exit 2 "a passphrase and a prompt" tv unlock --prompt
will ok
check_exit 0 "a question: yes" about '{"asks":true}' by_hand
will cancel
check_exit 27 "a question: no" about '{"asks":true}' by_hand
will 'error 83886194'
check_exit 27 "a question: the other button" about '{"asks":true}' by_hand
same "it stays locked" "$(status_of locked)" 1

# ---- what is no answer
for bad in crash rubbish huge endless broken 'error 67108922' 'error x' 'start exit' 'start rubbish' 'pin'; do
	will "$bad"
	check_exit 28 "$bad" about '{"asks":true}' by_hand
	same "$bad: one line" "$(printf '%s\n' "$ERR" | wc -l | tr -d ' ')" 1
	check "$bad: nothing stays" nobody_asks
done
will deaf
check_exit 27 "it hangs" about '{"asks":true,"wait":1}' by_hand
check "nothing stays" nobody_asks
will hang
by_hand </dev/null >/dev/null 2>&1 &
check "another one" wait_for 10 asked 1
kill -TERM "$(pid_of "$BIN/tokenvault" unlock --prompt)"
wait
check "ended by a signal: nothing stays" wait_for 3 nobody_asks

# ---- what it is told
will ok
evil='{"asks":true,"program":"/x/\u001b[2J\u202e\nProgram: /usr/bin/git%0AProgram: /usr/bin/git","script":"\r\n\r\nEntry: mine","file":"/h/\u0007f","entry":"choreo/default"}'
check_exit 0 "a hostile name" about "$evil" by_hand
same "stays on its line" "$(told SETDESC | sed 's/%0A/\n/g' | tail -n 4)" \
	"Program: /x/?[2J??Program: /usr/bin/git%250AProgram: /usr/bin/git
Its first argument, it says: ????Entry: mine
File: /h/?f
Entry: choreo/default"
long=$(printf '%%é%.0s' $(seq 1500))
will ok
check_exit 0 "long names" about \
	"{\"asks\":true,\"program\":\"/bin/$long/cat\",\"script\":\"/$long\",\"file\":\"$long\",\"entry\":\"a/b\"}" by_hand
check "fit into a line" [ "$(told SETDESC | wc -c)" -le 1000 ]
like "and are cut in the middle" "$(told SETDESC)" 'Program: /bin/%25é.*….*%25é/cat%0AIts first argument'
will ok
check_exit 0 "another file, another place" \
	about '{"asks":true,"program":"/bin/cat","gone":true,"foreign":true,"file":"/f"}' by_hand
like "is said" "$(told SETDESC)" \
	'Program: /bin/cat%0A  \(another file is at that path now\)%0A  \(in a container or sandbox'
will ok
check_exit 0 "nobody knows who" about '{"asks":true,"trouble":"the caller is gone","file":"/f"}' by_hand
like "is said" "$(told SETDESC)" '%0AProgram: unknown; the caller is gone%0AFile: /f$'
mkdir "$BIN/a
Program: "
cp /bin/cat "$BIN/a
Program: /git"
chmod -R a+rx "$BIN"
will "$pin"
relock
check "a program with such a name" as_user "$BIN/a
Program: /git" "$file"
like "stays on its line" "$(told SETDESC)" "%0AProgram: $BIN/a\\?Program: /git%0AFile: "

# ---- which one, and where
relock
will "$pin"
check "who waits has no display: its mount's" as_user cat "$file"
same "and language, and data" "$(told 'DISPLAY\|PINENTRY_USER_DATA' | sort)" "DISPLAY :77
PINENTRY_USER_DATA of-the-mount"
like "language" "$(told OPTION)" 'lc-ctype=C.UTF-8'
relock
will "$pin"
check "who waits has one" as_user env DISPLAY=:78 PINENTRY_USER_DATA=of-the-reader XMODIFIERS=@im=evil cat "$file"
same "its own" "$(told 'DISPLAY\|PINENTRY_USER_DATA\|XMODIFIERS' | sort)" "DISPLAY :78
PINENTRY_USER_DATA of-the-reader
XMODIFIERS @im=ours"
if command -v script >/dev/null; then
	relock
	will "$pin"
	# shellcheck disable=SC2016
	said=$(as_user env -u DISPLAY TERM=vt220 script -qec 'tty; cat "$HOME/.choreo/token"' /dev/null | tr -d '\r')
	same "who waits has a terminal: it reads" "$(printf '%s\n' "$said" | tail -n 1)" "$CHOREO"
	same "and it is there that is asked" "$(told 'OPTION tty' | tr '\n' ' ')" \
		"OPTION ttyname=$(printf '%s\n' "$said" | head -n 1) OPTION ttytype=vt220 "
	same "and on no other's display" "$(told DISPLAY)" "DISPLAY -"
fi
as_user mkdir -m 700 "$HOME/.gnupg" "$HOME/gnupg"
printf '#pinentry-program /no/such\n\n pinentry-program  "%s" \n' "$BIN/another" >"$HOME/.gnupg/gpg-agent.conf"
printf 'pinentry-program-x /no/such\n--pinentry-program %s\n' "$BIN/third" >"$HOME/gnupg/gpg-agent.conf"
chmod a+r "$HOME"/*gnupg/* "$HOME"/.gnupg/*
cp "$BIN/pinentry" "$BIN/another"
cp "$BIN/pinentry" "$BIN/third"
chmod 755 "$BIN/another" "$BIN/third"
will ok
check_exit 0 "the one of gpg-agent.conf" about '{"asks":true}' by_hand
same "is asked" "$(told program)" "program another"
will ok
GNUPGHOME=$HOME/gnupg check_exit 0 "the one of GNUPGHOME" about '{"asks":true}' by_hand
same "is asked" "$(told program)" "program third"
mv "$BIN/another" "$BIN/gone"
check_exit 28 "one that is gone" about '{"asks":true}' by_hand
like "is named, with what helps" "$ERR" "$BIN/another does not start.*apt install"
rm -r "$HOME/.gnupg"

# ---- in the manner of ssh-askpass
cat >"$BIN/askpass" <<'END'
#!/bin/sh
printf '%s\n' "$1" >"$TMPDIR/asked"
[ ! -e "$TMPDIR/no" ] || exit 1
cat "$TMPDIR/answer"
END
chmod 755 "$BIN/askpass"
printf '%s\r\nmore\n' "$PASSPHRASE" >"$SANDBOX/tmp/answer"
chmod a+r "$SANDBOX/tmp/answer"
relock
check_exit 0 "--askpass" about '{"file":"/f","program":"/bin/x"}' by_hand --askpass "$BIN/askpass"
same "its argument is the question" "$(tail -n 4 "$SANDBOX/tmp/asked")" "Program: /bin/x
File: /f

Passphrase:"
same "it is unlocked" "$(status_of locked)" 0
relock
TOKENVAULT_ASKPASS=$BIN/askpass check_exit 0 "TOKENVAULT_ASKPASS" by_hand </dev/null
check_exit 0 "a question: yes" about '{"asks":true}' by_hand --askpass "$BIN/askpass"
touch "$SANDBOX/tmp/no"
check_exit 27 "a question: no" about '{"asks":true}' by_hand --askpass "$BIN/askpass"
relock
check_exit 27 "no passphrase" by_hand --askpass "$BIN/askpass" </dev/null
rm "$SANDBOX/tmp/no"
printf 'wrong\n' >"$SANDBOX/tmp/answer"
check_exit 3 "a wrong one" by_hand --askpass "$BIN/askpass" </dev/null
like "the last question says so" "$(cat "$SANDBOX/tmp/asked")" 'That is not the passphrase'
head -c 10000 /dev/zero | tr '\0' x >"$SANDBOX/tmp/answer"
check_exit 28 "one without an end" by_hand --askpass "$BIN/askpass" </dev/null
check_exit 28 "one that is not there" by_hand --askpass /no/such </dev/null
check_exit 14 "--askpass for a server that runs" tv mount --askpass "$BIN/askpass"
check "unmount" tv unmount
check_exit 4 "mount --askpass of nothing" tv mount --askpass /no/such
printf '%s\n' "$PASSPHRASE" >"$SANDBOX/tmp/answer"
check "mount --askpass" tv mount --askpass askpass
tv -q lock
same "is asked when a file is opened" "$(as_user cat "$file" 2>&1)" "$CHOREO"
like "about it" "$(cat "$SANDBOX/tmp/asked")" "^File: $file\$"
tv -q unmount

# ---- the passphrase is nowhere
if is_root; then
	tv mount >/dev/null
	tv -q lock
	will "wait $PERSON/go $pin"
	as_user cat "$file" >"$SANDBOX/out" 2>&1 &
	check "asked" wait_for 10 asked 1
	seen=$(for pid in $(asking) $(keeper_pid); do
		tr '\0' '\n' <"/proc/$pid/cmdline"
		tr '\0' '\n' <"/proc/$pid/environ"
	done)
	go
	wait
	same "it reads" "$(cat "$SANDBOX/out")" "$CHOREO"
	same "no argument or environment has it" "$(printf '%s\n' "$seen" | grep -cF 'sûr')" 0
	printf '%s\n' "$PASSPHRASE" | cut -c 6-16 >"$SANDBOX/needle"
	# A sanitizer's shadow is terabytes.
	if [ -z "${TV_SANITIZED:-}" ]; then
		same "nor the keeper's memory" \
			"$("$PYTHON" "$BIN/memory.py" "$(keeper_pid)" "$SANDBOX/needle")" 0
		same "nor the server's" "$("$PYTHON" "$BIN/memory.py" "$(server_pid)" "$SANDBOX/needle")" 0
	fi
	tv -q unmount
fi
finish
