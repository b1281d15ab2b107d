# The unmodified docker, as far as it needs no engine, reads the mounted ~/.docker/config.json.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/tools/lib.sh"
tool_test docker
check "add docker" add docker "$TOKEN" --field registry=tool.example:8443 --field user=jo
check "mount" tv mount docker
unset DOCKER_HOST DOCKER_CONFIG
export DOCKER_HOST=unix:///nowhere/docker.sock

# `manifest inspect` is the only command that asks a registry by itself.
check_exit 0 "docker manifest inspect" tool docker manifest inspect tool.example:8443/an/image:1
like "its answer" "$OUT" '"schemaVersion": 2'
came "docker" Basic "jo:$TOKEN"
accepts other
check_exit 1 "a token that is no good" tool docker manifest inspect tool.example:8443/an/image:1
accepts "$TOKEN"
forget_arrived
locked_tool docker "$HOME/.docker/config.json" docker manifest inspect tool.example:8443/an/image:1
finish
