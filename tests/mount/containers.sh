# Sandboxes and containers: who reads what was mounted outside, and what of run works inside. The table of
# vault/CONTAINERS.md, as far as it can be tried on this machine.

# Rootless podman wants numbers for this user, and crun no two kinds of control groups: both only as this test
# sees the machine.
if [ "$(id -u)" = 0 ] && [ -z "$TV_OWN_MOUNTS" ] && command -v podman >/dev/null; then
	TV_OWN_MOUNTS=yes exec unshare -m --propagation private sh "$0" "$@"
fi
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault mount
. "$TESTS/mount/runs.sh"
as_user unshare -U true 2>/dev/null || skip_all "no user namespaces for this user"
tree=$XDG_RUNTIME_DIR/tokenvault/default
chmod 711 "$SANDBOX"

# row WHAT WANTED COMMAND …: reads that token, EACCES, or another word that it says
row() {
	what=$1
	wanted=$2
	shift 2
	if ! said=$("$@" 2>&1 </dev/null); then
		all=$said
		said=$(printf '%s\n' "$said" |
			grep -o -e 'Permission denied' -e '--device /dev/fuse' -e setresgid | head -n 1)
		said=${said:-$all}
	fi
	same "$what" "$said" "$wanted"
}
refused='Permission denied'
a_run="$BIN/tokenvault --keyfile $T/key run choreo/eu -- cat $token"

# ---- bubblewrap, the sandbox of flatpak and of coding agents
usr="--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64"
box() {
	as_user bwrap --unshare-all $usr --dev /dev --proc /proc "$@"
}
if as_user bwrap --ro-bind / / true 2>/dev/null; then
	row "bwrap: all that is outside" "$CHOREO" as_user bwrap --ro-bind / / --dev /dev cat "$token"
	row "bwrap: the file" "$CHOREO" box --ro-bind "$token" "$token" cat "$token"
	row "bwrap: its directory, elsewhere" "$CHOREO" box --ro-bind "$HOME/.choreo" /x cat /x/token
	row "bwrap: the directory view" "$CHOREO" box --ro-bind "$tree" /x cat /x/choreo/default/token
	row "bwrap: under another number" "$CHOREO" box --uid 1000 --gid 1000 --ro-bind "$token" /x cat /x
	check "rule: choreo for cat" tv rule allow choreo --program cat
	row "bwrap, with a rule" "$refused" box --ro-bind "$token" "$token" cat "$token"
	check "rule: from anywhere" tv rule allow choreo --program cat --any-namespace
	row "bwrap, with a rule that says so" "$CHOREO" box --ro-bind "$token" "$token" cat "$token"
	row "run in bwrap" "$CHOREO_EU" as_user bwrap --unshare-all --bind / / --dev-bind /dev /dev \
		--proc /proc $a_run
	row "run in bwrap, without a device" "--device /dev/fuse" \
		as_user bwrap --unshare-all --bind / / --dev /dev --proc /proc $a_run
	row "bwrap in a run" "$refused" tv run choreo/eu -- bwrap --ro-bind / / --dev /dev cat "$token"
	check "rule: choreo/eu from anywhere" tv rule allow choreo/eu --any-namespace
	row "bwrap in a run, with a rule that says so" "$CHOREO_EU" \
		tv run choreo/eu -- bwrap --ro-bind / / --dev /dev cat "$token"
else
	skip "bwrap" "it is not installed, or does not work for this user: apt-get install bubblewrap"
	check "rule: choreo from anywhere" tv rule allow choreo --program cat --any-namespace
	check "rule: choreo/eu from anywhere" tv rule allow choreo/eu --any-namespace
fi
for id in $(tv rule list choreo --json | sed -n 's/.*"id":[^"]*"\([0-9a-f]*\)".*/\1/p'); do
	tv rule remove "$id" 2>/dev/null || not_ok "rule remove $id"
done

# ---- what a daemon that is root does: docker, and what uses it
if is_root; then
	as_daemon() {
		unshare -m --propagation private sh -c 'mount --rbind "$0" /mnt && exec setpriv --reuid="$1" \
			--regid="$1" --clear-groups cat "/mnt${2}"' "$@"
	}
	row "root binds the directory, the same user" "$CHOREO" as_daemon "$HOME/.choreo" 65534 /token
	row "root binds the directory, another user" "$refused" as_daemon "$HOME/.choreo" 1 /token
	row "root looks at the file, as docker does first" "$refused" stat "$token"
else
	skip "a daemon that is root" "this needs root"
fi

# ---- rootless podman
busybox=$(command -v busybox)
small=$SANDBOX/small
full=$SANDBOX/full
pod() {
	as_user podman --cgroup-manager=cgroupfs --events-backend=file --log-level=error "$@"
}
# In a container with nothing but busybox, or with this system's programs.
in_small() {
	pod run --rm --cgroups=disabled --network=none "$@"
}
in_full() {
	in_small -v /usr:/usr:ro -v "$BIN:$BIN:ro" -v "$HOME:$HOME" -v "$T:$T" -v "$XDG_STATE_HOME:$XDG_STATE_HOME" \
		-e HOME -e PATH -e XDG_STATE_HOME -e XDG_RUNTIME_DIR -e XDG_DATA_HOME -e XDG_CONFIG_HOME "$@"
}
make_roots() {
	mkdir -p "$small/bin" "$small/proc" "$small/sys" "$small/dev" "$small/tmp" "$small/etc" "$small/run" \
		"$small/root" "$full/usr" "$full/proc" "$full/sys" "$full/dev" "$full/tmp" "$full/etc" "$full/run" \
		"$full/var/tmp" "$full$SANDBOX" || return
	cp "$busybox" "$small/bin/busybox" && ln -s busybox "$small/bin/cat" || return
	for dir in bin lib lib64 sbin; do
		ln -s "usr/$dir" "$full/$dir"
	done
	chmod -R a+rX "$small" "$full" && chmod 1777 "$full/tmp" "$full/var/tmp"
	! is_root || chown -R 65534:65534 "$small" "$full"
}
prepare_podman() {
	[ -n "$busybox" ] && command -v podman && command -v newuidmap && make_roots || return
	if is_root; then
		printf '%s:200000:65536\n' "$(as_user id -un)" >"$SANDBOX/ids"
		chmod 644 "$SANDBOX/ids"
		mount --bind "$SANDBOX/ids" /etc/subuid && mount --bind "$SANDBOX/ids" /etc/subgid || return
		! [ -d /sys/fs/cgroup/unified ] || umount /sys/fs/cgroup/unified
	fi
	printf '[storage]\ndriver = "vfs"\nrunroot = "%s"\ngraphroot = "%s"\n' "$T/runroot" "$T/graphroot" \
		>"$SANDBOX/storage.conf"
	chmod 644 "$SANDBOX/storage.conf"
	export CONTAINERS_STORAGE_CONF="$SANDBOX/storage.conf"
	in_small --rootfs "$small" /bin/cat /dev/null
}
# The process that holds podman's namespaces stays, and has no end but this.
end_podman() {
	for dir in /proc/[0-9]*; do
		[ "$(cat "$dir/comm" 2>/dev/null)" = catatonit ] &&
			tr '\0' '\n' <"$dir/environ" | grep -qx "HOME=$HOME" && kill -9 "${dir#/proc/}"
	done
}
if prepare_podman >"$SANDBOX/said" 2>&1; then
	row "podman: the file" "$CHOREO" in_small -v "$token:/f:ro" --rootfs "$small" cat /f
	row "podman: its directory" "$CHOREO" in_small -v "$HOME/.choreo:/d:ro" --rootfs "$small" cat /d/token
	row "podman: the directory view" "$CHOREO" \
		in_small -v "$tree:/d:ro" --rootfs "$small" cat /d/choreo/default/token
	row "podman: another user inside" "$refused" \
		in_small --user 1000 -v "$HOME/.choreo:/d:ro" --rootfs "$small" cat /d/token
	row "podman keep-id: the file" "$refused" \
		in_small --userns=keep-id -v "$token:/f:ro" --rootfs "$small" cat /f
	row "podman keep-id: its directory" "$CHOREO" \
		in_small --userns=keep-id -v "$HOME/.choreo:/d:ro" --rootfs "$small" cat /d/token
	row "podman keep-id: what the directory view is in" "$CHOREO" in_small --userns=keep-id \
		-v "$XDG_RUNTIME_DIR/tokenvault:/d:ro" --rootfs "$small" cat /d/default/choreo/default/token
	row "podman in a run: it wants more than one user" setresgid tv run choreo/eu -- podman \
		--cgroup-manager=cgroupfs run --rm --rootfs "$small" cat /dev/null
	check "unmount" tv unmount
	row "run in podman, without a device" "--device /dev/fuse" in_full --rootfs "$full" $a_run
	row "run in podman" "$CHOREO_EU" in_full --device /dev/fuse --rootfs "$full" $a_run
	row "run in podman keep-id" "$CHOREO_EU" \
		in_full --device /dev/fuse --userns=keep-id --rootfs "$full" $a_run
	row "mount in podman, with SYS_ADMIN" "$CHOREO" in_full --device /dev/fuse --cap-add SYS_ADMIN \
		--rootfs "$full" sh -c "tokenvault -q --keyfile $T/key mount choreo >/dev/null && cat $token"
	check "mount" tv mount
else
	skip "podman" "it does not work here: apt-get install podman uidmap busybox-static: $(tail -n 1 "$SANDBOX/said")"
fi

end_podman

# ---- flatpak
export FLATPAK_USER_DIR="$T/flatpak"
cat >"$T/build" <<-'EOF'
	set -e
	mkdir -p "$1/runtime/usr/bin" "$1/runtime/files" "$1/app/files" "$1/app/export"
	cp "$2" "$1/runtime/usr/bin/busybox"
	ln -s busybox "$1/runtime/usr/bin/cat"
	printf '[%s]\nname=%s\nruntime=org.test.Platform/%s/1\nsdk=org.test.Platform/%s/1\n%s\n' \
		Runtime org.test.Platform "$3" "$3" '' >"$1/runtime/metadata"
	printf '[%s]\nname=%s\nruntime=org.test.Platform/%s/1\nsdk=org.test.Platform/%s/1\n%s\n' \
		Application org.test.App "$3" "$3" command=cat >"$1/app/metadata"
	ostree --repo="$1/repo" init --mode=archive-z2
	flatpak build-export --runtime "$1/repo" "$1/runtime" 1
	flatpak build-export "$1/repo" "$1/app" 1
	flatpak build-update-repo "$1/repo"
	flatpak --user remote-add --no-gpg-verify test "$1/repo"
	flatpak --user install -y --noninteractive test org.test.App
EOF
chmod 644 "$T/build"
prepare_flatpak() {
	[ -n "$busybox" ] && command -v flatpak && command -v ostree && command -v dbus-daemon || return
	as_user dbus-daemon --session --fork --print-address=1 --print-pid=1 >"$SANDBOX/bus" || return
	DBUS_SYSTEM_BUS_ADDRESS=$(head -n 1 "$SANDBOX/bus")
	export DBUS_SYSTEM_BUS_ADDRESS DBUS_SESSION_BUS_ADDRESS="$DBUS_SYSTEM_BUS_ADDRESS"
	as_user sh "$T/build" "$T/flat" "$busybox" "$(flatpak --default-arch)"
}
in_flatpak() {
	as_user flatpak --user run --filesystem="$1" org.test.App "$2"
}
if prepare_flatpak >"$SANDBOX/said" 2>&1; then
	row "flatpak: the file" "$CHOREO" in_flatpak "$token:ro" "$token"
	row "flatpak: its directory" "$CHOREO" in_flatpak "$HOME/.choreo:ro" "$token"
	row "flatpak: the home directory" "$CHOREO" in_flatpak home:ro "$token"
	row "flatpak: the directory view" "$CHOREO" in_flatpak xdg-run/tokenvault "$tree/choreo/default/token"
	row "flatpak in a run, with a rule that says so" "$CHOREO_EU" tv run choreo/eu -- \
		flatpak --user run --filesystem="$HOME/.choreo:ro" org.test.App "$token"
else
	skip "flatpak" "it does not work here: apt-get install flatpak ostree busybox-static: $(tail -n 1 "$SANDBOX/said")"
fi
[ ! -s "$SANDBOX/bus" ] || kill "$(tail -n 1 "$SANDBOX/bus")"
check "unmount" tv unmount
check "nothing is left" test -z "$(sandbox_pids)"
finish
