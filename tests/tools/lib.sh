# Sourced after tests/lib.sh by the tests of real tools: an unmodified tool, the user who has the vault
# mounted, and a local server that says which token came.
#
#	. "$(dirname "$0")/../lib.sh"
#	. "$TESTS/tools/lib.sh"
#	tool_test COMMAND [PACKAGE]	skips where the tool is not installed; else sandbox, vault, server
#	add ENTRY TOKEN [OPTION …]	stores a token
#	accepts TOKEN …			what the server takes for good from now on
#	tool COMMAND …			as the user, who can reach nothing but the server
#	arrived				the requests since the last call, a line each, with tabs:
#					HOST METHOD PATH STATUS SCHEME TOKEN
#	locked_tool NAME PATH COMMAND …	locks, has the tool fail, and looks that PATH is as it was; where
#					SAYS_LOCKED is set the tool may end well, but has to say that
#
# The server is tool.example at 8443 (https; its root is $SERVICE/ca.pem) and at 8080 (http).

. "$TESTS/service/lib.sh"

TOKEN=tok_4f0c9aZ8b2QmW7xR1nK5tY3uE6pL0sD9vB8hJ2gA

tool_test() {
	is_root || skip_all "needs root, for a network of its own and a user without it"
	# What lies in a directory of root's alone is not for the user.
	PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
	as_user sh -c 'command -v "$1"' - "$1" >/dev/null ||
		skip_all "$1 is not installed: apt-get install ${2:-$1}"
	need_service tool.example
	sandbox
	need_fuse
	arrived_lines=0
	: >"$SERVICE/arrived"
	accepts "$TOKEN"
	"$PYTHON" "$TESTS/tools/server.py" "$SERVICE" 8443 8080 &
	server=$!
	trap 'kill "$server"; cleanup' EXIT
	wait_for 10 test -e "$SERVICE/listening" || bail_out "the server does not start"
	check "init" make_vault
}

add() {
	entry=$1
	token=$2
	shift 2
	printf '%s\n' "$token" | tv add --no-verify "$entry" "$@"
}

accepts() {
	printf '%s\n' "$@" >"$SERVICE/accepted.new"
	mv "$SERVICE/accepted.new" "$SERVICE/accepted"
}

tool() {
	as_user env SSL_CERT_FILE="$SERVICE/ca.pem" "$@" </dev/null
}

arrived() {
	tail -n "+$((arrived_lines + 1))" "$SERVICE/arrived"
}

forget_arrived() {
	arrived_lines=$(wc -l <"$SERVICE/arrived")
}

# came WHAT SCHEME TOKEN: the tool's last request had exactly this token, and it was good.
came() {
	same "$1: the token that arrives" "$(arrived | awk -F'\t' '{ print $4, $5, $6 }' | tail -n 1)" \
		"200 $2 $3"
	forget_arrived
}

# What is at a path, though it be a mount that nobody may read.
what_is_at() {
	as_user stat -c '%F %a %u %s %i %d' "$1"
}

# The last part of every test: what the tool does while the vault is locked.
locked_tool() {
	name=$1
	path=$2
	shift 2
	before=$(what_is_at "$path")
	check "lock" tv lock
	tool "$@" >"$SANDBOX/out" 2>"$SANDBOX/err" && code=0 || code=$?
	if [ -n "${SAYS_LOCKED:-}" ]; then
		like "$name says so while the vault is locked" "$(cat "$SANDBOX/out" "$SANDBOX/err")" \
			"$SAYS_LOCKED"
	else
		[ "$code" != 0 ] && ok "$name fails while the vault is locked" ||
			not_ok "$name fails while the vault is locked" \
				"$(cat "$SANDBOX/out" "$SANDBOX/err")"
	fi
	same "$name sends no token then" "$( (arrived && cat "$SERVICE/log") | grep -F "$TOKEN")" ""
	forget_arrived
	same "$name leaves the file where it is" "$(what_is_at "$path")" "$before"
	like "which can't be read" "$(as_user cat "$path" 2>&1)" 'Required key not available'
	check "unlock" tv unlock
	check_exit 0 "$name works again" tool "$@"
	check "unmount" tv unmount
	same "nothing is left at ${path#"$HOME"/}" "$(as_user ls "$path" 2>/dev/null)" ""
}
