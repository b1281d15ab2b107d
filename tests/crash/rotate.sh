# SIGKILL before each system call of a rotation: the mounted file always shows a token that the service
# accepts, and the next rotation leaves nothing behind. rotate.sh [KILLS]; 0 or TV_LONG: all of them.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/service/lib.sh"
command -v strace >/dev/null || skip_all "strace is not installed"
kills=${1:-12}
[ -z "${TV_LONG:-}" ] || kills=0
KILLS=${KILLS:-$kills}
# A sanitizer can't look for leaks in a process that strace looks at.
export ASAN_OPTIONS=detect_leaks=0
export KILLS
# A private network of a normal user is one in which fusermount3 is nobody.
is_root || skip_all "only root can have a private network to mount in"
need_service asks.example
sandbox
need_fuse
cp "$TESTS/service/azion.py" "$TESTS/crash/rotate.py" "$BIN/" && chmod 755 "$BIN"/*
FIRST=u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzd
FOREIGN=ocJ2isAjIhKtJ0RlgLKOmxgJTeKdNnFRIBXuDL7D
service_accepts azion "$FIRST first-id first" "$FOREIGN foreign-id foreign"
key=$HOME/key
check "init" make_vault --keyfile "$key"
check "trust the service" use_service
echo "$FIRST" >"$SANDBOX/token"
check "add" tv add azion --field uuid=first-id --expires 30d <"$SANDBOX/token"
check "mount" tv mount azion
[ "$n_failed" = 0 ] || finish
as_user "$PYTHON" "$BIN/rotate.py" "$BIN/tokenvault" "$key" "$HOME/.azion/default/settings.toml" "$FOREIGN" \
	"$KILLS" >"$SANDBOX/said" 2>&1
while IFS= read -r line; do
	case $line in
	'ok '*) ok "${line#ok }" ;;
	'not ok '*) not_ok "${line#not ok }" ;;
	*) echo "# $line" ;;
	esac
done <"$SANDBOX/said"
[ "$n_checks" -gt 6 ] || not_ok "rotate.py made its checks" "$(cat "$SANDBOX/said")"
check "unmount" tv unmount
finish
