# Sourced by check.sh, which calls install_tools where root runs it: what the suite `tools` runs and is
# missing. What can't be installed is said, and its test skips.

TOOLS_CACHE=/var/cache/tokenvault-tests

# PACKAGE=COMMAND. Debian's package of docker would bring and start an engine: docker is tested where it is there already.
tools='gh=gh kubernetes-client=kubectl awscli=aws restic=restic borgbackup=borg duplicity=duplicity curl=curl git=git npm=npm'

apt_install() {
	apt-get -qq -y --no-install-recommends install "$@" >/dev/null 2>&1
}

# All at once, which takes a fraction of the time; where that fails, those that can be.
install_packages() {
	echo "installing, for tests: $*"
	apt_install "$@" && return 0
	apt-get -qq update >/dev/null 2>&1
	apt_install "$@" && return 0
	for package; do
		apt_install "$package" || echo "$package can't be installed: its test skips" >&2
	done
}

# Azion's vulcan: the package as it is, with those of its dependencies that the command line loads; all of
# them, bundlers and release tools included, would be 140 MB.
install_vulcan() {
	[ ! -e "$TOOLS_CACHE/vulcan/ready" ] && command -v npm >/dev/null || return 0
	echo "installing, for tests: edge-functions 1.0.0"
	rm -rf "$TOOLS_CACHE/vulcan" && mkdir -p "$TOOLS_CACHE/vulcan/npm" || return 0
	(
		umask 022
		cd "$TOOLS_CACHE/vulcan" || exit 1
		export npm_config_cache="$TOOLS_CACHE/vulcan/npm" npm_config_update_notifier=false
		npm pack --silent edge-functions@1.0.0 >/dev/null && tar xzf edge-functions-1.0.0.tgz &&
			mkdir -p node_modules && mv package node_modules/edge-functions &&
			echo '{"private":true}' >package.json && cp -r node_modules/edge-functions kept &&
			npm install --silent --no-audit --no-fund --ignore-scripts commander@^10.0.1 \
				inquirer@^9.2.7 semver@^7.5.2 signale@^1.4.0 lodash@^4.17.21 chokidar@^3.5.3 \
				vm2@^3.9.19 mime-types@^2.1.35 open@^9.1.0 &&
			rm -rf node_modules/edge-functions npm && mv kept node_modules/edge-functions &&
			touch ready
	) >/dev/null 2>&1 || echo "edge-functions can't be installed: its test skips" >&2
}

install_tools() {
	export DEBIAN_FRONTEND=noninteractive
	absent=
	for pair in $tools; do
		PATH=/usr/local/bin:/usr/bin:/bin command -v "${pair#*=}" >/dev/null || absent="$absent ${pair%=*}"
	done
	# shellcheck disable=SC2086
	[ -z "$absent" ] || install_packages $absent
	install_vulcan
}
