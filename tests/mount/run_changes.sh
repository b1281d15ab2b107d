# What is changed outside while a run goes on: what it shows comes back, and outside nothing is lost or left.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
mounted_vault
as_user unshare -U true 2>/dev/null || skip_all "no user namespaces for this user"
. "$TESTS/mount/runs.sh"
check "an entry whose file lies right in the home directory" \
	add npm npm_abcdefghijklmnopqrstuvwxyz0123456789 --field registry=registry.npmjs.org
# changes WHAT ENTRIES BEFORE COMMAND FILE…: these are what the run shows before the command outside, and soon after it.
changes() {
	what=$1
	user_does "$3"
	begin "$2" :
	done=$4
	shift 4
	sizes=$(sizes_of "$@")
	user_does "$done"
	check "$what: it comes back" wait_for 5 shown "$@"
}
sizes_of() {
	for file; do
		as_user stat -Lc %s "/proc/$pid/root$HOME/$file" 2>&1
	done
}
shown() {
	[ "$(sizes_of "$@")" = "$sizes" ]
}
# cleared NAME: after end; then everything is removed.
cleared() {
	end
	left "$1: nothing is left" "$2"
	user_does 'rm -rf .azion .choreo .npmrc old d1 d2'
}
empty=$(home_listing)

user_does 'mkdir -p .azion/default .choreo'
outside=$(home_listing)
check_exit 0 "four directories are veiled" tv run azion,choreo,npm -- \
	sh -c 'cd; cat .azion/default/settings.toml .choreo/token .choreo/config.toml .npmrc'
like "and all files read" "$OUT" 'npm_abc'
left "nothing is left"
user_does 'rm -r .azion .choreo'

check "mount" tv mount choreo
changes "a mount below a veil goes" choreo/eu,npm : : .choreo/token .npmrc
tv unmount >/dev/null
check "its places are shown again" wait_for 5 shown .choreo/token .npmrc
cleared "a mount below a veil goes" "$empty"

changes "the home directory is veiled later" azion,npm 'mkdir .azion; echo rc >.npmrc' 'rm .npmrc' \
	.azion/default/settings.toml .npmrc
as_user touch "/proc/$pid/root$HOME/.azion/default/x"
end
left "no trace is left" "$(home_listing)"
user_does 'rm .azion/default/x'
outside=$(home_listing)
check_exit 0 "another run" tv run azion -- cat "$HOME/.azion/default/settings.toml"
left "the user's directory stays"
user_does 'rm -r .azion'

changes "below a veil that came later" azion,npm \
	'mkdir -p .azion/default; echo rc | tee .npmrc >.azion/default/settings.toml' 'rm .npmrc' \
	.azion/default/settings.toml .npmrc
user_does 'rm .azion/default/settings.toml'
check "what is removed there comes back" wait_for 5 shown .azion/default/settings.toml .npmrc
user_does 'rmdir .azion/default'
check "and with its directory" wait_for 5 shown .azion/default/settings.toml .npmrc
cleared "below a veil that came later" "$(printf '%s\n' "$empty" '.azion d 700 4096' | sort)"

changes "a bound directory is removed" choreo,npm 'mkdir .choreo' 'rm -r .choreo' .choreo/token .npmrc
cleared "a bound directory is removed" "$empty"
changes "it is made anew" choreo,npm 'mkdir .choreo' 'rm -r .choreo; mkdir .choreo' .choreo/token .npmrc
cleared "it is made anew" "$(printf '%s\n' "$empty" '.choreo d 700 4096' | sort)"

plain='mkdir .choreo; echo plain | tee .choreo/token >.choreo/config.toml'
changes "another directory is put in the place of the one" choreo "$plain" \
	'mkdir d1; echo other | tee d1/token >d1/config.toml; mv .choreo old; mv d1 .choreo' .choreo/token .choreo/config.toml
cleared "another directory" "$(home_listing)"
changes "a link leads elsewhere" choreo "$plain; mv .choreo d1; mkdir d2; cp d1/* d2; ln -s d1 .choreo" \
	'ln -s d2 new; mv -T new .choreo' .choreo/token .choreo/config.toml
user_does 'ln -s nowhere new; mv -T new .choreo'
sleep 1
same "to nowhere: it is not mounted again and again" "$(grep -c "$HOME/d" "/proc/$pid/mountinfo")" 2
user_does 'ln -s d1 new; mv -T new .choreo'
check "and back: it comes back" wait_for 5 shown .choreo/token .choreo/config.toml
cleared "a link leads elsewhere" "$(home_listing)"
changes "a veiled directory has another name" choreo 'mkdir .choreo' 'mv .choreo old' .choreo/token .choreo/config.toml
cleared "a veiled directory has another name" "$(home_listing)"

changes "beside a place that is gone" choreo,npm "$plain; touch rc; ln -s rc .npmrc" \
	'ln -s nowhere new; mv -T new .npmrc; echo other >new; mv new .choreo/token' .choreo/token
cleared "beside a place that is gone" "$(home_listing)"
user_does 'rm -f rc'

# What was made for the command, and what the command made and took away, goes with it.
changes "the home directory is veiled anew" choreo,npm 'touch rc; ln -s rc .npmrc' : .choreo/token .npmrc
as_user sh -c "touch '/proc/$pid/root$HOME/.choreo/x' && rm '/proc/$pid/root$HOME/.choreo/x'"
user_does 'rm .npmrc'
check "it comes back" wait_for 5 shown .choreo/token .npmrc
cleared "the home directory is veiled anew" "$(printf '%s\n' "$empty" 'rc f 600 0' | sort)"
user_does 'rm rc'

user_does 'mkdir .choreo; touch rc; ln -s ../rc .choreo/token; ln -s rc .npmrc'
check_exit 12 "two places that are one file" tv run choreo,npm -- true
like "is said" "$ERR" "/rc is another service's file, too"
user_does 'rm -r .choreo .npmrc rc'

# Where the home directory can't be veiled, what is lost there takes nothing else with it.
if is_root && unshare -m true; then
	cp -a "$XDG_DATA_HOME/tokenvault/default.vault" "$T/v.vault"
	cat >"$T/look" <<-EOF
		touch "$T/reads"
		bad=0
		while [ ! -e "$T/stop" ]; do
			cat ~/.choreo/token >"$T/read" && grep -q "$CHOREO" "$T/read" || bad=\$((bad + 1))
		done
		echo "\$bad bad"
	EOF
	cat >"$T/outside" <<-EOF
		cd
		mkdir .choreo
		echo rc >.npmrc
		"$BIN/tokenvault" --keyfile "$T/key" --vault "$T/v.vault" run choreo,npm -- sh "$T/look" &
		i=0
		while [ ! -e "$T/reads" ] && [ \$i -lt 100 ]; do sleep 0.1; i=\$((i + 1)); done
		rm .npmrc
		sleep 1
		touch "$T/stop"
		wait
	EOF
	chmod 644 "$T/look" "$T/outside"
	check_exit 0 "a home directory that is a file system of its own" unshare -m sh -c 'mount --bind "$HOME" "$HOME" &&
		exec setpriv --reuid=65534 --regid=65534 --clear-groups sh "$1"' sh "$T/outside"
	same "each read is right" "$OUT" "0 bad"
else
	skip "a home directory that is a file system of its own" "only root can mount one here"
fi
finish
