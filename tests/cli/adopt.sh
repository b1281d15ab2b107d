# Adopting plaintext files without mounting: every definition's files there and back, what is left alone and
# why, labels that are taken, files that change meanwhile, and what an earlier run left; release's rules.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
write_needles
cp "$TESTS/cli/adopt.py" "$BIN/"
cp -r "$TESTS/vectors/providers" "$SANDBOX/vectors"
cp -r "$ROOT/vault/providers" "$SANDBOX/definitions"
chmod -R a+rX "$BIN" "$SANDBOX/vectors" "$SANDBOX/definitions"
from_helper as_user "$PYTHON" "$BIN/adopt.py" "$BIN/tokenvault" "$SANDBOX/vectors" \
	"$SANDBOX/definitions" "$TMPDIR/each"

. "$TESTS/cli/adopting.sh"
settings() {
	printf "Token = '%s'\nEmail = 'me@example.com'\n" "$1"
}
SETTINGS=.azion/default/settings.toml

# ---- nothing there
afresh
check_exit 0 "nothing to adopt" adopt
like "is said" "$ERR" 'no plaintext file'
check_exit 4 "a service that is none" adopt nope

# ---- a dry run
settings "$AZION" | put $SETTINGS
printf '%s' "$AZION" | put .azion/credentials
listing() {
	as_user sh -c 'cd && find . -type f -exec sha256sum {} + 2>/dev/null | sort
		find . -path ./.local/state/tokenvault -prune -o -printf "%p %m %T@\n" | sort'
}
listing >"$SANDBOX/before"
check_exit 0 "a dry run, without any key" as_user "$BIN/tokenvault" adopt --dry-run
listing >"$SANDBOX/after"
same "changes nothing" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
tab=$(printf '\t')
like "lists path, entry and state" "$OUT" "^$HOME/${SETTINGS}${tab}azion/default${tab}found\$"
like "and the older version's file" "$OUT" "^$HOME/\.azion/credentials${tab}azion/default${tab}found\$"
like "says who, and which fields" "$ERR" 'me@example\.com; with email'
same "shows no token" "$(printf '%s' "$OUT$ERR" | grep -cFf "$SANDBOX/needles")" 0
check_exit 0 "the same as JSON" as_user "$BIN/tokenvault" adopt --dry-run --json --quiet
same "is JSON without a token" "$(printf '%s' "$OUT" | "$PYTHON" -c 'import json, sys
print(sorted((r["label"], r["state"], *r["fields"]) for r in json.load(sys.stdin)))')" \
	"[('default', 'found'), ('default', 'found', 'email')]"

# ---- kept, then replaced
check_exit 0 "--keep" adopt --keep
like "says that the plaintext is still there" "$ERR" 'still has its tokens in plain text'
same "it is" "$(cat "$HOME/$SETTINGS")" "$(settings "$AZION")"
has azion/default "$AZION"
check_exit 0 "once more, to replace them" adopt
like "the vault's entries are used" "$ERR" 'in the vault already'
like "rotating is named" "$ERR" 'tokenvault rotate azion/default'
same "no further entry was made" "$(k list --json | grep -c '"label"')" 1
gone $SETTINGS
gone .azion/credentials
same "the older version's file is on now" "$(k view list azion | grep -c '^azion/credentials  *on ')" 1

# ---- a label that is another token's
settings "$CHOREO" | put $SETTINGS
check_exit 12 "another token under a label that is taken" adopt
like "is said" "$ERR" 'azion/default is another token, so this one is called default-2'
like "and that the path is the other one's" "$ERR" 'and the mounted file would show azion/default;'
has azion/default "$AZION"
has azion/default-2 "$CHOREO"
same "the file is as it was" "$(cat "$HOME/$SETTINGS")" "$(settings "$CHOREO")"

# ---- profiles, the one in use, and two versions of one tool
afresh
put .api7cloud/config <<END
default_profile: prod
profiles:
    - name: prod
      address: https://api.api7.cloud
      user: {access_token: "$API7_PROD"} # a comment is no loss
    - name: odd-name
      address: https://api.example.com
      user:
        access_token: $API7_CI
END
printf 'user:\n    access_token: %s\n' "$API7_PROD" | put .api7cloud/credentials
check_exit 0 "two profiles, and an older version's file with one of their tokens" adopt
like "a name becomes a label" "$OUT" 'api7/odd-name'
same "one entry for each token" "$(k list --json | grep -c '"label"')" 2
has api7 "$API7_PROD"
same "the file's is in use" "$(k list | awk '$3 == "yes" { print $2 }')" prod
like "a field comes along" "$(k show api7/odd-name --json)" '"address":.*https://api.example.com'
gone .api7cloud/config
gone .api7cloud/credentials

# ---- what the mounted file would not say
afresh
put .azion/default/settings.toml <<END
Token = '$AZION'
LastCheck = 2024-01-01T00:00:00Z
[Own]
Setting = 'S3cretSetting'
END
check_exit 12 "a file that says more" adopt
like "names what would be lost" "$ERR" 'also has /Own'
same "but not its value" "$(printf '%s' "$ERR$OUT" | grep -c S3cretSetting)" 0
like "the file is as it was" "$(cat "$HOME/$SETTINGS")" 'S3cretSetting'
same "nothing is stored" "$(k list --json | grep -c '"label"')" 0
check_exit 0 "--keep takes its token" adopt --keep
has azion/default "$AZION"

# ---- things that are no plain file of the user's own
afresh
settings "$AZION" | put elsewhere
as_user mkdir -p "$HOME/.azion/default" "$HOME/.choreo" "$HOME/.api7cloud/config"
as_user ln -s ../../elsewhere "$HOME/$SETTINGS"
as_user mkfifo "$HOME/.choreo/token"
printf 'user:\n    access_token: %s\n' "$API7_CI" | put .api7cloud/credentials
as_user ln "$HOME/.api7cloud/credentials" "$HOME/second-name"
printf '%s' "$AZION" | put .azion/credentials
as_user chmod 000 "$HOME/.azion/credentials"
head -c 1100000 /dev/zero | tr '\0' 'x' | put .azion/vulcan.env
listing >"$SANDBOX/before"
check_exit 12 "a link, a directory, a pipe, a second name, an unreadable and a large file" adopt
listing >"$SANDBOX/after"
same "all are as they were" "$(diff "$SANDBOX/before" "$SANDBOX/after")" ""
like "where the link leads" "$ERR" 'settings\.toml is a symbolic link to \.\./\.\./elsewhere'
like "the directory" "$ERR" 'config is a directory'
like "the pipe" "$ERR" 'choreo/token is not a plain file'
like "the second name" "$ERR" 'credentials has other names'
like "the unreadable one" "$ERR" 'azion/credentials can.t be read: Permission denied'
like "the large one" "$ERR" 'vulcan\.env is larger than 1 MiB'
same "nothing is stored" "$(k list --json | grep -c '"label"')" 0
if is_root; then
	afresh
	settings "$AZION" | put $SETTINGS
	chown 1:65534 "$HOME/$SETTINGS"
	chmod 666 "$HOME/$SETTINGS"
	check_exit 12 "somebody else's file" adopt
	like "is said" "$ERR" 'belongs to another user'
else
	skip "somebody else's file" "needs root"
fi
afresh
echo 'Token = "unfinished' | put $SETTINGS
check_exit 12 "a file that is broken" adopt
like "names the line" "$ERR" 'line 1'
same "not what stands there" "$(printf '%s' "$ERR" | grep -c unfinished)" 0
afresh
put .config/tokenvault/providers/plain.json <<'END'
{
	"name": "plain", "title": "Plain",
	"files": [{"name": "f", "path": ".plain", "shows": "in-use", "escape": "none", "template": ["{{token}}"]}]
}
END
echo "$CHOREO" | put .plain
check_exit 0 "a file that no rule takes apart" adopt
like "is said, and what to do" "$ERR" "\.plain can't be taken apart.*tokenvault add plain"
afresh
settings "" | put $SETTINGS
check_exit 12 "a file without a token" adopt
like "says so" "$ERR" 'no token in it'
afresh
settings "$AZION" | put $SETTINGS
as_user chmod 777 "$HOME/.azion"
check_exit 0 "a directory that others can write to" adopt
like "is told" "$ERR" 'others can write to .*/\.azion,'
gone $SETTINGS

# ---- a read-only file, and one that is open elsewhere
afresh
settings "$AZION" | put $SETTINGS
as_user chmod 400 "$HOME/$SETTINGS"
check_exit 0 "a read-only file" adopt
gone $SETTINGS
settings "$AZION" | put $SETTINGS
exec 8<"$HOME/$SETTINGS"
check_exit 14 "a file that another program has open" adopt
exec 8<&-
same "is as it was" "$(cat "$HOME/$SETTINGS")" "$(settings "$AZION")"
like "that its token is stored is said" "$ERR" 'open in another program; left alone; its token is in the vault'
like "with state" "$OUT" 'kept$'
same "each file is described once" "$(printf '%s\n' "$ERR" | grep -c 'a token of Azion')" 1
check_exit 0 "once it is closed" adopt
gone $SETTINGS

# ---- changed while adopt is at work: held up where it stores, by the vault's lock
afresh
meanwhile() {
	settings "$AZION" | put $SETTINGS
	exec 8>"$XDG_DATA_HOME/tokenvault/.default.vault.lock"
	flock 8
	(exec 8>&- && adopt) >"$SANDBOX/out" 2>"$SANDBOX/err" &
	waits() {
		grep -q 'a token of Azion' "$SANDBOX/err"
	}
	wait_for 10 waits || not_ok "adopt gets as far as the lock"
	sleep 0.2
	"$@"
	exec 8>&-
	wait $! && code=0 || code=$?
	ERR=$(cat "$SANDBOX/err")
}
new_token() {
	settings "$AZION_WORK" | put $SETTINGS
}
meanwhile new_token
same "a token that was changed meanwhile" "$code" 12
has azion/default "$AZION"
has azion/default-2 "$AZION_WORK"
same "is there" "$(cat "$HOME/$SETTINGS")" "$(settings "$AZION_WORK")"
afresh
more_settings() {
	printf "[More]\nx = 1\n" >>"$HOME/$SETTINGS"
}
meanwhile more_settings
same "settings that came meanwhile" "$code" 12
like "are there" "$(cat "$HOME/$SETTINGS")" 'More'
has azion/default "$AZION"

# ---- replaced while the old one is taken away: a tool writes a new file and renames it into place
afresh
if is_root && [ -z "${TV_SANITIZED:-}" ] && command -v strace >/dev/null; then
	settings "$AZION" | put $SETTINGS
	settings "$AZION_WORK" | put .azion/default/new
	# The first two are the vault's.
	as_user strace -f -o "$SANDBOX/tmp/trace" -e trace=renameat2 \
		-e inject=renameat2:delay_enter=1500000:when=3 "$BIN/tokenvault" \
		--keyfile "$SANDBOX/home.key" adopt --no-verify --no-mount \
		>"$SANDBOX/out" 2>"$SANDBOX/err" &
	is_zeroed() {
		[ "$(head -c 1 "$HOME/$SETTINGS" | od -An -tx1)" = ' 00' ]
	}
	wait_for 10 is_zeroed || not_ok "the old one is overwritten"
	sleep 0.3
	as_user mv "$HOME/.azion/default/new" "$HOME/$SETTINGS"
	wait $!
	has azion/default "$AZION"
	same "the new one is there" "$(cat "$HOME/$SETTINGS")" "$(settings "$AZION_WORK")"
	same "and nothing beside it" "$(ls -A "$HOME/.azion/default")" settings.toml
else
	skip "a file that is replaced while the old one is taken away" "needs root and strace"
fi

# ---- what a killed one left
afresh
head -c 100 /dev/zero | put $SETTINGS
{ head -c 8192 /dev/zero && echo "rest = 'of it'"; } | put .azion/staging/settings.toml
check_exit 0 "files of zeros" adopt
like "are said" "$ERR" 'nothing but zeros'
gone $SETTINGS
gone .azion/staging/settings.toml

# ---- a definition of one's own
afresh
put .config/tokenvault/providers/tool.json <<'END'
{
	"name": "tool", "title": "Tool", "fields": {"host": {"about": "its host"}},
	"files": [
		{
			"name": "hosts", "path": ".tool/hosts-{{label}}.json", "shows": "each", "escape": "json",
			"adopt": {"format": "json", "token": "/t", "fields": {"host": "/h"}, "ignored": ["/x/*/y"]},
			"template": ["{\"t\": {{token}}, \"h\": {{host}}}"]
		}
	]
}
END
echo "{\"t\": \"$CHOREO\", \"h\": \"a.example\", \"x\": [{\"y\": 1}, {\"y\": 2}]}" | put .tool/hosts-one.json
echo "{\"t\": \"$CHOREO_EU\", \"h\": \"b.example\", \"x\": [{\"y\": 1, \"z\": 2}]}" | put .tool/hosts-two.json
echo '{}' | put '.tool/hosts-no label.json'
check_exit 12 "a definition of one's own, with labels in its files' names" adopt tool
has tool/one "$CHOREO"
gone .tool/hosts-one.json
like "what may be lost is, the rest not" "$ERR" 'hosts-two\.json also has /x,'
same "what is no label is no file of it" "$(printf '%s' "$ERR$OUT" | grep -c 'no label')" 0

# ---- release
afresh
settings "$AZION" | put $SETTINGS
settings "$AZION_WORK" | put .azion/work/settings.toml
adopt >/dev/null 2>&1 || not_ok "adopt"
check_exit 2 "release wants to know what" k release
check_exit 2 "and to be told, where it can't ask" as_user setsid "$BIN/tokenvault" --keyfile \
	"$SANDBOX/home.key" release azion
check_exit 4 "a label that is none" k release azion/nope --yes
echo mine | put .azion/work/settings.toml
check_exit 12 "release with a file in the way" k release --all --yes
gone $SETTINGS
same "the file is as it was" "$(cat "$HOME/.azion/work/settings.toml")" mine
rm "$HOME/.azion/work/settings.toml"
# answer WORD: release at a terminal, where a person answers that.
cat >"$BIN/answer.py" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if not pid:
    os.execv(sys.argv[2], sys.argv[2:])
said = b""
while b"[y/N] " not in said:
    said += os.read(fd, 1024)
os.write(fd, sys.argv[1].encode() + b"\n")
try:
    while os.read(fd, 1024):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
chmod 644 "$BIN/answer.py"
answer() {
	as_user timeout 20 "$PYTHON" "$BIN/answer.py" "$1" "$BIN/tokenvault" --keyfile "$SANDBOX/home.key" \
		release azion/default
}
check_exit 8 "release asks, and no means no" answer n
gone $SETTINGS
check_exit 0 "yes means yes" answer y
like "the file is there" "$(cat "$HOME/$SETTINGS")" "Token = '$AZION'"
adopt >/dev/null 2>&1 || not_ok "adopt"
check_exit 0 "release one entry" k release azion/work --yes
like "its path is printed" "$OUT" "^$HOME/\.azion/work/settings\.toml${tab}azion/work\$"
like "its file is there" "$(cat "$HOME/.azion/work/settings.toml")" "Token = '$AZION_WORK'"
same "for its owner only" "$(stat -c %a "$HOME/.azion/work/settings.toml")" 600
gone $SETTINGS
has azion/work "$AZION_WORK"
check_exit 0 "release all" k release --all --yes --json
same "as JSON, without tokens" "$(printf '%s' "$OUT" | grep -cFf "$SANDBOX/needles")" 0
like "its file is there" "$(cat "$HOME/$SETTINGS")" "Token = '$AZION'"
check_exit 4 "nothing is left to release" k release --all --yes
check_exit 0 "adopt" adopt
as_user sh -c 'umask 577 && : >"$1"' sh "$HOME/$SETTINGS"
check_exit 0 "release where a killed adopt left a placeholder" k release --all --yes
like "its file is there" "$(cat "$HOME/$SETTINGS")" "Token = '$AZION'"
check_exit 0 "adopt takes them back" adopt
gone $SETTINGS
same "and has them mounted again" "$(k view list azion | grep -c '^azion/settings.toml  *off ')" 0
finish
