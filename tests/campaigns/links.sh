# Links where our files go: at every path that the programs create, change, rename or remove (strace tells which) there is
# beforehand, or once files are mounted, a link to a file or a directory elsewhere, to nothing, a second name of a file
# elsewhere, or a directory that was renamed with a link in its place. Nothing elsewhere is touched. In the control the
# programs follow links, and the journal is written under whatever names it has.
# Controls: follow
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
. "$TESTS/patched.sh"
sandbox
need_fuse
command -v strace >/dev/null || skip_all "strace is not installed"
seconds=3
only=
[ -z "${TV_MINUTES:-}" ] || seconds=$((TV_MINUTES * 60))
if [ "${TV_CONTROL:-}" = follow ]; then
	seconds=4
	only='default.mounts'
	patched "$TV_BUILD" fusefs/tokenvault-fs "$BIN/tokenvault-fs" fusefs/journal.c \
		's/ | O_NOFOLLOW//; s/ && st.st_nlink == 1//; s/O_CREAT | O_EXCL/O_CREAT/; s/^	unlink(temp);//'
fi
cp "$TESTS/campaigns/links.py" "$BIN/"
chmod 755 "$BIN"/*
export SANDBOX
# shellcheck disable=SC2086
"$PYTHON" "$BIN/links.py" "$seconds" $only >"$SANDBOX/said" 2>"$SANDBOX/err"
expected=0
[ -z "${TV_CONTROL:-}" ] || expected=1
while IFS= read -r line; do
	case $line in
	'ok '*) ok "${line#ok }" ;;
	'not ok '*) [ -n "${TV_CONTROL:-}" ] || not_ok "${line#not ok }" ;;
	'# tried '*) printf '%s\n' "$line" | sed "s/expected 0/expected $expected/" ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$SANDBOX/said"
if grep -q '^# tried [1-9]' "$SANDBOX/said"; then
	ok "links.py came to its end"
else
	not_ok "links.py came to its end" "$(tail -n 5 "$SANDBOX/err")"
fi
finish
