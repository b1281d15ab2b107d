# The command line itself: options in every place and form, mistakes, help, and the manual.
. "$(dirname "$0")/../lib.sh"
sandbox
key=$HOME/key

t() {
	as_user "$BIN/tokenvault" "$@"
}

check_exit 0 "init" t -k "$key" -q init
echo tok | t -k "$key" -q add --no-verify azion
for form in "--keyfile=$key show azion" "--keyfile $key show azion" "show --keyfile $key azion" \
	"show azion --keyfile $key" "-k $key show azion" "-k$key show azion" "-qk$key show azion" \
	"show azion -q -k $key" "--keyfile $key -- show azion" "show --keyfile $key -- azion" \
	"--keyfile /none show azion --keyfile $key"; do
	# shellcheck disable=SC2086
	same "$form" "$(t $form 2>&1)" tok
done
check_exit 0 "a value that begins with a dash" t -k "$key" -q set azion --note -x
check_exit 0 "an empty value" t -k "$key" -q set azion --note=
check_exit 2 "after -- all are arguments" t -k "$key" show -- azion --json
like "also options" "$ERR" 'too many: --json'

# mistake REGEX WORD …: exit 2, one line that says it, then usage and nothing else.
mistake() {
	regex=$1
	shift
	check_exit 2 "mistake: $*" t "$@"
	same "nothing on standard output" "$OUT" ""
	like "said: $(printf '%s' "$ERR" | head -n 1)" "$(printf "%s" "$ERR" | head -n 1)" "$regex"
	like "then usage" "$(printf '%s' "$ERR" | sed -n 2p)" '^usage: tokenvault '
	check "and little else" test "$(printf '%s\n' "$ERR" | wc -l)" -le 5
}
mistake 'no command'
mistake 'no command lsit; did you mean list$' lsit
mistake 'no command unmont; did you mean unmount$' unmont
mistake 'did you mean unmount$' umount
mistake 'did you mean mount$' mnt
mistake 'did you mean status$' stat
mistake 'did you mean provider$' prov
mistake 'did you mean --expires$' add azion --exp 30d
mistake 'no command xyzzy; --help' xyzzy
mistake 'no option --jsn; did you mean --json$' list --jsn
mistake 'no option --nte; did you mean --note$' add azion --nte x
mistake 'no option --note' list --note x
mistake 'no option -x' list -x
mistake '--json takes no value$' list --json=yes
mistake '--vault needs a value' list --vault
mistake '-k needs a value' list -k
mistake 'too many: b$' list a b
mistake 'argument is missing' show
mistake 'argument is missing' add
mistake 'which one of azion' use azion
mistake 'add\|device\|list\|remove' key
mistake 'did you mean remove' key remov x
mistake 'one of passphrase, keyfile, both, device, not fingerprint$' key add fingerprint
mistake 'path is missing' key add keyfile
mistake 'path is missing' key add both
mistake 'argument is missing' key add --both
mistake 'path, not passphrase$' key add --both passphrase "$key"
mistake 'has no path$' key add passphrase "$key"
mistake 'has no path$' key add device "$key"
mistake '--memory' key add device --passes 1
mistake '--memory' key add keyfile "$key" --memory 64
mistake 'bash, zsh or fish' completion tcsh
like "usage is the command's own" "$(t show 2>&1)" '^usage: tokenvault show PROVIDER'

# Where the vault is.
for way in "--vault work" "-v work"; do
	# shellcheck disable=SC2086
	like "$way" "$(t $way status)" "$XDG_DATA_HOME/tokenvault/work.vault\$"
done
like "a path has a slash" "$(t --vault ./x.vault status)" "$SANDBOX/tmp/./x.vault\$"
like "TOKENVAULT_FILE" "$(TOKENVAULT_FILE=y.vault t status)" "$SANDBOX/tmp/y.vault\$"
like "--vault comes before it" "$(TOKENVAULT_FILE=y.vault t -v work status)" "work.vault\$"
like "a relative XDG directory is ignored" "$(XDG_DATA_HOME=data t status)" \
	"$HOME/.local/share/tokenvault/default.vault\$"
check_exit 2 "a name is no file's name" t --vault work.vault status
like "the path is named" "$ERR" '\./work\.vault'
check_exit 2 "a name with a dot first" t --vault .. status

# Help fits a screen; the manual has what help has. Both come from the same tables.
manual=$ROOT/cli/tokenvault.1
if command -v man >/dev/null; then
	same "the manual is clean" "$(man --warnings -E UTF-8 -l -Tutf8 -Z "$manual" 2>&1 >/dev/null)" ""
else
	skip "the manual is clean" "man is not installed"
fi
# As text: \- is a dash, fonts go.
sed 's/\\f[A-Z]//g; s/\\-/-/g; s/"//g; s/ , /, /g' "$manual" >"$SANDBOX/manual"

# in_manual WHAT TEXT: it is in there as a word of its own.
in_manual() {
	check "$1" grep -qE -- "(^|[^-A-Za-z0-9])$2([^-A-Za-z0-9]|\$)" "$SANDBOX/manual"
}

# fits COMMAND …: its help is a screen of 80 by 24, and all its options are in the manual.
fits() {
	check_exit 0 "$* --help" t "$@" --help
	check "$* --help has at most 23 lines" test "$(printf '%s\n' "$OUT" | wc -l)" -le 23
	check "$* --help has at most 80 columns" test "$(printf '%s\n' "$OUT" | wc -L)" -le 80
	for option in $(printf '%s\n' "$OUT" | sed -nE 's/^  (-.,|   ) (--[a-z-]+).*/\2/p'); do
		in_manual "the manual has $* $option" "$option"
	done
	for letter in $(printf '%s\n' "$OUT" | sed -nE 's/^  (-.), (--[a-z-]+).*/\1/p'); do
		in_manual "the manual has $* $letter" "$letter"
	done
}
fits
for option in vault passphrase-fd keyfile json quiet accept-rollback help version; do
	like "help has --$option" "$OUT" "--$option"
done
commands=$(sed -n 's/^TV_COMMAND(\(.*\))$/\1/p' "$ROOT/cli/commands.def")
overview=$OUT
for command in $commands; do
	like "help has $command" "$overview" "  $command "
	in_manual "the manual has $command" "$command"
	fits "$command"
	like "its usage comes first" "$(printf '%s' "$OUT" | head -n 1)" "^usage: tokenvault $command"
done
for part in add device list remove; do
	fits key $part
	in_manual "the manual has key $part" "key $part"
done
for part in list show check; do
	fits provider $part
	in_manual "the manual has provider $part" "provider $part"
done
for part in pass dotenv keepassxc 1password tokenvault; do
	in_manual "the manual has import $part" "import $part"
done
sed -n 's/^TV_STATUS([A-Z_]*, \([0-9]*\), [A-Z]*, "\(.*\)")$/\1 \2/p' "$ROOT/vault/status.def" \
	>"$SANDBOX/statuses"
check "there are statuses" test "$(wc -l <"$SANDBOX/statuses")" -gt 20
while read -r code sentence; do
	check "the manual has $code: $sentence" sh -c \
		'grep -A1 -x ".B $1" "$3" | tail -n 1 | tr ";" "\n" | sed "s/^ //" | grep -qxF "$2"' \
		sh "$code" "$sentence" "$manual"
done <"$SANDBOX/statuses"
same "--help beats what else is wrong" "$(t show --help | head -n 1)" "usage: tokenvault show PROVIDER[/LABEL]"
like "--version" "$(t --version)" '^tokenvault [0-9]+\.[0-9]+\.[0-9]+$'
like "the manual is of this version" "$(head -n 1 "$manual")" "\"$(t --version)\""

# Completion, as bash makes it.
if command -v bash >/dev/null; then
	t completion bash >"$SANDBOX/completion"
	# completes LINE WANTED: after LINE, the words that begin as its last one.
	completes() {
		same "completion of '$1'" "$(bash -c '
			source "$1"
			COMP_WORDS=($2)
			[[ $2 != *" " ]] || COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			_tokenvault
			echo "${COMPREPLY[@]}"' bash "$SANDBOX/completion" "$1")" "$2"
	}
	completes 'tokenvault un' 'undo unmount unlock'
	completes 'tokenvault --vault un' ''
	completes 'tokenvault --vault x un' 'undo unmount unlock'
	completes 'tokenvault --json key ' "add device list remove$({
		t --help | sed -nE 's/^  (-.,|   ) (--[a-z-]+).*/\2/p'
		t --help | sed -nE 's/^  (-.,|   ) --.* (--[a-z-]+) .*/\2/p'
	} | tr '\n' ' ' | sed 's/^/ /; s/ $//')"
	completes 'tokenvault key add --l' '--label'
	completes 'tokenvault add azion --not' '--note'
	completes 'tokenvault list --n' ''
else
	skip "completion" "bash is not installed"
fi
for shell in zsh fish; do
	check_exit 0 "completion $shell" t completion $shell
	for command in $commands; do
		like "$shell has $command" "$OUT" "[ '\"]$command[ '\"]"
	done
	! command -v $shell >/dev/null || {
		printf '%s\n' "$OUT" >"$SANDBOX/completion"
		check "$shell understands it" $shell -n "$SANDBOX/completion"
	}
done
finish
