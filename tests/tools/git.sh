# The unmodified git, with credential.helper=store, reads the mounted ~/.git-credentials.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/tools/lib.sh"
tool_test git
awkward="$TOKEN/@:%+"
check "add git-credentials" add git-credentials "$awkward" --field host=tool.example:8443 \
	--field user=jo@example.com
check "mount" tv mount git-credentials
accepts "$awkward"
export GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1 GIT_SSL_CAINFO="$SERVICE/ca.pem"
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=credential.helper GIT_CONFIG_VALUE_0=store

fill() {
	printf 'protocol=https\nhost=tool.example:8443\n\n' | as_user git credential fill
}
check_exit 0 "git credential fill" fill
same "what it reads" "$OUT" "protocol=https
host=tool.example:8443
username=jo@example.com
password=$awkward"
check_exit 0 "git ls-remote" tool git ls-remote https://tool.example:8443/a.git
like "its answer" "$OUT" '^0123456789012345678901234567890123456789.refs/heads/main$'
came "git" Basic "jo@example.com:$awkward"
# git stores what has served, and takes out what has not: neither changes the file.
same "no lock file stays" "$(as_user ls -A "$HOME" | grep git)" .git-credentials
accepts other
check_exit 128 "a token that is no good" tool git ls-remote https://tool.example:8443/a.git
same "the entry stays" "$(as_user grep -c tool.example "$HOME/.git-credentials")" 1
forget_arrived
accepts "$awkward"
TOKEN=$awkward
locked_tool git "$HOME/.git-credentials" git ls-remote https://tool.example:8443/a.git
same "no other file is made" "$(as_user ls -A "$HOME" | grep git)" ""
finish
