#!/bin/sh
# How many instructions a few commands take, as multiples of what an empty program takes that is linked as they are:
# fails where one takes a fifth more than is kept in smoke.list. Times would tell of the machine; counts repeat. Without
# a server each command opens the vault itself, and does what a server would do. `smoke.sh --keep` writes the list anew.

. "$(dirname "$0")/../lib.sh"

kept=$TESTS/bench/smoke.list
tolerance=20
command -v valgrind >/dev/null || skip_all "no valgrind: apt-get install valgrind"
[ -z "${TV_SANITIZED:-}" ] || skip_all "a sanitizer's instructions are not ours"
sandbox
cp "$TV_BUILD/tests/bench_empty" "$BIN/empty" || exit 1
cp "$TV_BUILD/tests/bench_fill" "$BIN/fill" || exit 1
chmod 755 "$BIN/empty" "$BIN/fill"

# A key that costs nothing: Argon2id would be most of what is counted.
make_filled() {
	tv --vault "v$1" init --memory 64 --passes 1 </dev/null &&
		tv --vault "v$1" key add keyfile "$HOME/key$1" </dev/null &&
		as_user "$BIN/fill" "$XDG_DATA_HOME/tokenvault/v$1.vault" "$1" <"$SANDBOX/passphrase"
}
for n in 10 1000; do
	make_filled $n >/dev/null 2>&1 || bail_out "no vault of $n entries"
done

# NAME COMMAND …: the instructions of a run, or nothing where it fails.
count() {
	name=$1
	shift
	echo token | as_user valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null "$@" \
		>/dev/null 2>"$SANDBOX/$name.said" || return 1
	sed -n 's/.*I *refs: *//p' "$SANDBOX/$name.said" | tr -d , >"$SANDBOX/$name.count"
}

of_vault() {
	name=$1 n=$2
	shift 2
	count "$name" "$BIN/tokenvault" --quiet --vault "v$n" --keyfile "$HOME/key$n" "$@"
}

# One vault's commands after each other, for `add` changes it; the vaults beside each other.
count_all() {
	of_vault "show-$1" "$1" show api7/label-00000 && of_vault "list-$1" "$1" list &&
		of_vault "add-$1" "$1" add --no-verify choreo/new
}
count_all 10 &
{
	count empty "$BIN/empty" && count version "$BIN/tokenvault" --version
} &
count_all 1000
wait

floor=$(cat "$SANDBOX/empty.count" 2>/dev/null)
[ "${floor:-0}" -gt 0 ] || bail_out "the empty program was not counted: $(tail -n 3 "$SANDBOX/empty.said")"
list=
for name in version show-10 show-1000 list-10 list-1000 add-10 add-1000; do
	is=$(awk -v floor="$floor" '{ printf "%.2f", $1 / floor }' "$SANDBOX/$name.count" 2>/dev/null)
	was=$(sed -n "s/^$name //p" "$kept")
	list="$list$name $is
"
	if awk -v is="${is:-0}" -v was="${was:-0}" -v more="$tolerance" \
		'BEGIN { exit !(is > 0 && is <= was * (1 + more / 100)) }'; then
		ok "$name: $is × the empty program, $was is kept"
	else
		not_ok "$name: ${is:-not counted} × the empty program, $was is kept" \
			"$(tail -n 3 "$SANDBOX/$name.said")"
	fi
done
if [ "${1:-}" = --keep ]; then
	printf '%s' "$list" >"$kept"
fi
finish
