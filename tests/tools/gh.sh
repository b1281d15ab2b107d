# The unmodified gh reads the mounted ~/.config/gh/hosts.yml.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/tools/lib.sh"
tool_test gh
check "add github" add github "$TOKEN" --field user=jo
check "mount" tv mount github
service_accepts other "$TOKEN"
unset GH_TOKEN GITHUB_TOKEN GH_HOST

# What came to the service itself, at api.github.com.
token_that_came() {
	service_log api.github.com | "$PYTHON" -c '
import json, sys
it = json.loads(sys.stdin.readlines()[-1])
print(it["path"], it["headers"]["Authorization"])'
	service_forget
}

check_exit 0 "gh api user" tool gh api user
like "its answer" "$OUT" '"login": *"octo"'
same "the token that arrives" "$(token_that_came)" "/user token $TOKEN"
check_exit 0 "gh auth token" tool gh auth token
same "says it" "$OUT" "$TOKEN"
service_accepts other none
check_exit 1 "a token that is no good" tool gh api user
service_accepts other "$TOKEN"
check_exit 1 "gh auth login can't replace it" tool sh -c "echo x | gh auth login --with-token"
same "which stays" "$(as_user grep -c "oauth_token: $TOKEN" "$HOME/.config/gh/hosts.yml")" 1
service_forget
locked_tool gh "$HOME/.config/gh/hosts.yml" gh api user
finish
