# Sourced by check.sh and demo.sh: installs what is missing on Debian, opens /dev/fuse, and builds.
# The script that sources it has set ROOT, the checkout.

PATH=$PATH:/usr/sbin:/sbin
export PYTHONDONTWRITEBYTECODE=1
exec </dev/null

needed='gcc libc6-dev meson ninja-build pkg-config libfuse3-dev fuse3 libsodium-dev libcjson-dev
	libseccomp-dev libyaml-dev libcurl4-openssl-dev'
# Only for the tests.
wanted='libcmocka-dev python3 python3-yaml python3-nacl clang llvm clang-format universal-ctags valgrind gdb expect
	binutils man-db openssl iproute2 strace
	systemd libsystemd-dev dbus-daemon python3-dbus python3-gi
	python3-dotenv gnupg gpg-agent pass git pinentry-curses pinentry-tty
	bubblewrap podman crun uidmap busybox-static flatpak ostree
	curl wget zsh ruby perl jq inotify-tools rsync cpio zip unzip xxd lsof psmisc'

# The build with clang is the one with sanitizers, and has the fuzz targets.
clang_options="-Doptimization=1 -Ddebug=false -Db_sanitize=address,undefined -Db_lundef=false
	-Dc_args=['-fsanitize=fuzzer-no-link','-fno-sanitize-recover=all','-gline-tables-only']"

die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

missing_of() {
	for package; do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$' ||
			echo "$package"
	done | tr '\n' ' '
}

# Installs the packages named that are missing; without root, says what to do and goes on or not.
install_missing() {
	command -v dpkg-query >/dev/null || return 0
	missing=$(missing_of $needed "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" = 0 ]; then
		echo "installing: $missing"
		export DEBIAN_FRONTEND=noninteractive
		apt-get -qq update >/dev/null || die "apt-get update failed"
		# shellcheck disable=SC2086
		apt-get -qq -y --no-install-recommends install $missing >/dev/null ||
			die "apt-get could not install: $missing"
		return 0
	fi
	echo "missing, and only root can install them: apt-get install $missing" >&2
	[ -z "$(missing_of $needed)" ] || die "can't build without them"
}

# A fresh machine's /dev/fuse may be root's alone; udev would have opened it.
open_fuse() {
	[ "$(id -u)" = 0 ] || return 0
	[ -c /dev/fuse ] || modprobe -q fuse 2>/dev/null || :
	if [ -c /dev/fuse ] && [ "$(stat -c %a /dev/fuse)" != 666 ]; then
		echo "chmod 666 /dev/fuse, so that an unprivileged user can mount"
		chmod 666 /dev/fuse
	fi
}

# Sets BUILDS to where build directories go: into the checkout, or where that can't be written, to a
# directory of its own in $1.
choose_builds() {
	BUILDS=$ROOT/build-check
	if ! mkdir -p "$BUILDS" 2>/dev/null || [ ! -w "$BUILDS" ] ||
		[ -n "$(find "$BUILDS" -maxdepth 1 ! -user "$(id -u)" | head -n 1)" ]; then
		BUILDS=$1/build
		mkdir -p "$BUILDS"
	fi
}

# build NAME COMPILER [OPTION …]: configures once and compiles; what it prints goes to BUILDS/NAME.log.
build() {
	dir=$BUILDS/$1
	log=$BUILDS/$1.log
	compiler=$2
	shift 2
	# A copied checkout must not build into the place it was copied from, and what was configured before
	# cmocka came has no tests.
	source="$ROOT $* $(pkg-config --modversion cmocka 2>/dev/null)"
	[ "$(cat "$dir/.source" 2>/dev/null)" = "$source" ] || rm -rf "$dir"
	if [ ! -f "$dir/build.ninja" ]; then
		rm -rf "$dir"
		CC=$compiler meson setup "$@" "$dir" "$ROOT" >"$log" 2>&1 || return 1
		echo "$source" >"$dir/.source"
	fi
	ninja -C "$dir" >"$log" 2>&1
}
