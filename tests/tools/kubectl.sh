# The unmodified kubectl reads the ~/.kube/config that it wrote, once it is adopted and mounted.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/tools/lib.sh"
tool_test kubectl kubernetes-client
unset KUBECONFIG
# As kubectl itself writes it.
config() {
	tool kubectl config "$@" >/dev/null || not_ok "kubectl config $1"
}
config set-cluster theirs --server=https://tool.example:8443 --embed-certs=true \
	--certificate-authority="$SERVICE/ca.pem"
config set-credentials me --token="$TOKEN"
config set-context prod --cluster=theirs --user=me --namespace=shop
config use-context prod
check_exit 0 "adopt" tv adopt kubernetes --no-verify
check "add kubernetes/other" add kubernetes/other other-token --field server=https://tool.example:8443 \
	--field "ca_data=$(base64 -w0 "$SERVICE/ca.pem")"
check "mount" tv mount kubernetes

check_exit 0 "kubectl get" tool kubectl get --raw /api/v1/me
like "its answer" "$OUT" '"path": "/api/v1/me"'
came "kubectl" Bearer "$TOKEN"
check_exit 0 "kubectl config" tool kubectl config get-contexts -o name
same "every entry is a context" "$(printf '%s\n' "$OUT" | sort | tr '\n' ' ')" "other prod "
check_exit 1 "the other context's token is no good" tool kubectl --context other get --raw /api/v1/me
came_401=$(arrived | awk -F'\t' '{ print $4, $6 }' | tail -n 1)
same "which is what arrives" "$came_401" "401 other-token"
forget_arrived
check_exit 1 "kubectl can't change the file" tool kubectl config use-context other
same "no lock file stays" "$(as_user ls -A "$HOME/.kube" | grep -v cache)" config
locked_tool kubectl "$HOME/.kube/config" kubectl get --raw /api/v1/me
finish
