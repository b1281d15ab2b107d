# The unmodified curl --netrc, and Python's netrc, read the mounted ~/.netrc.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/tools/lib.sh"
tool_test curl
check "add netrc" add netrc "$TOKEN" --field machine=tool.example --field login=jo
check "add netrc/other" add netrc/other other-token --field machine=other.example --field login=me
check "mount" tv mount netrc
get="curl -sS --fail --cacert $SERVICE/ca.pem --netrc https://tool.example:8443/me"

# shellcheck disable=SC2086
check_exit 0 "curl --netrc" tool $get
like "its answer" "$OUT" '"login": "jo"'
came "curl" Basic "jo:$TOKEN"

# Python refuses a file that others can read, or that is another's.
cat >"$SANDBOX/tmp/read.py" <<'END'
import netrc

machine = netrc.netrc()
print(machine.authenticators("tool.example"), sorted(machine.hosts))
END
chmod 644 "$SANDBOX/tmp/read.py"
check_exit 0 "Python's netrc" tool "$PYTHON" "$SANDBOX/tmp/read.py"
same "what it reads" "$OUT" "('jo', '', '$TOKEN') ['other.example', 'tool.example']"

accepts other
# shellcheck disable=SC2086
check_exit 22 "a token that is no good" tool $get
accepts "$TOKEN"
forget_arrived
check "lock" tv lock
check_exit 1 "Python, locked" tool "$PYTHON" "$SANDBOX/tmp/read.py"
like "says why" "$ERR" 'Required key not available'
check "unlock" tv unlock
# shellcheck disable=SC2086
locked_tool curl "$HOME/.netrc" $get
finish
