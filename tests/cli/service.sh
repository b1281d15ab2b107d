# What has the files mounted at login: which files are written, that they are taken away again, and that nobody
# else's are touched.
. "$(dirname "$0")/../lib.sh"
sandbox
# A path with everything in it that means something to who reads such files.
mv "$BIN" "$SANDBOX/b \$HOME %n \"q\" \\e 'ü=="
BIN="$SANDBOX/b \$HOME %n \"q\" \\e 'ü=="
vault="$HOME/v \$1 %h \"q\" \\e 'ü/my vault.vault"
units=$XDG_CONFIG_HOME/systemd/user
told=$SANDBOX/tmp/systemctl

# The stand-in for systemctl says what it was asked, and that all is well, unless there is a file `broken`.
mkdir "$SANDBOX/stand-in"
cat >"$SANDBOX/stand-in/systemctl" <<-END
	#!/bin/sh
	echo "\$*" >>"$told"
	[ ! -e "$SANDBOX/tmp/broken" ]
END
chmod -R 755 "$SANDBOX/stand-in"
PATH="$SANDBOX/stand-in:$PATH"

sv() {
	as_user "$BIN/tokenvault" service "$@" </dev/null
}

listing() {
	as_user find "$HOME" -path "$HOME/.local" -prune -o -printf '%P %y %m %l\n' | sort
}

check_exit 7 "install, without a vault" sv install
like "says how to make one" "$ERR" 'no vault there: .*/default.vault; to make it: tokenvault init$'
check "init" make_vault
as_user mkdir -p "${vault%/*}"
check "another vault" make_vault --vault "$vault"
as_user mkdir -p "$XDG_CONFIG_HOME"
listing >"$SANDBOX/before"

# ---- units
check_exit 0 "install" sv install --systemd
same "it prints what it wrote" "$OUT" "$(for unit in tokenvault.service tokenvault-unlocked.service \
	tokenvault-unlocked.target tokenvault-notify.service tokenvault-notify.timer; do
	echo "$units/$unit"
done)"
same "systemd is told" "$(cat "$told")" "--user daemon-reload
--user --quiet is-enabled tokenvault.service"
like "and the user" "$ERR" 'at the next login; now: systemctl --user start tokenvault.service$'
same "they are enabled" "$(cd "$units" && find . -type l -printf '%p %l\n' | sort)" \
	"./default.target.wants/tokenvault.service ../tokenvault.service
./timers.target.wants/tokenvault-notify.timer ../tokenvault-notify.timer
./tokenvault-unlocked.target.wants/tokenvault-notify.service ../tokenvault-notify.service"
listing >"$SANDBOX/installed"
check "install once more" sv install --systemd
same "changes nothing" "$(listing | diff "$SANDBOX/installed" -)" ""
like "show says that they are there" "$(sv show --systemd)" "^# $units/tokenvault.service: installed$"
same "in JSON too" "$(sv show --systemd --json | "$PYTHON" -c '
import json, sys
print(*sorted({f["state"] for f in json.load(sys.stdin)}))')" installed
: >"$told"
check_exit 0 "another vault's have names of their own" sv install --systemd --vault "$vault"
name=$(printf '%s\n' "$OUT" | sed -n 's|.*/tokenvault@\(.*\)\.service$|\1|p')
like "of the server's" "$name" '^my_vault-[0-9a-f]{8}$'
if command -v systemd-analyze >/dev/null; then
	check_exit 0 "systemd has nothing to say about them" as_user systemd-analyze --user --man=no verify \
		"$units/tokenvault.service" "$units/tokenvault-unlocked@$name.target" "$units"/*@*.service \
		"$units"/*.timer
	same "nothing at all" "$ERR" ""
else
	skip "systemd has nothing to say about them" "no systemd-analyze: apt-get install systemd"
fi
: >"$told"
check "now" sv install --systemd --now
same "starts it" "$(tail -n 1 "$told")" "--user start tokenvault.service"
touch "$SANDBOX/tmp/broken"
check_exit 0 "without a manager" sv install --systemd
like "it is for the next login" "$ERR" 'no manager of your services answers; it will find them at the next login$'
rm "$SANDBOX/tmp/broken"

# ---- away again
: >"$told"
check "remove" sv remove
same "ends what runs" "$(sed -n 1p "$told")" \
	"--user stop tokenvault-notify.timer tokenvault-unlocked.service tokenvault.service"
same "and tells systemd" "$(tail -n 1 "$told")" "--user daemon-reload"
same "the other vault's stay" "$(find "$units" -name '*@*' ! -type d | wc -l)" 8
same "and no others" "$(find "$units" -type f ! -name '*@*' -o -type l ! -name '*@*')" ""
check "remove those" sv remove --vault "$vault"
same "nothing is left" "$(listing | diff "$SANDBOX/before" -)" ""
check_exit 0 "remove what is not there" sv remove
like "is said" "$ERR" 'nothing was installed$'

# ---- what others wrote
as_user mkdir -p "$units"
as_user sh -c 'echo "# mine" >"$1"' sh "$units/tokenvault-notify.timer"
listing >"$SANDBOX/theirs"
check_exit 11 "a unit of another's" sv install --systemd
like "is named" "$ERR" "exists already: $units/tokenvault-notify.timer is not this program's; move it away first$"
same "and nothing is written" "$(listing | diff "$SANDBOX/theirs" -)" ""
check "show: foreign" eval 'sv show --systemd | grep -qx "# $units/tokenvault-notify.timer: foreign"'
check "remove" sv remove
same "nothing was changed" "$(listing | diff "$SANDBOX/theirs" -)" ""
same "it is as it was" "$(cat "$units/tokenvault-notify.timer")" "# mine"
as_user rm "$units/tokenvault-notify.timer"
as_user ln -s /dev/null "$units/tokenvault.service"
check_exit 11 "a masked one is another's, too" sv install --systemd
as_user rm "$units/tokenvault.service"
as_user mkfifo "$units/tokenvault.service"
check_exit 11 "so is a FIFO" sv install --systemd
as_user rm "$units/tokenvault.service"
check "install" sv install --systemd
as_user sed -i 's/^RestartSec=.*/RestartSec=1h/' "$units/tokenvault-unlocked.service"
check_exit 11 "one that was changed by hand" sv install --systemd
like "is named" "$ERR" "tokenvault-unlocked.service was changed by hand; move it away first$"
check_exit 0 "remove" sv remove
like "says that it stays" "$ERR" "tokenvault-unlocked.service was changed by hand, so it stays$"
same "it alone" "$(cd "$units" && find . ! -type d)" ./tokenvault-unlocked.service
as_user rm "$units/tokenvault-unlocked.service"

# An earlier version's is ours as well: the first line says what the rest was.
check "install" sv install --systemd
as_user "$PYTHON" - "$units/tokenvault.service" <<'END'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read().split("\n", 1)
rest = "[Service]\nExecStart=/bin/true\n"
h = 0xcbf29ce484222325
for byte in rest.encode():
    h = (h ^ byte) * 0x100000001b3 % 2**64
open(sys.argv[1], "w", encoding="utf-8").write(re.sub(r"\([0-9a-f]{16}\)", f"({h:016x})", text[0]) + "\n" + rest)
END
check "show: outdated" eval 'sv show --systemd | grep -qx "# $units/tokenvault.service: outdated"'
check "install replaces it" sv install --systemd
like "" "$(cat "$units/tokenvault.service")" '^Type=notify$'
check "remove" sv remove
same "nothing is left" "$(listing | diff "$SANDBOX/before" -)" ""

# ---- without systemd
check_exit 2 "one kind at a time" sv install --autostart --profile
check_exit 2 "only systemd starts anything now" sv install --autostart --now
check_exit 0 "a desktop entry" sv install --autostart --vault "$vault"
same "where desktops look" "$OUT" "$XDG_CONFIG_HOME/autostart/tokenvault@$name.desktop"
if "$PYTHON" -c 'from gi.repository import Gio' 2>/dev/null; then
	same "a desktop runs the same words" "$("$PYTHON" -c '
import sys, shlex
from gi.repository import Gio, GLib
entry = Gio.DesktopAppInfo.new_from_filename(sys.argv[1])
words = GLib.shell_parse_argv(entry.get_commandline().replace("%%", "%"))[1]
at = words.index(sys.argv[2])
print(words[at:] == [sys.argv[2], "--vault", sys.argv[3], "--quiet", "mount", "--locked"], words[0])' \
		"$OUT" "$BIN/tokenvault" "$vault")" "True env"
else
	skip "a desktop runs the same words" "no python3-gi"
fi
check "remove" sv remove --vault "$vault"
same "nothing is left" "$(listing | diff "$SANDBOX/before" -)" ""
for kind in new plain open empty link; do
	as_user rm -f "$HOME/.profile"
	case $kind in
	plain) as_user sh -c 'printf "umask 022\n" >"$HOME/.profile"; chmod 640 "$HOME/.profile"' ;;
	open) as_user sh -c 'printf "umask 022\n# no end" >"$HOME/.profile"' ;;
	empty) as_user touch "$HOME/.profile" ;;
	link) as_user sh -c 'mkdir -p "$HOME/dot"; echo umask 022 >"$HOME/dot/p"; ln -s dot/p "$HOME/.profile"' ;;
	esac
	listing >"$SANDBOX/profile.before"
	cp "$HOME/.profile" "$SANDBOX/profile.was" 2>/dev/null || : >"$SANDBOX/profile.was"
	check "$kind .profile: install" sv install --profile
	check "$kind .profile: for another vault, too" sv install --profile --vault "$vault"
	check "$kind .profile: once more" sv install --profile
	same "$kind .profile: there is one block for each" "$(grep -c '^# >>> tokenvault' "$HOME/.profile")" 2
	check "$kind .profile: a shell understands it" as_user sh -n "$HOME/.profile"
	check "$kind .profile: bash does" as_user bash -n "$HOME/.profile"
	check "$kind .profile: remove" sv remove
	check "$kind .profile: the other one" sv remove --vault "$vault"
	same "$kind .profile: all is as it was" "$(listing | diff "$SANDBOX/profile.before" -)" ""
	cp "$HOME/.profile" "$SANDBOX/profile.is" 2>/dev/null || : >"$SANDBOX/profile.is"
	check "$kind .profile: to the byte" cmp "$SANDBOX/profile.was" "$SANDBOX/profile.is"
done
as_user rm -rf "$HOME/.profile" "$HOME/dot"
as_user sh -c 'echo "PS1=x" >"$HOME/.profile"; touch "$HOME/.bash_profile"'
check_exit 0 "install" sv install --profile
like "bash looks elsewhere, which is said" "$ERR" 'bash reads ~/.bash_profile and not ~/.profile'
as_user sed -i 's/sleep 0.2/sleep 2/' "$HOME/.profile"
cp "$HOME/.profile" "$SANDBOX/profile.was"
check_exit 11 "a block that was changed" sv install --profile
check_exit 0 "stays" sv remove
same "as it is" "$(diff "$SANDBOX/profile.was" "$HOME/.profile")" ""
as_user sed -i '/^# <<< /d' "$HOME/.profile"
cp "$HOME/.profile" "$SANDBOX/profile.was"
check_exit 11 "so does one without its end" sv install --profile
check_exit 0 "whose rest may be anybody's" sv remove
same "as it is" "$(diff "$SANDBOX/profile.was" "$HOME/.profile")" ""
as_user rm "$HOME/.profile" "$HOME/.bash_profile"
same "nothing is left" "$(listing | diff "$SANDBOX/before" -)" ""

# ---- names that no such file can hold
bad=$(printf '%s/a\nb' "$HOME")
as_user mkdir "$bad"
check "a vault in a directory with a line end" make_vault --vault "$bad/x.vault"
check_exit 2 "can't be in a unit" sv install --systemd --vault "$bad/x.vault"
as_user rm -r "$bad"
same "nothing is left" "$(listing | diff "$SANDBOX/before" -)" ""
finish
