# Every allocation of the programs is refused in turn, of memory, of the arena for secrets and of maps, their own and their
# libraries', in a build with sanitizers: of `init`, `add` and opening a vault, of a server that starts, renders, answers, edits
# and unlocks, and of the commands that ask it. No crash, and no leak of a command or a keeper; the vault is the old one or
# the new one; the error speaks of memory; the server goes on, or ends as out of memory, with nothing left to read. The short
# form takes a sample, the long one all when its minutes suffice, and says of how many. The
# controls leave out one check; and the freeing of a block, with the word of memory.
# Controls: check leak
. "$(dirname "$0")/../lib.sh"
. "$TESTS/setup.sh"
. "$TESTS/patched.sh"
sandbox
need_fuse
command -v clang >/dev/null || skip_all "clang is not installed"
[ "$("$PYTHON" -c 'import nacl' 2>&1)" = "" ] || skip_all "python3-nacl is not installed"
# The build of check.sh, or one of our own inside the build directory.
BUILDS=$(dirname "$TV_BUILD")
name=clang
if [ ! -f "$BUILDS/clang/.source" ]; then
	BUILDS=$TV_BUILD
	name=fuzz
fi
# shellcheck disable=SC2086
build $name clang $clang_options || bail_out "does not build: see $BUILDS/$name.log"

seconds=3
shares=1
# The others make the same allocations in another order, or take long to begin.
operations='init open add render unlock,server add,server mount,kernel mount,tree mount,render'
if [ -n "${TV_MINUTES:-}" ]; then
	operations=
	seconds=$((TV_MINUTES * 60))
	shares=$(($(nproc) + 1))
fi
wraps=
for call in _exit tv_arena_alloc tv_arena_realloc tv_arena_strdup tv_inval_start tv_sandbox_calls \
	fuse_session_receive_buf fuse_session_process_buf tv_tree_build tv_view_render; do
	wraps="$wraps -Wl,--wrap=$call"
done

# refusing PROGRAM VARIABLE [FILE CHANGE]
refusing() {
	clang -O1 -fPIE -fno-builtin -D_GNU_SOURCE "-DREFUSE=\"$2\"" -c -o "$SANDBOX/$2.o" \
		"$TESTS/campaigns/allocation_refuse.c" || bail_out "allocation_refuse.c"
	r_program=$1
	LINK_ALSO="$SANDBOX/$2.o$wraps"
	shift 2
	patched "$BUILDS/$name" "$r_program" "$BIN/$(basename "$r_program")" "$@"
}

# without FAULTS FILE CHANGE: of the command; one allocation after another is refused until faults of these kinds are found.
without() {
	export TV_FAULTS="$1"
	shift
	operations=add
	seconds=60
	shares=1
	refusing cli/tokenvault TV_REFUSE_COMMAND "$@"
}

case ${TV_CONTROL:-} in
check) # Whether there was memory for JSON is not asked.
	without 'a sanitizer:' vault/json.c '/cJSON_ParseWithLength/{n;s/if (!j)/if (0)/;}'
	;;
leak) # What was read of a definition is kept when the rest is not read, and it is called wrong.
	without 'LeakSanitizer
nothing of memory' vault/definition.c \
		'/^static void cleanup/,/^}/s/tv_provider_free(\*p)/(void)p/; s/if (status == TV_NO_MEMORY)/if (0)/'
	;;
*)
	refusing fusefs/tokenvault-fs TV_REFUSE_SERVER
	refusing cli/tokenvault TV_REFUSE_COMMAND
	;;
esac
cp "$TESTS/campaigns/allocation.py" "$TESTS/reader.py" "$TESTS/reader_document.py" "$TESTS/spare.py" "$BIN/"
head -c 64 /dev/urandom >"$SANDBOX/key"
chmod 644 "$SANDBOX/key"
chmod 755 "$BIN"/*
export SANDBOX
i=0
while [ $i -lt $shares ]; do
	# shellcheck disable=SC2086
	as_user "$PYTHON" "$BIN/allocation.py" "$SANDBOX/key" $seconds $i $shares $operations >"$SANDBOX/said.$i" 2>&1 &
	i=$((i + 1))
done
wait
cat "$SANDBOX"/said.* >"$SANDBOX/said"
while IFS= read -r line; do
	case $line in
	'not ok '*) not_ok "${line#not ok }" ;;
	'#'*) ;;
	*) echo "# $line" ;;
	esac
done <"$SANDBOX/said"
if [ "$(grep -c '^# tried [1-9]' "$SANDBOX/said")" = $shares ]; then
	ok "allocation.py came to its end"
else
	not_ok "allocation.py came to its end" "$(tail -n 5 "$SANDBOX/said")"
fi
# A line of each share, as one of all.
sed -n 's/^# \(.*\): \([0-9]*\) of \([0-9]*\) allocations refused, \([0-9]*\) with faults$/\2|\3|\4|\1/p' "$SANDBOX/said" |
	awk -F'|' '!($4 in all) { names[++n] = $4 } { tried[$4] += $1; all[$4] += $2; faults[$4] += $3 }
		END { for (i = 1; i <= n; i++) { name = names[i]
			print "# " name ": " tried[name] " of " all[name] " allocations refused, " faults[name] " with faults" } }'
awk -v faults="${TV_FAULTS:-}" '/^# tried / { tried += $3; found += $5 }
	BEGIN { n = split(faults, kinds, "\n") }
	{ for (i = 1; i <= n; i++) if (index($0, kinds[i])) seen[i] = 1 }
	END { for (i in seen) of_kinds++
		printf "# tried %d, found %d, expected %d, skipped 0\n", tried, n ? of_kinds : found, n }' "$SANDBOX/said"
finish
