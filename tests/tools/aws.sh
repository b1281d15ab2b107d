# The unmodified aws reads the mounted ~/.aws/credentials, and signs with it.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/tools/lib.sh"
tool_test aws awscli
check "add aws" add aws "$TOKEN" --field access_key_id=AKIAEXAMPLE0000001
check "add aws/work" add aws/work "work$TOKEN" --field access_key_id=AKIAEXAMPLE0000002
check "mount" tv mount aws
accepts "AKIAEXAMPLE0000001:$TOKEN" "AKIAEXAMPLE0000002:work$TOKEN"
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
export AWS_EC2_METADATA_DISABLED=true AWS_CA_BUNDLE="$SERVICE/ca.pem" AWS_DEFAULT_REGION=eu-west-1
who="aws --no-cli-pager sts get-caller-identity --endpoint-url https://tool.example:8443"

# The server makes the signature again, with the secret that it knows.
# shellcheck disable=SC2086
{
	check_exit 0 "aws sts" tool $who
	like "its answer" "$OUT" 'arn:aws:iam::123456789012:user/jo'
	came "aws" AWS4-HMAC-SHA256 "AKIAEXAMPLE0000001:$TOKEN"
	check_exit 0 "another entry is a profile" tool $who --profile work
	came "aws --profile" AWS4-HMAC-SHA256 "AKIAEXAMPLE0000002:work$TOKEN"
	accepts "AKIAEXAMPLE0000001:another"
	check_exit 254 "a secret that is no good" tool $who
	accepts "AKIAEXAMPLE0000001:$TOKEN"
	forget_arrived
	locked_tool aws "$HOME/.aws/credentials" $who
}
finish
