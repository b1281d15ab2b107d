# Made-up bytes for every parser that reads what others wrote (tests/fuzz), under the sanitizers of address and undefined
# behaviour. The controls take one check out of the code, before and behind the MAC and in the server: it is found. The
# short form takes a minute for all targets at once, in the time that the tests beside it leave over. The long form takes
# as many at once as there are processors, keeps what it found worth changing further, in the build directory, says how
# much of the parsers that reaches, and adds what it executed to tests/fuzz/executed. TV_FUZZ names the targets, where not
# all are meant.
# Controls: cursor padding history fields asked
. "$(dirname "$0")/../lib.sh"
. "$TESTS/setup.sh"
. "$TESTS/patched.sh"
sandbox
for program in clang llvm-cov llvm-profdata; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
[ "$("$PYTHON" -c 'import nacl' 2>&1)" = "" ] || skip_all "python3-nacl is not installed"
all='answer definition document header options reply request sealed template'
targets=${TV_FUZZ:-$all}
seconds=60 # for each target
slow=25 # seconds for one input; by the clock, which says nothing of what runs in the time of others
[ -n "${TV_MINUTES:-}${TV_CONTROL:-}" ] || slow=120
controls_s=10
corpus=$SANDBOX/corpus
export UBSAN_OPTIONS=halt_on_error=1 ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1

# The build of check.sh, or one of our own inside the build directory.
BUILDS=$(dirname "$TV_BUILD")
name=clang
if [ ! -f "$BUILDS/clang/.source" ]; then
	BUILDS=$TV_BUILD
	name=fuzz
fi
fuzz=$BUILDS/$name
# shellcheck disable=SC2086
build $name clang $clang_options || bail_out "does not build: see $fuzz.log"
seeds=$SANDBOX/seeds
if [ -n "${TV_MINUTES:-}" ]; then
	n_targets=$(echo $targets | wc -w)
	seconds=$((TV_MINUTES * 60 * $(nproc) / n_targets))
	[ "$n_targets" -ge "$(nproc)" ] || seconds=$((TV_MINUTES * 60))
	controls_s=120
	[ -n "${TV_CONTROL:-}" ] || corpus=$fuzz/corpus
fi
"$PYTHON" "$TESTS/fuzz/seeds.py" "$seeds" || bail_out "no first inputs"

# run TARGET PROGRAM SECONDS: leaves TARGET.log and, of each fault, a file TARGET-*.
run() {
	mkdir -p "$corpus/$1"
	dict=
	[ ! -f "$seeds/$1.dict" ] || dict=-dict=$seeds/$1.dict
	# shellcheck disable=SC2086
	"$2" -max_total_time="$3" -max_len=16384 -timeout=$slow -rss_limit_mb=4096 -print_final_stats=1 \
		-artifact_prefix="$SANDBOX/$1-" $dict "$corpus/$1" "$seeds/$1" >"$SANDBOX/$1.log" 2>&1
}

# A line for each target of each long run: the day, the target, the inputs.
record() {
	[ -n "${TV_MINUTES:-}" ] && [ -w "$TESTS/fuzz/executed" ] || return 0
	echo "$(date -u +%F) $1 $2" >>"$TESTS/fuzz/executed"
}

executed() {
	sed -n 's/^stat::number_of_executed_units: *//p' "$SANDBOX/$1.log"
}

seconds_of() {
	sed -n 's/^Done [0-9]* runs in \([0-9]*\) second(s)$/\1/p' "$SANDBOX/$1.log"
}

# The fault's first line.
what_of() {
	grep -Em1 'ERROR: |runtime error: ' "$SANDBOX/$1.log"
}

all_targets() {
	pids=
	at_once=$(nproc)
	if [ -z "${TV_MINUTES:-}" ]; then
		at_once=$(echo $targets | wc -w)
		chrt --idle --pid 0 $$ 2>/dev/null || renice -n 19 -p $$ >/dev/null
	fi
	for target in $targets; do
		run "$target" "$fuzz/tests/fuzz_$target" "$seconds" &
		pids="$pids $!"
		[ $(($(echo $pids | wc -w) % at_once)) != 0 ] || wait
	done
	wait
	for target in $targets; do
		units=$(executed "$target")
		tried=$((tried + ${units:-0}))
		faults=$(ls "$SANDBOX" | grep -c "^$target-")
		record "$target" "${units:-0}"
		# Once it has tried all first inputs it says so.
		if [ "$faults" = 0 ] && [ "${units:-0}" -gt 0 ] && grep -q INITED "$SANDBOX/$target.log"; then
			ok "$target: ${units} inputs in $(seconds_of "$target") s"
		else
			found=$((found + 1))
			not_ok "$target: ${units:-no} inputs" "$(what_of "$target")" "$(tail -n 5 "$SANDBOX/$target.log")"
		fi
	done
}

# ---- how much of the parsers was reached

parsers='vault/header.c vault/cursor.c vault/slot.c vault/seal.c vault/jsontext.c vault/json.c vault/docjson.c
	vault/entryjson.c vault/choicejson.c vault/rulejson.c vault/template.c vault/tags.c vault/definition.c
	vault/filedef.c vault/httpdef.c vault/adoptdef.c vault/templatedef.c vault/schema.c vault/agent.c vault/request.c
	vault/edit.c vault/read.c vault/http.c vault/pointer.c vault/when.c vault/host.c cli/options.c cli/service.c
	fusefs/client.c fusefs/messages.c'

coverage() {
	dir=$SANDBOX/coverage
	CC=clang meson setup "$dir" "$ROOT" -Doptimization=1 \
		"-Dc_args=-fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping" \
		"-Dc_link_args=-fprofile-instr-generate" >"$SANDBOX/coverage.log" 2>&1 || return 1
	programs=
	for target in $all; do
		programs="$programs tests/fuzz_$target"
	done
	# shellcheck disable=SC2086
	ninja -C "$dir" $programs >"$SANDBOX/coverage.log" 2>&1 || return 1
	objects=
	for target in $all; do
		mkdir -p "$corpus/$target"
		LLVM_PROFILE_FILE="$SANDBOX/$target.profraw" "$dir/tests/fuzz_$target" -runs=0 \
			"$corpus/$target" "$seeds/$target" >/dev/null 2>&1
		objects="$objects -object $dir/tests/fuzz_$target"
	done
	llvm-profdata merge -o "$SANDBOX/all.profdata" "$SANDBOX"/*.profraw || return 1
	# shellcheck disable=SC2086
	llvm-cov export -summary-only -instr-profile="$SANDBOX/all.profdata" "$dir/tests/fuzz_header" $objects \
		>"$SANDBOX/coverage.json" 2>/dev/null || return 1
	# shellcheck disable=SC2086
	"$PYTHON" "$TESTS/fuzz/coverage.py" "$SANDBOX/coverage.json" "$ROOT" $parsers
}

# ---- targets in which a check is missing

# missing FILE CHANGE TARGET
missing() {
	patched "$fuzz" "tests/fuzz_$3" "$SANDBOX/fuzz" "$1" "$2"
	tried=1
	run "$3" "$SANDBOX/fuzz" "$controls_s"
	[ "$(ls "$SANDBOX" | grep -c "^$3-")" = 0 ] || found=1
	echo "# $(executed "$3") inputs: $(what_of "$3")"
	ok "the control has run"
}

tried=0
found=0
case ${TV_CONTROL:-} in
cursor) # Nothing keeps the reader of a header inside its bytes.
	missing vault/cursor.c 's/if (c->failed || len > c->left)/if (c->failed)/' header
	;;
padding) # Behind the MAC: the length of the JSON is believed.
	missing vault/open.c 's/if (json_len > c.left ||/if (/' sealed
	;;
history) # A version more than there is room for.
	missing vault/entryjson.c 's/tv_arena_alloc((tv_json_count(list) + 1)/tv_arena_alloc((1)/' document
	;;
fields) # Room for one field of a definition, however many it has.
	missing vault/definition.c 's/calloc(tv_json_count(fields.at) + 1/calloc(1/' definition
	;;
asked) # Room for one service, however many a request names.
	missing fusefs/messages.c 's/calloc(tv_json_count(names) + 1,/calloc(1,/' request
	;;
*)
	all_targets
	[ -z "${TV_MINUTES:-}" ] || check "the coverage is measured" coverage
	[ ! -s "$SANDBOX/coverage.json" ] || printf '%s\n' "$said" | grep '^# '
	echo "# executed since counting began: $(awk '{ n += $3 } END { print n + 0 }' "$TESTS/fuzz/executed")"
	;;
esac
expected=0
[ -z "${TV_CONTROL:-}" ] || expected=1
echo "# tried $tried, found $found, expected $expected, skipped 0"
finish
