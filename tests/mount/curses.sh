# Real pinentries on the terminal of who reads: asked there, answered there, and the terminal is as before.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
command -v expect >/dev/null || skip_all "no expect: apt-get install expect"
mounted_vault mount
file=$HOME/.choreo/token
tv -q setting set unlock_on_open on
tv -q setting set prompt_wait 20s

# uses PROGRAM: it is pinentry from here on.
uses() {
	printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v "$1")" >"$BIN/pinentry"
	chmod 755 "$BIN/pinentry"
}
# on_terminal SCRIPT: expect's, with $FILE, $PASSPHRASE, $BIN; what it spawns is a shell on a terminal of its own.
on_terminal() {
	as_user env -u DISPLAY TERM=xterm FILE="$file" PASSPHRASE="$PASSPHRASE" BIN="$BIN" PS1='$ ' \
		expect -c '
set timeout 15
set stty_init "rows 24 columns 80"
log_user 0
spawn -noecho sh
proc wants {what} { expect -re $what {} timeout { puts "no $what"; exit 1 } eof { puts "end, no $what"; exit 1 } }
'"$1"
}
nobody_asks() {
	! pgrep -f -- "$SANDBOX/.* --prompt" >/dev/null
}

for program in pinentry-curses pinentry-tty; do
	if ! command -v "$program" >/dev/null; then
		skip "$program" "not installed: apt-get install $program"
		continue
	fi
	uses "$program"
	tv -q lock
	check "$program: asked, answered, read, and the terminal echoes" on_terminal '
send "cat \$FILE; stty -a | grep -ow -- .echo; echo =\$((6*7))=\r"
wants "wants to read a file"
wants "Program: \[^\r\n\]*cat"
wants "choreo/default"
wants "Passphrase"
sleep 0.3
send "$env(PASSPHRASE)\r"
wants "'"$CHOREO"'"
wants "=42="
send "echo heard\r"
wants "echo heard"
wants "heard"
'
	same "$program: unlocked" "$(status_of locked)" 0
	tv -q lock
	check "$program: interrupted there, the shell goes on" on_terminal '
send "cat \$FILE\r"
wants "Passphrase"
sleep 0.3
send "\x03"
wants "\n\[$\] $"
send "echo =\$((6*7))=\r"
wants "echo ="
wants "=42="
'
	check "$program: nobody asks" wait_for 6 nobody_asks
	same "$program: still locked" "$(status_of locked)" 1
	# Ended while it asks: by an unlock elsewhere.
	check "$program: unlocked by somebody else, the terminal is as before" on_terminal '
send "cat \$FILE; sleep 5; echo =\$((6*7))=\r"
wants "Passphrase"
sleep 0.3
exec $env(BIN)/tokenvault -q --passphrase-fd 0 unlock << "$env(PASSPHRASE)\n"
wants "'"$CHOREO"'"
wants "=42="
send "stty -a | grep -ow -- -echo; echo =\$((7*7))=\r"
wants "echo ="
expect -re {-echo} { puts "no echo"; exit 1 } -re "=49=" {} timeout { exit 1 }
'
	check "$program: nobody asks" wait_for 6 nobody_asks
done
check "unmount" tv unmount
finish
