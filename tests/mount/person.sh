# Sourced by tests of prompts after vault.sh: a person who sits at a scripted pinentry.

# After `sandbox`: pinentry is in PATH.
person() {
	PERSON=$SANDBOX/tmp/pinentry
	as_user mkdir "$PERSON"
	cp "$TESTS/mount/pinentry.py" "$BIN/pinentry"
	chmod 755 "$BIN/pinentry"
	will
}

# will LINE …: what the person is going to say, question by question; nothing was asked yet.
will() {
	printf '%s\n' "$@" | sed '/^$/d' | as_user tee "$PERSON/script" >/dev/null
	as_user sh -c ': >"$1/told"; rm -f "$1"/go*' sh "$PERSON"
}

# How many prompts there were; the lines that they were told and begin with a word.
prompts() {
	grep -c '^start$' "$PERSON/told"
}
told() {
	grep "^$1" "$PERSON/told"
}

# asked N: so many questions were put.
asked() {
	[ "$(grep -Ec '^(GETPIN|CONFIRM)$' "$PERSON/told")" = "$1" ]
}

# Answers that begin with `wait $PERSON/go`.
go() {
	as_user touch "$PERSON/go"
}

# The processes that ask.
asking() {
	for dir in /proc/[0-9]*; do
		case "$(tr '\0' ' ' <"$dir/cmdline" 2>/dev/null) " in
		*" $BIN/pinentry "* | "tokenvault --vault $SANDBOX/"*" --prompt "*) echo "${dir#/proc/}" ;;
		esac
	done 2>/dev/null
}
# pid_of COMMAND LINE: of the process that was started so.
pid_of() {
	for dir in /proc/[0-9]*; do
		[ "$(tr '\0' ' ' <"$dir/cmdline")" = "$* " ] && echo "${dir#/proc/}" && return
	done 2>/dev/null
	return 1
}
nobody_asks() {
	[ -z "$(asking)" ]
}

# prompt_of MEMBER: of status.
prompt_of() {
	tv status --json </dev/null | "$PYTHON" -c '
import json, sys
print(json.load(sys.stdin)["prompt"][sys.argv[1]])' "$1"
}
# wait_for_waiting N: until so many opens wait.
waits() {
	[ "$(prompt_of waiting)" = "$1" ]
}

# took FILE COMMAND …: writes down how many ms it takes.
took() {
	at=$1
	shift
	began=$(date +%s%N)
	"$@"
	code=$?
	echo $((($(date +%s%N) - began) / 1000000)) >"$at"
	return $code
}

no_key() {
	said=$(as_user cat "$1" 2>&1) && return 1
	case $said in
	*'Required key not available'*) ;;
	*) return 1 ;;
	esac
}
