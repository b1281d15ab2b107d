# What the README and doctor say of backup programs: which of their options leave mounted files out, and which don't.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault now
to=$SANDBOX/tmp/copy
export RESTIC_PASSWORD=x PASSPHRASE=x BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes

# has WHAT LIST, has_not WHAT LIST: whether the file is in a backup, whose vault is there in any case.
has() {
	like "$1 takes the file" "$2" '\.choreo/token$'
	like "and the vault" "$2" 'default\.vault$'
}
has_not() {
	same "$1 leaves the file out" "$(printf '%s\n' "$2" | grep -c '\.choreo/token$')" 0
	like "and takes the vault" "$2" 'default\.vault$'
}
there() {
	command -v "$1" >/dev/null && return 0
	skip "$1" "it is not installed"
	return 1
}

if there rsync; then
	copied() {
		rm -rf "$to"
		as_user rsync -a "$@" "$HOME/" "$to/" && find "$to" -type f
	}
	has "rsync -x" "$(copied -x)"
	has_not "rsync --exclude" "$(copied --exclude=/.choreo/token)"
fi
if there tar; then
	packed() {
		as_user tar -C "$HOME" "$@" -cf "$to.tar" . && tar tf "$to.tar"
	}
	has "tar --one-file-system" "$(packed --one-file-system)"
	has_not "tar --exclude" "$(packed --exclude=./.choreo/token)"
fi
if there restic; then
	saved() {
		as_user restic -q -r "$to.restic" backup "$@" "$HOME" >/dev/null 2>&1
		as_user restic -q -r "$to.restic" ls latest
	}
	as_user restic -q -r "$to.restic" init >/dev/null
	has "restic" "$(saved)"
	has_not "restic --one-file-system" "$(saved --one-file-system)"
fi
if there borg; then
	n=0
	kept() {
		n=$((n + 1))
		as_user borg create "$@" "$to.borg::$n" "$HOME" >/dev/null 2>&1
		as_user borg list --short "$to.borg::$n"
	}
	as_user borg init -e none "$to.borg" >/dev/null 2>&1
	has "borg --one-file-system" "$(kept --one-file-system)"
	n=1
	has_not "borg --exclude" "$(kept --exclude "$HOME/.choreo/token")"
fi
if there duplicity; then
	held() {
		rm -rf "$to.dup"
		as_user duplicity --no-encryption "$@" "$HOME" "file://$to.dup" >/dev/null 2>&1
		as_user duplicity --no-encryption list-current-files "file://$to.dup" 2>/dev/null
	}
	has "duplicity" "$(held)"
	has_not "duplicity --exclude-other-filesystems" "$(held --exclude-other-filesystems)"
fi

# Locked, they are told why.
check "lock" tv lock
if command -v rsync >/dev/null; then
	check_exit 23 "rsync, locked" as_user rsync -a "$HOME/" "$to/"
	like "says why" "$ERR" 'Required key not available'
fi
if command -v restic >/dev/null; then
	check_exit 3 "restic, locked" as_user restic -q -r "$to.restic" backup "$HOME"
	like "says why" "$ERR" '[Rr]equired key not available'
fi
check "unmount" tv unmount
finish
