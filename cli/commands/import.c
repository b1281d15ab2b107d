/* tokenvault import: entries from elsewhere. */
#include <string.h>

#include "cli/command.h"
#include "cli/import/import.h"

static const struct tv_import_source *const sources[] = {
	&tv_import_pass,      &tv_import_dotenv, &tv_import_keepassxc,
	&tv_import_1password, &tv_import_vault,
};

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (; *words; words += strcspn(words, " "), words += strspn(words, " ")) {
		if (strcspn(words, " ") == len && !strncmp(words, word, len))
			return true;
	}
	return false;
}

/* An option that the source knows nothing of would be ignored. */
static enum tv_status check_options(const struct tv_import_source *s, const struct tv_args *args,
				    struct tv_error *err)
{
	static const char *const special[] = {"as", "label", "import-passphrase-fd",
					      "import-keyfile"};

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if (tv_args_has(args, special[i]) && !has_word(s->options, special[i]))
			return tv_fail(err, TV_USAGE, "--%s is not for %s", special[i], s->name);
	}
	if (s->needs_place && args->n_words < 2)
		return tv_fail(err, TV_USAGE, "the FILE is missing");
	return TV_OK;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	const char *name = tv_args_word(cli->args, 0);

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		enum tv_status status;

		if (strcmp(name, sources[i]->name) != 0)
			continue;
		status = check_options(sources[i], cli->args, err);
		return status ? status : tv_import_run(cli, sources[i], err);
	}
	return tv_fail(err, TV_USAGE,
		       "from pass, dotenv, keepassxc, 1password or tokenvault, not %s", name);
}

static const struct tv_option options[] = {
	{"as", 0, true, "NAME=PROVIDER[/LABEL]", "which entry NAME becomes"},
	{"label", 'l', false, "LABEL", "dotenv: of the entries, instead of `default`"},
	{"import-passphrase-fd", 0, false, "N", "tokenvault: its passphrase is there"},
	{"import-keyfile", 0, false, "PATH", "tokenvault: the keyfile that opens it"},
	{"dry-run", 'n', false, NULL, "only show what would be done"},
	{"replace", 0, false, NULL, "give entries that are there the other token"},
	{"verify", 0, false, NULL, "ask the services about the tokens first"},
	{0},
};

const struct tv_command tv_command_import = {
	.name = "import",
	.arguments = "FORMAT [SOURCE]",
	.least = 1,
	.most = 2,
	.summary = "take entries from elsewhere",
	.help = "FORMAT is pass (a password store; SOURCE: its directory), dotenv, keepassxc or\n"
		"1password (their CSV), or tokenvault (a vault, as `export` makes one). A name,\n"
		"a URL or a variable tells the service; what has none is listed and left out.\n"
		"An entry that is there with another token stays as it is, and the exit code\n"
		"is 11, unless --replace is given. The source is left as it is.",
	.options = options,
	.run = run,
};
