# Import with --verify, and what a service said of a token on its way through an export.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/service/lib.sh"
need_service
sandbox
key=$HOME/key

k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@" </dev/null
}

of() {
	k show "$1" --json | "$PYTHON" -c 'import json, sys
entry = json.load(sys.stdin)
print(json.dumps([entry[member] for member in sys.argv[1:]]))' "$2" "$3" "$4"
}

k -q init
tv() {
	k "$@"
}
use_service
service_accepts azion SECRETgood
printf 'AZIONCLI_TOKEN=SECRETgood\nOTHER=SECRETbad\n' | as_user sh -c 'cat >"$1"' sh "$HOME/.env"
check_exit 21 "a token that is refused" k import dotenv "$HOME/.env" --verify --as OTHER=azion/bad
like "is left out" "$OUT" 'azion/bad +left out: the service refuses it'
like "a good one is not" "$OUT" 'azion/default +imported'
check "no token is told" sh -c 'case "$1" in *SECRET*) exit 1; esac' sh "$OUT$ERR"
check_exit 4 "what was refused is not there" k show azion/bad
printf 'OTHER=SECRETbad\nAZIONCLI_TOKEN=SECRETelse\n' | as_user sh -c 'cat >"$1"' sh "$HOME/two.env"
check_exit 21 "that goes before one that is there" \
	k import dotenv "$HOME/two.env" --verify --as OTHER=azion/bad
like "which is left out too" "$OUT" 'azion/default +left out: has another token'
verified=$(of azion account answer verified)
like "who it belongs to is known" "$verified" '@.*"OK", "20'
service_forget
check_exit 0 "without --verify" k import dotenv "$HOME/.env" --as OTHER=azion/bad
same "nobody is asked" "$(service_log)" ""
k -q remove azion/bad

check_exit 0 "export" k export "$HOME/out.vault" --export-keyfile "$HOME/out.key"
k -q remove azion
check_exit 0 "import" k import tokenvault "$HOME/out.vault" --import-keyfile "$HOME/out.key"
same "what the service said comes along" "$(of azion account answer verified)" "$verified"
same "and nobody was asked" "$(service_log)" ""
finish
