# One vault has one server, however it is named: by its name, by its path, by links to it, and in a directory that links
# lead to.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse

data=$XDG_DATA_HOME/tokenvault
elsewhere=$HOME/elsewhere

# The server that is there for a vault by this name.
server_of() {
	tv --vault "$1" status --json | "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin).get("server_pid") or "")'
}

# WHAT NAME OTHER…: the server that NAME has is that of all others.
is_one() {
	what=$1
	name=$2
	shift 2
	check "$what: mount" tv --vault "$name" mount azion
	pid=$(server_of "$name")
	same "$what: there is a server" "${pid:+yes}" yes
	for other; do
		same "$what: the same by ${other#"$SANDBOX"}" "$(server_of "$other")" "$pid"
	done
	check "$what: unmount" tv --vault "$1" unmount
}

make() {
	tv --vault "$1" init --memory 64 --passes 1 </dev/null
}

check "a vault" make plain
is_one "a name" plain "$data/plain.vault" "$data/../tokenvault/plain.vault" "$data//plain.vault"

longest=$(printf '%031d' 1)
check "a vault with a name of 31 characters" make "$longest"
is_one "31 characters" "$longest" "$data/$longest.vault"
check "a vault with a name of 32 characters" make "${longest}2"
is_one "32 characters" "${longest}2" "$data/${longest}2.vault"

check "a vault elsewhere" as_user sh -c 'mkdir "$1" && cp "$2" "$1/kept.vault" && ln -s "$1/kept.vault" "$3"' \
	sh "$elsewhere" "$data/plain.vault" "$data/linked.vault"
is_one "a link" linked "$elsewhere/kept.vault" "$data/linked.vault"

check "a directory that is a link" as_user sh -c 'mv "$1" "$2" && ln -s "$2" "$1"' sh "$XDG_DATA_HOME" "$HOME/data"
is_one "a linked directory" plain "$HOME/data/tokenvault/plain.vault" "$data/plain.vault"
is_one "a link, in a linked directory" linked "$elsewhere/kept.vault"
finish
