# Sourced by the tests of adopt, after lib.sh and mount/vault.sh in a sandbox: a vault that a keyfile opens.
head -c 64 /dev/urandom >"$SANDBOX/home.key"
chmod 644 "$SANDBOX/home.key"

# k COMMAND …: tokenvault with the keyfile, which takes no time.
k() {
	as_user "$BIN/tokenvault" --keyfile "$SANDBOX/home.key" "$@"
}
adopt() {
	k adopt --no-verify --no-mount "$@"
}
# put PATH: standard input, as the user's file below HOME.
put() {
	as_user sh -c 'mkdir -p "${1%/*}" && cat >"$1"' sh "$HOME/$1"
}
# afresh: an empty HOME with an empty vault.
afresh() {
	find "$HOME" -mindepth 1 -delete
	k init >/dev/null 2>&1 || not_ok "init"
}
# has ENTRY TOKEN
has() {
	same "the vault has $1" "$(k show "$1")" "$2"
}
gone() {
	same "$1 is gone" "$(ls -d "$HOME/$1" 2>/dev/null)" ""
}
