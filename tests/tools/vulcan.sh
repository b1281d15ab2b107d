# Azion's unmodified vulcan (npm: edge-functions 1.0.0) reads the mounted ~/.azion/vulcan.env.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/tools/lib.sh"
vulcan=/var/cache/tokenvault-tests/vulcan
[ -e "$vulcan/ready" ] || skip_all "edge-functions 1.0.0 is not installed: tests/check.sh does that"
tool_test node nodejs
AZION=4f0c9aZ8b2QmW7xR1nK5tY3uE6pL0sD9vB8hJ2gA
TOKEN=$AZION
check "add azion" add azion "$AZION"
check "view on" tv view on azion/vulcan.env
check "mount" tv mount azion
service_accepts azion "$AZION"
service_replies api.azionapi.net '{"data":{"cellsConsoleEvents":[]}}'
export NODE_EXTRA_CA_CERTS="$SERVICE/ca.pem" DEBUG=true
main=$vulcan/node_modules/edge-functions/lib/main.js

check_exit 0 "vulcan logs" tool node "$main" logs function
same "the token that arrives" "$(service_log api.azionapi.net | "$PYTHON" -c '
import json, sys
print(json.loads(sys.stdin.readlines()[-1])["headers"]["Authorization"])')" "Token $AZION"
service_forget
# It ends with 0 whatever happens.
SAYS_LOCKED="error.*vulcan.env"
locked_tool vulcan "$HOME/.azion/vulcan.env" node "$main" logs function
finish
