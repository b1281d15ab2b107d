# valgrind sees no leak and no bad access on the ways through the command line: right ones and wrong
# ones. A keyfile opens the vault, for a passphrase takes long in a simulated processor.
. "$(dirname "$0")/lib.sh"
command -v valgrind >/dev/null || skip_all "valgrind is not installed"
[ -z "${TV_SANITIZED:-}" ] || skip_all "sanitizers look for leaks themselves"
sandbox
key=$SANDBOX/home/key
token=u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzd

# clean CODE COMMAND …: exits with CODE and valgrind has nothing to say. TOKEN goes to its input.
clean() {
	wanted=$1
	shift
	printf '%s' "${TOKEN:-}" | as_user valgrind -q --error-exitcode=99 --leak-check=full \
		--show-leak-kinds=all --errors-for-leak-kinds=definite,indirect,possible \
		"$BIN/tokenvault" --keyfile "$key" "$@" >"$SANDBOX/out" 2>"$SANDBOX/err" && code=0 || code=$?
	if [ "$code" = "$wanted" ] && ! grep -q '^==[0-9]*== ' "$SANDBOX/err"; then
		ok "$*"
	else
		not_ok "$*" "exit $code, not $wanted" "$(tail -n 40 "$SANDBOX/err")"
	fi
}

# What the sanitized build goes through as well only in the long form.
also() {
	[ -z "${TV_LONG:-}" ] || clean "$@"
}

also 0 --help
clean 0 init
TOKEN=$token clean 0 add azion --no-verify --field email=me@example.com --note 'a note' --expires 30d
TOKEN=$token clean 0 add choreo/eu --no-verify
TOKEN=$token clean 11 add azion
TOKEN= also 2 add azion/empty
TOKEN=$token also 4 add nobody
also 0 list
clean 0 list --json
clean 0 show azion
also 4 show azion/nope
TOKEN=rotated-$token clean 0 set azion/default --token --no-verify
also 0 set azion/default --note changed
also 0 use choreo/eu
also 0 history
clean 0 undo azion
clean 0 remove choreo/eu
also 0 undo choreo/eu
also 0 forget azion
also 0 key list
also 0 status
also 17 unmount
also 0 provider list
clean 0 provider show azion
also 2 lsit
clean 2 list --nope
head -c 300 "$XDG_DATA_HOME/tokenvault/default.vault" >"$SANDBOX/home/short.vault"
chmod 644 "$SANDBOX/home/short.vault"
clean 5 --vault "$SANDBOX/home/short.vault" list
head -c 32 /dev/urandom >"$key"
clean 3 list
also 7 --vault "$SANDBOX/home/none.vault" list
finish
