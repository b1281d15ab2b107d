# The status screen: what it says of a vault that is open, locked and nowhere, in columns that fit; first of statuses
# that are made up, then of a real server's.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
need_fuse
cp "$TV_BUILD/tests/screen_drive" "$BIN/" && chmod 755 "$BIN/screen_drive"
export TZ=UTC
now=1800000000

# screen_of JSON: members that are not in it are as in a quiet, open vault.
screen_of() {
	"$PYTHON" -c '
import json, sys
now = int(sys.argv[1])
view = {"provider": "azion", "label": "default", "mounted": True, "detail": None, "expires": None}
given = eval(sys.argv[2], {"now": now, "home": "/home/u"})
status = {"vault": "/home/u/.local/share/tokenvault/default.vault", "locked": False, "since": now - 7200,
          "locked_by": None, "locks_at": None, "locks_by": None, "locks_on": [], "server_pid": 4711,
          "memory_locked": True, "generation": 3, "tree": "/run/user/1000/tokenvault/default", "detail": None,
          "views": [], "expiring": []}
status.update(given)
status["views"] = [{**view, **v} for v in status["views"]]
json.dump(status, sys.stdout)' "$now" "$1" >"$SANDBOX/status.json"
	"$BIN/screen_drive" /home/u "$now" <"$SANDBOX/status.json" >"$SANDBOX/screen"
	SCREEN=$(cat "$SANDBOX/screen")
}

# fits COLUMNS
fits() {
	check "no line has more than $1 columns" test "$(wc -L <"$SANDBOX/screen")" -le "$1"
}

screen_of '{}'
same "a quiet vault" "$SCREEN" "vault      /home/u/.local/share/tokenvault/default.vault
state      unlocked for 2 hours, since 06:00
locks      when told to; see: tokenvault setting set --help
server     process 4711
directory  /run/user/1000/tokenvault/default"
screen_of '{"locks_at": now + 720, "locks_by": "idle", "locks_on": ["sleep", "screen"], "since": now - 180000}'
like "since when, with the day" "$SCREEN" '^state +unlocked for 2 days, since 2027-01-13 06:00$'
like "when it locks, and why" "$SCREEN" '^locks +in 12 minutes unless used \(lock_idle\); before sleep; with the screen$'
screen_of '{"locks_at": now + 30000, "locks_by": "after"}'
like "by the other setting" "$SCREEN" '^locks +in 8 hours \(lock_after\)$'
for cause in 'idle:not used \(lock_idle' 'after:open too long \(lock_after' 'sleep:went to sleep' \
	'screen:with the screen' 'key:its key was changed'; do
	screen_of "{'locked': True, 'locked_by': '${cause%%:*}', 'expiring': None}"
	like "locked by ${cause%%:*}" "$SCREEN" "^state +locked for 2 hours, since 06:00: .*${cause#*:}"
done
same "nothing is said of locking it" "$(printf '%s\n' "$SCREEN" | grep -c '^locks')" 0

screen_of '{"prompt": {"on": True, "waiting": 0, "pause": 0, "last": None}}'
like "that it asks" "$SCREEN" '^asks +you, when a file of the locked vault is opened$'
screen_of '{"prompt": {"on": True, "waiting": 2, "pause": 0, "last": None}}'
like "that it does just now" "$SCREEN" '^asks +you, for 2 who wait$'
screen_of '{"prompt": {"on": True, "waiting": 0, "pause": 12, "last": "REFUSED"}}'
like "that it did in vain" "$SCREEN" '^asks +nobody for 12 s more: refused by rule, when it did last$'

files='"views": [
	{"path": home + "/.azion/default/settings.toml", "expires": now + 29 * 86400,
	 "last": {"at": now - 130, "program": "/usr/local/bin/azion", "script": None, "pid": 12}},
	{"path": home + "/.npmrc", "provider": "npm", "expires": now - 86400, "detail": "npm/default expired on …",
	 "last": {"at": now - 3 * 86400, "program": "/usr/bin/node", "script": "/usr/bin/npm-cli.js", "pid": 13}},
	{"path": home + "/.choreo/token", "provider": "choreo", "label": "eu", "mounted": False, "last": None,
	 "detail": home + "/.choreo/token; tokenvault adopt takes it in"},
	{"path": home + "/.netrc", "provider": "netrc", "expires": now + 10**9},
	{"path": home + "/x", "provider": "cargo", "expires": now + 40 * 60, "detail": "moved to " + home + "/y/x"}],
	"expiring": [{"provider": "npm", "label": "default", "expires": now - 86400},
	             {"provider": "cargo", "label": "default", "expires": now + 2400}]'
screen_of "{$files}"
same "files: entry, expiry, last reader; then what is wrong" "$(sed 1,5d "$SANDBOX/screen")" "
FILE                        ENTRY          EXPIRES        LAST READ
~/.azion…ult/settings.toml  azion/default  in 29 days     2 min ago, azion
~/.npmrc                    npm/default    expired        3 days ago, npm-cli.js
~/.choreo/token             choreo/eu      never          not mounted
~/.netrc                    netrc/default  2058-09-23     -
~/x                         cargo/default  in 40 minutes  -

expiring   npm/default expired 24 hours ago; tokenvault rotate npm/default
expiring   cargo/default expires in less than an hour; tokenvault rotate
           cargo/default
problem    ~/.choreo/token is not mounted: a file is in the way; tokenvault
           adopt takes it in
problem    ~/x moved to ~/y/x; tokenvault doctor --fix mounts it where it was"
fits 80
screen_of "{$files, 'locked': True, 'expiring': None}"
like "while it is locked, what expires is known of the files" "$SCREEN" '^expiring +npm/default expired'
screen_of '{"locked": True, "expiring": None, "views": [
	{"path": home + "/a", "expires": now + 86400}, {"path": home + "/b", "expires": now + 86400}]}'
same "once for each entry" "$(grep -c '^expiring' "$SANDBOX/screen")" 1
screen_of "{$files, 'locked': True, 'expiring': None}"
like "and they are there" "$SCREEN" '^~/.npmrc +npm/default +expired'

# Long names, wide characters, no line that breaks the screen.
screen_of '{"vault": "/home/u/" + "long/" * 40 + "x.vault", "tree": "/run/" + "long/" * 40, "memory_locked": False,
	"detail": "the file is damaged", "views": [
	{"path": home + "/" + "deep/" * 40 + "token", "label": "l" * 64, "provider": "p" * 32,
	 "last": {"at": now - 9, "program": "/" + "b" * 90, "script": None, "pid": 1}},
	{"path": home + "/" + "文件" * 30 + "/凭证", "expires": now + 5000,
	 "last": {"at": now - 9, "program": "/" + "b" * 90, "script": None, "pid": 1}}]}'
fits 100
check "the table has 80" test "$(sed -n '/^FILE/,/^$/p' "$SANDBOX/screen" | wc -L)" -le 80
like "a path's end is there" "$SCREEN" '…[^ ]*/deep/token +ppp'
like "also of one in wide characters" "$SCREEN" '…[^ ]*/凭证 +azion/default'
like "memory" "$SCREEN" '^problem +what is secret may be swapped'
like "the vault's own trouble is last" "$(tail -n 1 "$SANDBOX/screen")" '^problem +the file is damaged$'
screen_of '{"expiring": [{"provider": "azion", "label": "l%d" % i, "expires": now + 86400} for i in range(30)]}'
same "of many that expire, some" "$(grep -c '^expiring' "$SANDBOX/screen")" 9
like "and how many more" "$SCREEN" '^expiring +and 22 more; tokenvault list --expiring 14d$'

# ---- a real one
screen() {
	as_user setsid -w "$BIN/tokenvault" status >"$SANDBOX/screen" 2>"$SANDBOX/err"
	SCREEN=$(cat "$SANDBOX/screen")
}
screen
like "no vault: what to do" "$SCREEN" '^problem +no vault there; tokenvault init makes one$'
check "init" make_vault
screen
like "no server: what to do" "$SCREEN" '^server +none; tokenvault mount starts it$'
check "add two entries of each service" add_all
check "one expires" tv set azion --expires 5d
check "lock_idle" tv setting set lock_idle 20m
check "mount" tv mount
screen
like "unlocked" "$SCREEN" '^state +unlocked (for|since) '
like "when it locks" "$SCREEN" '^locks +in (19|20) minutes unless used \(lock_idle\)$'
like "a file" "$SCREEN" '^~/.azion/default/settings.toml +azion/default +in 5 days '
like "what expires, and what to do" "$SCREEN" '^expiring +azion/default expires in 5 days; tokenvault rotate azion/default$'
fits 100
same "in JSON" "$(tv status --json </dev/null | "$PYTHON" -c '
import json, sys
s = json.load(sys.stdin)
v = {v["path"]: v for v in s["views"]}
print(s["locks_by"], s["locks_at"][:2], *(v[p]["expires"] and v[p]["expires"][:2] for p in sys.argv[1:]))
' "$HOME/.azion/default/settings.toml" "$HOME/.azion/work/settings.toml")" "idle 20 20 None"
check "lock" tv lock
screen
like "locked" "$SCREEN" '^state +locked (for|since) '
like "the files are listed all the same" "$SCREEN" '^~/.choreo/token +choreo/default +never '
like "and what expires" "$SCREEN" '^expiring +azion/default expires in 5 days'
check "unmount" tv unmount
finish
