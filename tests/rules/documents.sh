# The README's commands are there and its links lead somewhere.
. "$(dirname "$0")/../lib.sh"
ROOT=${1:-$ROOT}
readme=$ROOT/README.md

like "the first command is the demo" "$(grep -m1 -E '^    sh ' "$readme")" '^    sh tests/demo\.sh$'
for command in $(sed -n 's/^    sh \([^ ]*\).*/\1/p' "$readme" | sort -u); do
	check "README: $command exists" test -f "$ROOT/$command"
done
for document in README.md $(cd "$ROOT" && find vault fusefs cli tests -name '*.md'); do
	dir=$(dirname "$ROOT/$document")
	for link in $(grep -oE '\]\([^)#:]+\)' "$ROOT/$document" | tr -d '])('); do
		check "$document: $link exists" test -e "$dir/$link"
	done
done
# What the README and THREATS call a test is one.
for test in $(grep -ohE 'tests/[A-Za-z0-9_./-]*[A-Za-z0-9]' "$readme" "$ROOT/vault/THREATS.md" | sort -u); do
	check "$test exists" test -e "$ROOT/$test"
done
finish
