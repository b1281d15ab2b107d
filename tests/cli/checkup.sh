# doctor's checks of the machine, the directories and the vault's file, each on a machine that is so and on one
# that is not: its /etc, /proc, /sys, /dev and /run are a directory, limits and namespaces are real.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/checkup.sh"
sandbox
set_up

# ---- /dev/fuse, fusermount3
put /proc/filesystems "nodev	fuse"
finds wrong fuse 'missing, though the kernel has FUSE; .*--device /dev/fuse'
put /proc/filesystems "	ext4"
finds wrong fuse 'module fuse is not loaded.* modprobe fuse'
put /dev/fuse "not a device"
finds wrong fuse 'is no device'
if is_root; then
	rm "$FAKE/dev/fuse"
	mknod -m 600 "$FAKE/dev/fuse" c 10 229
	finds wrong fuse 'closed to you \(mode 0600.*chmod 666'
	chmod 666 "$FAKE/dev/fuse"
	finds fine fuse '.'
	both fuse
fi
mkdir "$SANDBOX/some" && chmod 755 "$SANDBOX/some"
ln -s "$(command -v sh)" "$(command -v env)" "$SANDBOX/some/"
if command -v fusermount3 >/dev/null; then
	finds fine fusermount '.'
	AROUND="env PATH=$SANDBOX/some"
	finds wrong fusermount 'not in PATH; install the package fuse3'
	cp "$(command -v fusermount3)" "$SANDBOX/some/" && chmod 755 "$SANDBOX/some/fusermount3"
	if is_root; then
		finds wrong fusermount 'not setuid root.*chmod 4755'
		chmod 4755 "$SANDBOX/some/fusermount3"
		finds fine fusermount '.'
		AROUND='setpriv --no-new-privs'
		finds wrong fusermount 'no_new_privs'
	fi
	AROUND=
	rm "$SANDBOX/some/fusermount3"
	both fusermount
fi

# ---- how many mounts
mounts() {
	put /proc/self/mountinfo "1 1 0:1 / / rw - ext4 /dev/vda rw
$(seq "$1" | sed 's,.*,& 1 0:& / /x& rw - fuse.sshfs x rw,')"
}
mounts 20
finds fine mount_max '20 .*of 1000'
put /etc/fuse.conf 'mount_max = 20'
finds wrong mount_max '20 .*allows 20.*mount_max = [0-9]+ into /etc/fuse.conf'
put /etc/fuse.conf 'mount_max=21'
finds note mount_max '20 .*allows 21'
put /etc/fuse.conf '# mount_max = 20'
finds fine mount_max 'of 1000'
mounts 1000
finds wrong mount_max '1000 '
both mount_max

# ---- namespaces: a kernel that has them, and one where they are switched off
if as_user unshare -Urm true 2>/dev/null; then
	finds fine namespaces '.'
	AROUND='unshare -Ur sh -c'
	put /proc/sys/user/max_user_namespaces 0
	AROUND="unshare -Ur $SANDBOX/none-left"
	printf '#!/bin/sh\necho 0 >/proc/sys/user/max_user_namespaces && exec "$@"\n' >"$SANDBOX/none-left"
	chmod 755 "$SANDBOX/none-left"
	finds note namespaces 'sysctl -w user.max_user_namespaces=10000.*run --env and --stdin'
	put /proc/sys/user/max_user_namespaces 100
	put /proc/sys/kernel/apparmor_restrict_unprivileged_userns 1
	finds note namespaces 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'
	fresh
	finds note namespaces 'forbidden here'
	AROUND=
	both namespaces
fi

# ---- memory and swap
finds fine memory '1024 KiB'
LIMITS='ulimit -l 64'
finds wrong memory 'only 64 KiB .*needs 1024.*limits.conf'
swaps() {
	put /proc/swaps "Filename				Type		Size		Used		Priority"
	printf '%s\t\tpartition\t1000\t0\t-2\n' "$@" >>"$FAKE/proc/swaps"
}
swaps /dev/sda9
finds wrong swap 'swap on /dev/sda9 is not encrypted.*crypttab'
swaps /dev/dm-1
put /sys/class/block/dm-1/dm/uuid CRYPT-PLAIN-swap
finds fine swap '.'
put /sys/class/block/dm-1/dm/uuid LVM-abc
finds wrong swap '/dev/dm-1'
put /sys/class/block/dm-1/slaves/dm-0/x ''
put /sys/class/block/dm-0/dm/uuid CRYPT-LUKS2-x
finds fine swap '.'
swaps /dev/dm-1 /dev/sda9
finds wrong swap '/dev/sda9'
swaps /dev/zram0
finds fine swap '.'
LIMITS=
swaps /dev/sda9
finds fine swap 'secret stays out of it'
both memory
both swap

# ---- descriptors, inotify
finds fine descriptors '.'
LIMITS='ulimit -n 40'
finds wrong descriptors '40 files open.*needs'
LIMITS=
both descriptors
finds fine inotify '.'
put /proc/sys/fs/inotify/max_user_instances 0
finds note inotify 'sysctl -w fs.inotify.max_user_instances='
if as_user unshare -Ur true 2>/dev/null; then
	AROUND="unshare -Ur $SANDBOX/no-inotify"
	printf '#!/bin/sh\necho 0 >/proc/sys/user/max_inotify_instances && exec "$@"\n' >"$SANDBOX/no-inotify"
	chmod 755 "$SANDBOX/no-inotify"
	finds wrong inotify 'no inotify instance is left'
	AROUND=
fi
both inotify

# ---- core files, ptrace
put /proc/sys/kernel/core_pattern '|/usr/lib/systemd/systemd-coredump %P %u'
finds note core 'handed to /usr/lib/systemd/systemd-coredump,'
put /proc/sys/kernel/core_pattern core
LIMITS='ulimit -c 0'
finds fine core '.'
both core
put /proc/sys/kernel/yama/ptrace_scope 1
finds fine ptrace '.'
put /proc/sys/kernel/yama/ptrace_scope 0
finds note ptrace 'kernel.yama.ptrace_scope=1'
LIMITS=
both ptrace

# ---- D-Bus and logind
finds note bus 'no system D-Bus.*lock_idle'
finds note bus 'no session D-Bus.*with the screen'
listen() {
	as_user "$PYTHON" -c '
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
print(os.getpid(), flush=True)
time.sleep(60)' "$1" >"$SANDBOX/listener" 2>/dev/null &
	wait_for 5 test -s "$SANDBOX/listener"
}
if [ -x "$BIN/tokenvault-bus" ]; then
	listen "$XDG_RUNTIME_DIR/bus"
	before=$DBUS_SYSTEM_BUS_ADDRESS
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
	finds note bus 'no logind'
	put /run/systemd/seats/seat0 ''
	finds fine bus '.'
	DBUS_SYSTEM_BUS_ADDRESS=$before
	kill "$(cat "$SANDBOX/listener")"
	both bus
	mv "$BIN/tokenvault-bus" "$BIN/bus"
	finds note bus 'built without libsystemd.*lock_idle'
	mv "$BIN/bus" "$BIN/tokenvault-bus"
fi

# ---- pinentry
AROUND="env PATH=$SANDBOX/some"
finds note pinentry 'no pinentry.*install'
have() {
	printf '#!/bin/sh\n%s\n' "${2:-exit 1}" >"$SANDBOX/some/$1" && chmod 755 "$SANDBOX/some/$1"
}
have_not() {
	rm "$SANDBOX/some/$1"
}
have pinentry
finds fine pinentry '.'
as_user mkdir -m 700 "$HOME/.gnupg"
own() {
	as_user sh -c 'cat >"$1"' sh "$1"
}
echo "pinentry-program $SANDBOX/some/gone" | own "$HOME/.gnupg/gpg-agent.conf"
finds note pinentry 'gpg-agent.conf names .*/some/gone, which can.t be run'
echo "pinentry-program $SANDBOX/some/pinentry" | own "$HOME/.gnupg/gpg-agent.conf"
finds fine pinentry '.'
rm "$HOME/.gnupg/gpg-agent.conf"
have_not pinentry
AROUND="env PATH=$SANDBOX/some TOKENVAULT_ASKPASS=$SANDBOX/some/env"
finds fine pinentry '.'
AROUND=
both pinentry

# ---- the programs
[ ! -x "$BIN/tokenvault-notify" ] || finds fine programs '.'
mv "$BIN/tokenvault-fetch" "$BIN/fetch"
finds wrong programs 'tokenvault-fetch is missing.*install tokenvault again'
mv "$BIN/fetch" "$BIN/tokenvault-fetch"
[ ! -x "$BIN/tokenvault-notify" ] || both programs

# ---- directories
finds note runtime 'lies on a disk'
chmod 750 "$XDG_RUNTIME_DIR"
finds wrong runtime 'fixable.*open to others \(mode 0750\); chmod 700'
chmod 700 "$XDG_RUNTIME_DIR"
if is_root; then
	AROUND="env XDG_RUNTIME_DIR=/usr/share"
	finds wrong runtime 'not a directory of yours'
	memory=$(mktemp -d /dev/shm/tv.XXXXXX)
	chown 65534 "$memory"
	AROUND="env XDG_RUNTIME_DIR=$memory"
	finds fine runtime '.'
	rm -rf "$memory"
	AROUND="env XDG_RUNTIME_DIR="
	finds note runtime 'XDG_RUNTIME_DIR is not set'
	AROUND=
	both runtime
fi
key=$HOME/key
check "a vault" as_user "$BIN/tokenvault" --keyfile "$key" init
finds fine directories '.'
state=$XDG_STATE_HOME/tokenvault
chmod 770 "$state"
finds wrong directories 'fixable.*others can write to ~/.local/state/tokenvault \(mode 0770\); chmod go-w'
chmod 700 "$state"
chmod 777 "$HOME/.local"
finds wrong directories 'others can write to ~/.local \(mode 0777\)'
chmod 700 "$HOME/.local"
if is_root; then
	chown 1 "$HOME/.local/share/tokenvault"
	chmod 755 "$HOME/.local/share/tokenvault"
	finds wrong directories 'belongs to another user'
	chown 65534 "$HOME/.local/share/tokenvault"
	chmod 700 "$HOME/.local/share/tokenvault"
fi
both directories

# ---- the vault's file and what is beside it
vault=$XDG_DATA_HOME/tokenvault/default.vault
KEY=$key
finds fine vault '.'
chmod 644 "$vault"
finds note vault 'fixable.*others can read .*mode 0644.*chmod 600'
chmod 622 "$vault"
finds wrong vault 'fixable.*others can change'
chmod 600 "$vault"
cp "$vault" "$SANDBOX/vault"
printf x >>"$vault"
finds wrong vault 'the vault is damaged'
cat "$SANDBOX/vault" >"$vault"
echo tok | as_user "$BIN/tokenvault" -q --keyfile "$key" add --no-verify azion ||
	not_ok "an entry"
finds fine vault 'default.vault.bak is the vault before'
mv "$vault" "$SANDBOX/vault"
finds wrong vault 'is missing, but default.vault.bak is there.*cp '
mv "$vault.bak" "$SANDBOX/bak"
finds note vault 'there is no vault at .*tokenvault init'
mv "$SANDBOX/vault" "$vault" && mv "$SANDBOX/bak" "$vault.bak"
both vault
saving=.saving-0123456789abcdef gone=$XDG_DATA_HOME/tokenvault/.gone.vault
# What the next save writes over is none, unless there is nothing to be saved any more.
as_user install -m 600 /dev/null "$XDG_DATA_HOME/tokenvault/.default.vault.saving-spare"
finds fine leftovers '.'
as_user install -m 600 /dev/null "$gone.saving-spare" && as_user touch "$gone.lock"
finds note leftovers 'fixable.*~/.local/share/tokenvault/.gone.vault.saving-spare: left by a save'
as_user touch "$XDG_DATA_HOME/tokenvault/.default.vault$saving"
finds note leftovers '~/.local/share/tokenvault/.*.vault.saving-.* and others: left by a save'
as_user touch -d '2 minutes ago' "$state/.x.seen$saving"
finds note leftovers '~/.local/state/tokenvault/.x.seen.saving-'
as_user touch "$state/.not$saving.more"
# What no save makes, though it is called so: a link, and a file with another name.
as_user ln -s /etc/passwd "$state/.link$saving"
as_user touch -d '2 minutes ago' "$state/other" && as_user ln "$state/other" "$state/.hard$saving"
as_user setsid -w "$BIN/tokenvault" doctor --fix >"$SANDBOX/out" 2>&1
same "--fix takes them away, and nothing else" "$(ls -A "$XDG_DATA_HOME/tokenvault" "$state" | grep saving)" \
	".default.vault.saving-spare
.hard$saving
.link$saving
.not$saving.more"
rm "$gone.lock" "$state/.not$saving.more" "$state/.link$saving" "$state/.hard$saving" "$state/other"
finds fine leftovers '.'
both leftovers
finds fine synced '.'
mkdir "$HOME/.local/.git"
finds note synced 'lies in ~/.local, which git copies'
rmdir "$HOME/.local/.git"
cloud=$HOME/Dropbox/x
as_user mkdir -p "$cloud" && as_user cp "$vault" "$cloud/my.vault"
AROUND="env TOKENVAULT_FILE=$cloud/my.vault"
finds note synced 'lies in ~/Dropbox, which Dropbox copies'
AROUND=
: >"$XDG_DATA_HOME/tokenvault/default (conflicted copy 2026).vault"
finds wrong synced 'another state of the vault.*import tokenvault'
rm "$XDG_DATA_HOME/tokenvault"/*conflicted*
both synced
finds fine clock '.'
touch -d '+1 day' "$vault"
KEY=-
finds wrong clock 'clock says .*, but the vault was changed at .*timedatectl'
touch "$vault"
if command -v faketime >/dev/null; then
	AROUND="faketime -f -1d"
	finds wrong clock 'clock says'
	AROUND=
fi
KEY=$key
both clock

# ---- definitions of one's own
providers=$XDG_CONFIG_HOME/tokenvault/providers
as_user mkdir -p "$providers"
finds fine definitions '.'
own "$providers/mine.json" <<'END'
{"name": "mine", "title": "Mine", "files": [{"name": "t", "path": ".mine/t", "shows": "in-use", "escape": "none",
	"template": ["{{token}}"]}], "environment": ["MINE_TOKEN"]}
END
finds fine definitions '.'
sed 's/"none"/"nun"/' "$providers/mine.json" | own "$providers/other.json"
finds wrong definitions '~/.config/tokenvault/providers/other.json.*provider check'
as_user cp "$providers/mine.json" "$providers/other.json"
finds wrong definitions 'other.json:1: name: the file.s name without .json expected'
rm "$providers/other.json"
both definitions

# ---- variables
finds fine environment '.'
AROUND='env AZIONCLI_TOKEN=s3cret'
finds wrong environment 'AZIONCLI_TOKEN is set, and tools of azion take it'
AROUND='env MINE_TOKEN=s3cret'
finds note environment 'MINE_TOKEN is set.*tokenvault add mine'
KEY=-
finds note environment 'MINE_TOKEN'
KEY=$key
AROUND=
both environment
finds fine profiles '.'
profile() {
	printf '%s\n' '# NPM_TOKEN=x' 'PATH=$PATH:/x' "$2" | own "$HOME/$1"
}
profile .bashrc 'export AZIONCLI_TOKEN=s3cret'
finds wrong profiles '~/.bashrc, line 3 sets AZIONCLI_TOKEN to a token in plain text.*rotate azion'
profile .bashrc 'export A=1 AZIONCLI_TOKEN="s3cret"; x'
finds wrong profiles '~/.bashrc, line 3 sets AZIONCLI_TOKEN'
same "its value is not told" "$(drive profiles | grep -c s3cret)" 0
profile .bashrc 'export AZIONCLI_TOKEN=$(tokenvault show azion)'
finds note profiles 'line 3 sets AZIONCLI_TOKEN, and tools of azion take it'
as_user mkfifo "$HOME/.zshrc"
ln -s .bashrc "$HOME/.profile"
finds note profiles '~/.profile, line 3 sets AZIONCLI_TOKEN'
rm "$HOME/.zshrc" "$HOME/.profile"
profile .bashrc 'export MY_AZIONCLI_TOKEN=1 AZIONCLI_TOKENS=2; echo $AZIONCLI_TOKEN'
finds fine profiles '.'
as_user mkdir -p "$HOME/.config/fish"
profile .config/fish/config.fish 'set -gx NPM_TOKEN s3cret'
finds note profiles '~/.config/fish/config.fish, line 3 sets NPM_TOKEN.*tokenvault add npm'
rm "$HOME/.config/fish/config.fish" "$HOME/.bashrc"
as_user mkdir -p "$HOME/.config/environment.d"
profile .config/environment.d/50-x.conf 'GH_TOKEN=s3cret'
finds note profiles '~/.config/environment.d/50-x.conf, line 3 sets GH_TOKEN'
rm "$HOME/.config/environment.d/50-x.conf"
both profiles

# ---- backups and indexes: programs that do nothing but be there
fresh
AROUND="env PATH=$SANDBOX/some"
finds fine backups '.'
have restic
finds note backups 'restic is installed.*add --one-file-system'
put /etc/cron.d/backup '1 2 * * * u restic -r /x backup /home'
finds note backups '/etc/cron.d/backup, line 1 runs restic.*add --one-file-system'
put /etc/cron.d/backup '1 2 * * * u restic -r /x backup --one-file-system /home'
finds fine backups '.'
have_not restic
have borg
put /etc/cron.d/backup '1 2 * * * u borg create --one-file-system /x::a /home'
finds note backups 'line 1 runs borg.*add --exclude PATH'
put /etc/cron.d/backup '1 2 * * * u borg create --exclude .azion /x::a /home'
finds fine backups '.'
have_not borg
have duplicity
finds note backups 'duplicity is installed.*--exclude-other-filesystems'
have_not duplicity
have rsync
finds fine backups '.'
have crontab 'printf "# rsync -a /a /b\n5 5 * * * rsync -ax /home /mnt\n"'
finds note backups 'your crontab, line 2 runs rsync.*--exclude=PATH'
have crontab 'printf "5 5 * * * rsync -ax --exclude=.azion /home /mnt\n"'
finds fine backups '.'
have_not crontab
put /etc/systemd/system/copy.service "[Service]
ExecStart=/usr/bin/rsync -a \\
  /home /mnt"
finds note backups '/etc/systemd/system/copy.service, line 2 runs rsync'
have_not rsync
have borgmatic
put /etc/borgmatic/config.yaml 'source_directories: [/home]'
finds note backups '/etc/borgmatic/config.yaml does not leave the mounted files out.*exclude_patterns'
have_not borgmatic
have rsnapshot
put /etc/rsnapshot.conf 'backup	/home/	localhost/'
finds note backups '/etc/rsnapshot.conf does not leave.*exclude'
have_not rsnapshot
have deja-dup
finds note backups 'deja-dup is installed'
have_not deja-dup
put /etc/timeshift/timeshift.json '{"exclude": ["/root/**"]}'
finds fine backups '.'
put /etc/timeshift/timeshift.json "{\"exclude\": [\"+ $HOME/**\"]}"
finds note backups 'timeshift includes your home directory'
fresh
put /etc/updatedb.conf 'PRUNEFS="nfs sysfs"'
finds note backups 'PRUNEFS in /etc/updatedb.conf.*fuse.tokenvault'
put /etc/updatedb.conf 'PRUNEFS="nfs sysfs fuse.tokenvault"'
finds fine backups '.'
have balooctl
printf '[General]\nindex hidden folders=true\n' | own "$HOME/.config/baloofilerc"
finds note backups 'Baloo indexes hidden directories.*excludeFolders'
printf '[Basic Settings]\nIndexing-Enabled=false\n[General]\nindex hidden folders=true\n' |
	own "$HOME/.config/baloofilerc"
finds fine backups '.'
AROUND=
both backups

# ---- the command: no vault, no server, no question
mv "$vault" "$SANDBOX/vault" && mv "$vault.bak" "$SANDBOX/bak"
check_exit 0 "without a vault" as_user setsid -w "$BIN/tokenvault" doctor
like "that is said" "$OUT" 'tokenvault init makes one'
check "no line is wider than 80 columns, but for long paths" test \
	"$(printf '%s\n' "$OUT" | grep -v '/' | wc -L)" -le 80
same "nothing is said elsewhere" "$ERR" ""
mv "$SANDBOX/vault" "$vault" && mv "$SANDBOX/bak" "$vault.bak"
check_exit 0 "with a vault that nobody opens" as_user setsid -w "$BIN/tokenvault" doctor
like "what was not looked at is said" "$OUT" 'was$|not looked at'
chmod 666 "$vault"
chmod 777 "$state"
check_exit 26 "exit 26 when something is wrong" as_user setsid -w "$BIN/tokenvault" doctor --json
same "how many" "$(printf '%s' "$OUT" | "$PYTHON" -c 'import json, sys
d = json.load(sys.stdin)
print(d["wrong"], d["fixed"], sum(c["fixable"] for c in d["checks"]))')" "2 0 2"
check_exit 26 "as text" as_user setsid -w "$BIN/tokenvault" doctor
like "what is wrong comes last, and the summary" "$(printf '%s\n' "$OUT" | tail -n 1)" \
	'^2 things are wrong, [0-9]+ notes; tokenvault doctor --fix mends 2$'
check_exit 0 "--fix" as_user setsid -w "$BIN/tokenvault" doctor --fix
like "says what it did" "$OUT" '^mended vault'
same "the file is closed" "$(stat -c %a "$vault") $(stat -c %a "$state")" "600 755"
check_exit 0 "then nothing is wrong" as_user setsid -w "$BIN/tokenvault" doctor

# ---- each check has its test, here or with mounts
for name in $(sed -n 's/^TV_CHECK(\(.*\))$/\1/p' "$ROOT/cli/checkup/checks.def"); do
	check "$name is to be seen both ways" grep -qE "^(	)*((\\[ .*\\] )?.. )?both $name\$" \
		"$TESTS/cli/checkup.sh" "$TESTS/mount/checkup.sh"
done
finish
