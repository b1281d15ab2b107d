# The unmodified docker, as far as it needs no engine, reads the ~/.docker/config.json that was adopted
# and is mounted.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/tools/lib.sh"
tool_test docker
# As docker login leaves it where there is no store of credentials.
as_user mkdir -p "$HOME/.docker"
printf '{\n\t"auths": {\n\t\t"tool.example:8443": {\n\t\t\t"auth": "%s"\n\t\t}\n\t}\n}' \
	"$(printf 'jo:%s' "$TOKEN" | base64 -w0)" | as_user tee "$HOME/.docker/config.json" >/dev/null
check_exit 0 "adopt and mount" tv adopt docker --no-verify
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
