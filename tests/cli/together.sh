# Many at once: 50 processes, each with several entries, one vault, and nothing is missing.
. "$(dirname "$0")/../lib.sh"
sandbox
key=$HOME/key
each=5
[ -z "${TV_LONG:-}" ] || each=20

k() {
	as_user "$BIN/tokenvault" --keyfile "$key" "$@"
}

check_exit 0 "init" k init
mkdir "$SANDBOX/acknowledged"
n=0
while [ $n -lt 50 ]; do
	n=$((n + 1))
	(
		m=0
		while [ $m -lt $each ]; do
			m=$((m + 1))
			echo "token-$n-$m" | k -q add --no-verify "azion/$n-$m" && echo "$n-$m"
		done >"$SANDBOX/acknowledged/$n" 2>"$SANDBOX/acknowledged/$n.err"
	) &
done
wait
same "every add was acknowledged" "$(cat "$SANDBOX/acknowledged"/* | grep -c .)" $((50 * each))
k list --json >"$SANDBOX/list.json"
check "and all of them are there" "$PYTHON" -c '
import glob, json, sys
there = {e["label"] for e in json.load(open(sys.argv[1]))}
said = {line.strip() for name in glob.glob(sys.argv[2] + "/*") for line in open(name)}
assert said == there and len(there) == int(sys.argv[3]), (len(said), len(there), said ^ there)
' "$SANDBOX/list.json" "$SANDBOX/acknowledged" $((50 * each))
same "with their own tokens" "$(k show azion/17-3)" token-17-3
same "one is in use" "$("$PYTHON" -c 'import json, sys
print(sum(e["in_use"] for e in json.load(open(sys.argv[1]))))' "$SANDBOX/list.json")" 1
same "no temporary file is left, but the one that is spared" "$(find "$XDG_DATA_HOME/tokenvault" -type f |
	sed 's/.*default//' | sort | tr '\n' ' ' | sed 's/ $//')" ".vault .vault.bak .vault.lock .vault.saving-spare"
finish
