/* tokenvault unlock: opens the vault of a locked server. */
#include "cli/cli.h"
#include "cli/prompt/prompt.h"

#define TRIES 3

static enum tv_status unlock(struct tv_cli *cli, struct tv_error *err)
{
	enum tv_status status = tv_session_unlock(cli->session, err);

	if (!status)
		tv_say(cli, "unlocked");
	return status;
}

/* A person may mistype. */
static enum tv_status unlock_by_prompt(struct tv_cli *cli, struct tv_prompt *prompt,
				       struct tv_error *err)
{
	enum tv_status status = TV_WRONG_KEY;

	cli->ask.prompt = prompt;
	for (int i = 1; i <= TRIES; i++) {
		status = unlock(cli, err);
		if (status == TV_BAD_VALUE)
			tv_prompt_refuse(prompt, "A passphrase is not empty.");
		else if (status == TV_WRONG_KEY)
			tv_prompt_refuse(prompt, "That is not the passphrase.");
		else
			break;
	}
	cli->ask.prompt = NULL;
	return status;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	const bool prompts = tv_args_has(cli->args, "prompt");
	const char *askpass = tv_args_value(cli->args, "askpass");
	tv_auto_prompt prompt = {0};
	enum tv_status status = TV_OK;
	bool is_unlocked;

	if (prompts && tv_ask_is_automatic(&cli->ask))
		return tv_fail(err, TV_USAGE, "--prompt asks, so there is no key to be named");
	if (askpass && !prompts)
		return tv_fail(err, TV_USAGE, "--askpass goes with --prompt");
	if (prompts)
		status = tv_prompt_open(&prompt, cli->paths.name, cli->paths.home, askpass, err);
	if (!status && tv_occasion_asks(&prompt.occasion))
		return tv_prompt_confirm(&prompt, err);
	if (!status)
		status = tv_cli_open(cli, err);
	if (status)
		return status;
	if (!tv_session_keeper(cli->session))
		return tv_fail(err, TV_NOT_MOUNTED, "no server runs; tokenvault mount starts one");
	status = tv_session_find_server(&is_unlocked, cli->session, err);
	if (status)
		return status;
	if (is_unlocked) {
		tv_say(cli, "the vault is unlocked already");
		return TV_OK;
	}
	return prompts ? unlock_by_prompt(cli, &prompt, err) : unlock(cli, err);
}

static const struct tv_option options[] = {
	{"prompt", 0, false, NULL, "ask by pinentry, where there is no terminal"},
	{"askpass", 0, false, "PROGRAM", "with --prompt: ask by this program"},
	{0},
};

const struct tv_command tv_command_unlock = {
	.name = "unlock",
	.arguments = "",
	.summary = "let the files be read again",
	.help = "Opens the vault again after `lock`. With --prompt the passphrase is asked for by\n"
		"pinentry, as the server has it done when a file is opened (see `setting set`);\n"
		"PROGRAM gets the question as its argument and prints the answer.",
	.options = options,
	.run = run,
};
