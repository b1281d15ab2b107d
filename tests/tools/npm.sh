# The unmodified npm reads the ~/.npmrc that was adopted and is mounted.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/tools/lib.sh"
tool_test npm
# As npm login leaves it.
as_user tee "$HOME/.npmrc" >/dev/null <<END
//tool.example:8443/:_authToken=$TOKEN
//tool.example:8443/deep/er/:_authToken=deep$TOKEN
END
check_exit 0 "adopt and mount" tv adopt npm --no-verify
same "it is read-only now" "$(as_user stat -c %a "$HOME/.npmrc")" 400
unset NPM_TOKEN NODE_AUTH_TOKEN
export NODE_EXTRA_CA_CERTS="$SERVICE/ca.pem" npm_config_update_notifier=false npm_config_fetch_retries=0
export npm_config_cafile="$SERVICE/ca.pem" npm_config_globalconfig=/dev/null

check_exit 0 "npm whoami" tool npm whoami --registry https://tool.example:8443/
same "its answer" "$OUT" jo
came "npm" Bearer "$TOKEN"
accepts "deep$TOKEN"
check_exit 0 "a registry with a path" tool npm whoami --registry https://tool.example:8443/deep/er/
came "npm" Bearer "deep$TOKEN"
accepts other
check_exit 1 "a token that is no good" tool npm whoami --registry https://tool.example:8443/
accepts "$TOKEN"
forget_arrived
tool npm config set --location=user fund=false >"$SANDBOX/out" 2>"$SANDBOX/err"
like "npm can't write the file" "$(cat "$SANDBOX/err")" 'EROFS: read-only file system'
locked_tool npm "$HOME/.npmrc" npm whoami --registry https://tool.example:8443/
finish
