# Sourced by the mount tests after lib.sh: a vault with two entries of each service, and what the
# tests ask of mounted files again and again.

API7_CI=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjaSIsImlzcyI6ImFwaTciLCJleHAiOjQxMDI0NDQ4MDB9.GxWIOfiqM56Ju1CxYD6Q7Gjg_VVl_hCnyzJyn933Bwo
API7_PROD=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJwcm9kIiwiaXNzIjoiYXBpNyIsImV4cCI6NDEwMjQ0NDgwMH0.Z1SvljKidF6FwpPlqsCGM3DZvTMwuZOMAMrf0hUifXc
AZION=u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzd
AZION_WORK=ocJ2isAjIhKtJ0RlgLKOmxgJTeKdNnFRIBXuDL7D
CHOREO=xtpYlSXpfKtHF4vUCsMehGAkWvj7FAc9QeWJKY40
CHOREO_EU=uvSwMFLZDe1f8rESQedUStPKR0CsTy4Qwb8DwkNh

# add ENTRY TOKEN [OPTION …]
add() {
	entry=$1
	token=$2
	shift 2
	printf '%s\n' "$token" | tv add --no-verify "$entry" "$@"
}

# From then on tv opens the vault by $key, for which nothing has to be derived.
by_keyfile() {
	key=$HOME/key
	tv() {
		as_user "$BIN/tokenvault" --quiet --keyfile "$key" "$@"
	}
}

add_all() {
	add api7/ci "$API7_CI" && add api7/prod "$API7_PROD" &&
		add azion "$AZION" && add azion/work "$AZION_WORK" &&
		add choreo "$CHOREO" && add choreo/eu "$CHOREO_EU"
}

# Bytes out of the middle of each secret: what no place may hold that is not meant to. A file, so
# that no command line holds them either.
write_needles() {
	for token in "$API7_CI" "$API7_PROD" "$AZION" "$AZION_WORK" "$CHOREO" "$CHOREO_EU"; do
		printf '%s\n' "$token" | rev | cut -c 9-30 | rev
	done >"$SANDBOX/needles"
	chmod 644 "$SANDBOX/needles"
}

# Starts everything that most tests need: a sandbox with a mounted vault.
mounted_vault() {
	sandbox
	need_fuse
	cp "$TESTS"/mount/*.py "$BIN/"
	chmod 755 "$BIN"/*
	write_needles
	check "init" make_vault
	check "add two entries of each service" add_all
	[ $# -gt 0 ] || return 0
	check "mount" tv mount
	[ "$n_failed" = 0 ] || finish
}

# bytes_are PATH: the file has exactly the bytes of standard input.
bytes_are() {
	cat >"$SANDBOX/want"
	as_user cat "$1" >"$SANDBOX/got" 2>"$SANDBOX/err" || :
	if cmp -s "$SANDBOX/want" "$SANDBOX/got"; then
		ok "bytes of ${1#"$SANDBOX/"}"
	else
		not_ok "bytes of ${1#"$SANDBOX/"}" "$(diff "$SANDBOX/want" "$SANDBOX/got")" \
			"$(cat "$SANDBOX/err")"
	fi
}

# reads PATH TEXT: the same for one line. A pipe into bytes_are would count in a subshell.
reads() {
	printf '%s\n' "$2" >"$SANDBOX/line"
	bytes_are "$1" <"$SANDBOX/line"
}

# A plain owner's file to every stat: type, mode, owner, links, and as many bytes as can be read.
looks_plain() {
	bytes=$(as_user cat "$1" | wc -c)
	owner=65534
	is_root || owner=$(id -u)
	same "stat of ${1#"$SANDBOX/"}" "$(as_user stat -c '%F %a %u %h %s' "$1")" \
		"regular file 400 $owner 1 $bytes"
}

# from_helper COMMAND …: counts the lines `ok WHAT` and `not ok WHAT` that a helper prints.
from_helper() {
	"$@" >"$SANDBOX/said" 2>"$SANDBOX/err" && code=0 || code=$?
	counted=0
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "${line#ok }" ;;
		'not ok '*) not_ok "${line#not ok }" ;;
		*) continue ;;
		esac
		counted=$((counted + 1))
	done <"$SANDBOX/said"
	if [ "$code" != 0 ] || [ "$counted" = 0 ]; then
		not_ok "helper $2" "exit $code" "$(cat "$SANDBOX/said" "$SANDBOX/err")"
	fi
}

# The in-place files that status reports as mounted.
mounted_paths() {
	status_of views | awk -F'\t' '$4 == 1 { print $1 }' | grep "^$HOME/"
}

none_mounted() {
	[ -z "$(sandbox_mounts)" ]
}

# Everything in HOME but where the program keeps its own, without looking into mounts.
home_listing() {
	as_user find "$HOME" -path "$HOME/.local" -prune -o -printf '%P %y %m %s\n' | sort
}
