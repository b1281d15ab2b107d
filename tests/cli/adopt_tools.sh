# Adopting the files of tools that keep tokens in their own ways: several rules for a file, base64, names that
# are to be followed; and what makes such a file be left alone.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/mount/vault.sh"
sandbox
. "$TESTS/cli/adopting.sh"

# ---- several rules for one file
afresh
put .cargo/credentials.toml <<END
[registry]
token = "$CHOREO"
[registries.team]
token = "$CHOREO_EU"
[registries.other]
token = "$AZION"
secret-key = "S3cretSetting"
END
check_exit 12 "a registry that has more than a token" adopt cargo
like "is named" "$ERR" 'also has /registries/other/secret-key, which'
same "not its value" "$(printf '%s' "$ERR$OUT" | grep -c S3cretSetting)" 0
as_user sed -i /secret-key/d "$HOME/.cargo/credentials.toml"
check_exit 0 "cargo's default registry and others" adopt cargo
has cargo/default "$CHOREO"
has cargo/team "$CHOREO_EU"
has cargo/other "$AZION"
like "the registry is known" "$(k show cargo/team --json)" '"registry":.*team'
gone .cargo/credentials.toml
put .config/doctl/config.yaml <<END
access-token: $CHOREO
context: default
auth-contexts:
    team: $CHOREO_EU
END
check_exit 0 "doctl's default context and another" adopt doctl
has doctl/default "$CHOREO"
has doctl/team "$CHOREO_EU"
afresh
put .config/doctl/config.yaml <<END
access-token: $CHOREO
context: team
auth-contexts:
    team: $CHOREO_EU
END
check_exit 12 "doctl with another context in use, which would become its default one" adopt doctl
like "is left alone" "$ERR" 'also has /access-token'
same "and not stored" "$(k list --json | grep -c '"label"')" 0

# ---- an entry that the vault has, without the fields that the file has, or with others
afresh
printf '%s' "$AZION" | k add azion --no-verify --field email=me@example.com 2>/dev/null || not_ok "add"
printf "Token = '%s'\nUUID = 'id-1'\nEmail = 'me@example.com'\nClientId = '1a2b'\n" "$AZION" |
	put .azion/default/settings.toml
check_exit 0 "adopting what the vault has in part" adopt azion
like "says what is added" "$ERR" '^  azion/default gets what it lacks of it: uuid, client_id$'
gone .azion/default/settings.toml
like "it is in the vault" "$(k show azion --json | tr -d '\n')" '"uuid":.*"id-1"'
like "and so is the other" "$(k show azion --json | tr -d '\n')" '"client_id":.*"1a2b"'
same "there is no other entry" "$(k list --json | grep -c '"label"')" 1
printf "Token = '%s'\nUUID = 'id-2'\nS3Bucket = 'b'\n" "$AZION" | put .azion/default/settings.toml
check_exit 12 "a field of another value" adopt azion
like "is named, and what to do" "$ERR" 'has another uuid than azion/default in the vault; left alone: .*set --field uuid'
same "but not shown" "$(printf '%s' "$ERR$OUT" | grep -c id-)" 0
like "the file is there" "$(cat "$HOME/.azion/default/settings.toml")" id-2
same "and gave nothing" "$(k show azion --json | grep -c s3_bucket)" 0
check_exit 12 "with --keep, too" adopt azion --keep
same "nor then" "$(k show azion --json | grep -c s3_bucket)" 0
afresh
printf '%s' "$API7_CI" | k add api7 --no-verify 2>/dev/null || not_ok "add"
printf 'profiles:\n- {name: default, address: "https://evil.example", user: {access_token: %s}}\n' "$API7_CI" |
	put .api7cloud/config
check_exit 12 "a field that the definition gives, with another value" adopt api7
like "is named" "$ERR" 'another address than api7/default'
same "no host is added" "$(k show api7 --json | grep -c evil)" 0

# ---- docker: base64 of USER:TOKEN, and what is kept elsewhere
auth() {
	printf '%s' "$1" | base64 -w0
}
afresh
put .docker/config.json <<END
{"auths": {"https://r.example/v1/": {"auth": "$(auth "jo:$AZION")"},
	"other.example": {"auth": "$(auth "al:$CHOREO:x")"}}}
END
check_exit 0 "docker's registries" adopt docker
has docker/https---r.example-v1- "$AZION"
has docker/other.example "$CHOREO:x"
like "with their users" "$(k show docker/other.example --json)" '"user":.*"al"'
gone .docker/config.json
# left WHAT NAMED: standard input as docker's configuration has something besides a token.
left() {
	afresh
	put .docker/config.json
	cp "$HOME/.docker/config.json" "$SANDBOX/before"
	check_exit 12 "docker: $1" adopt docker
	like "$1: said" "$ERR" "config\\.json $2"
	check "$1: left as it was" cmp -s "$HOME/.docker/config.json" "$SANDBOX/before"
	same "$1: nothing is stored" "$(k list --json | grep -c '"label"')" 0
}
left "a store of credentials" 'also has /credsStore, which' <<END
{"auths": {"r.example": {"auth": "$(auth "jo:$AZION")"}}, "credsStore": "desktop"}
END
left "nothing but a store" 'has no token in it' <<END
{"auths": {"r.example": {}}, "credsStore": "desktop"}
END
left "an identity token" 'also has /auths/b.example, which' <<END
{"auths": {"r.example": {"auth": "$(auth "jo:$AZION")"},
	"b.example": {"auth": "$(auth "jo:$CHOREO")", "identitytoken": "x"}}}
END
left "base64 of something else" 'also has /auths/b.example, which' <<END
{"auths": {"r.example": {"auth": "$(auth "jo:$AZION")"}, "b.example": {"auth": "$(auth jo)"}}}
END

# ---- kubernetes: contexts with their clusters and users
# kubeconfig: two contexts, and standard input after them.
kubeconfig() {
	afresh
	{
		cat <<END
apiVersion: v1
kind: Config
preferences: {}
current-context: dev
contexts:
- name: dev
  context: {cluster: c-dev, user: u-dev, namespace: web}
- name: prod
  context: {cluster: c-prod, user: u-prod}
clusters:
- {name: c-dev, cluster: {server: "https://dev.example:6443", certificate-authority-data: QUJD}}
- {name: c-prod, cluster: {server: "https://prod.example"}}
END
		cat
	} | put .kube/config
}
kubeconfig <<END
users:
- {name: u-prod, user: {token: $CHOREO}}
- {name: u-dev, user: {token: $CHOREO_EU}}
END
check_exit 0 "kubectl's contexts" adopt kubernetes
has kubernetes/prod "$CHOREO"
has kubernetes/dev "$CHOREO_EU"
has kubernetes "$CHOREO_EU"
for field in '"server":.*https://dev.example:6443' '"ca_data":.*QUJD' '"namespace":.*web'; do
	like "a field comes along" "$(k show kubernetes/dev --json | tr -d '\n')" "$field"
done
gone .kube/config
# kept WHAT NAMED: standard input is the rest of such a file, that has more.
kept() {
	kubeconfig
	check_exit 12 "kubernetes: $1" adopt kubernetes
	like "$1: named" "$ERR" "also has $2"
	same "$1: without values" "$(printf '%s' "$ERR$OUT" | grep -c S3cretSetting)" 0
	same "$1: nothing is stored" "$(k list --json | grep -c '"label"')" 0
}
kept "a user that a program logs in" '/contexts/0/user/exec, which' <<END
users:
- {name: u-prod, user: {token: $CHOREO}}
- {name: u-dev, user: {token: $CHOREO_EU, exec: {command: S3cretSetting}}}
END
kept "a client's certificate" '/contexts/0, which' <<END
users:
- {name: u-prod, user: {token: $CHOREO}}
- {name: u-dev, user: {client-certificate-data: QUJD, client-key-data: S3cretSetting}}
END
kept "a user whom no context has" '/users/0, which' <<END
users:
- {name: u-prod, user: {token: $CHOREO}}
- {name: u-dev, user: {token: $CHOREO_EU}}
- {name: u-third, user: {token: S3cretSetting}}
END
kept "two users of one name" '/contexts/0, /users/0, /users/1, which' <<END
users:
- {name: u-prod, user: {token: $CHOREO}}
- {name: u-dev, user: {token: $CHOREO_EU}}
- {name: u-dev, user: {token: S3cretSetting}}
END
shared() {
	sed 's/user: u-prod/user: u-dev/' "$HOME/.kube/config" | put .kube/shared
	as_user mv "$HOME/.kube/shared" "$HOME/.kube/config"
}
kubeconfig <<END
users:
- {name: u-dev, user: {token: $CHOREO_EU}}
END
shared
check_exit 12 "kubernetes: a user of two contexts" adopt kubernetes
like "its name is named" "$ERR" 'also has /contexts/0/context/user, /contexts/1/context/user, which'

# ---- npm
afresh
put .npmrc <<END
//r.example/:_authToken=$AZION
//other.example:8443/npm/:_authToken=$CHOREO
END
check_exit 0 "npm's registries" adopt npm
has npm/r.example "$AZION"
has npm/other.example-8443-npm "$CHOREO"
like "a registry has its path" "$(k show npm/other.example-8443-npm --json)" '"registry":.*other.example:8443/npm'
gone .npmrc
afresh
put .npmrc <<END
//r.example/:_authToken=$AZION
registry=https://r.example/
save-exact=true
END
check_exit 12 "other settings of npm's" adopt npm
like "are named" "$ERR" 'npmrc also has /registry, /save-exact, which'
same "and left" "$(grep -c . "$HOME/.npmrc")" 3
afresh
echo '//r.example/:_authToken=${NPM_TOKEN}' | put .npmrc
check_exit 12 "npm's token in a variable" adopt npm
like "is none" "$ERR" 'npmrc has no token in it'
check_exit 12 "nor is it with --keep" adopt npm --keep
same "nothing is stored" "$(k list --json | grep -c '"label"')" 0
finish
