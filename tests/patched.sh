# Sourced by campaigns after lib.sh: a program of a build with lines of its sources changed, for a control.

# patched BUILD PROGRAM OUT FILE CHANGE [FILE CHANGE …]: PROGRAM of the build, with each FILE of the sources as sed's CHANGE
# makes it, as OUT. The changed files are linked in the place of the build's objects, or before the archives that have them;
# so is what LINK_ALSO has.
patched() {
	p_build=$1
	p_program=$2
	p_out=$3
	shift 3
	p_link=$(ninja -C "$p_build" -t commands "$p_program" | tail -n 1)
	p_dir=$(mktemp -d "$SANDBOX/patched.XXXXXX") || bail_out "no directory for a control"
	p_first=${LINK_ALSO:+ $LINK_ALSO}
	while [ $# -gt 0 ]; do
		p_object=$(patched_object "$p_build" "$p_program" "$1" "$2" "$p_dir") || bail_out "$p_object"
		case " $p_link " in
		*" $p_object "*) p_link=$(printf '%s' "$p_link" | sed "s| $p_object | $p_dir/$(echo "$1" | tr / _).o |") ;;
		*) p_first="$p_first $p_dir/$(echo "$1" | tr / _).o" ;;
		esac
		shift 2
	done
	p_link=$(printf '%s' "$p_link" | sed "s| -o $p_program | -o $p_out$p_first |")
	(cd "$p_build" && eval "$p_link") >"$p_dir/said" 2>&1 ||
		bail_out "a control does not link: $(tail -n 3 "$p_dir/said")"
}

# patched_object BUILD PROGRAM FILE CHANGE DIRECTORY: compiles the changed file; prints the object's name in the build.
patched_object() {
	o_new=$5/$(echo "$3" | tr / _)
	sed "$4" "$ROOT/$3" >"$o_new"
	! cmp -s "$ROOT/$3" "$o_new" || { echo "$3 has no such line: $4" && exit 1; }
	o_compile=$(ninja -C "$1" -t commands "$2" | grep -F -- " -c " | grep -F "/$3" | tail -n 1)
	o_object=$(printf '%s' "$o_compile" | sed 's/.* -o \([^ ]*\) .*/\1/')
	(cd "$1" && eval "$(printf '%s' "$o_compile" |
		sed "s| -o $o_object | -Wno-error -w -iquote '$ROOT/$(dirname "$3")' -o $o_new.o |; s| -c [^ ]*\$| -c $o_new|; s| -MF [^ ]*| -MF $o_new.d|")") \
		>"$5/said" 2>&1 || { echo "a control does not compile: $(tail -n 3 "$5/said")" && exit 1; }
	echo "$o_object"
}
