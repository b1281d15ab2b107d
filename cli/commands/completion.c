/* tokenvault completion: what a shell needs to complete our command lines, from the tables. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* The services there are, for the shell to ask when it needs them: a definition may be new. */
#define LIST_PROVIDERS "tokenvault provider list 2>/dev/null | sed \"1d; s/ .*//\""

/* Writes something for each option of the table. */
static void each_option(const struct tv_option *table,
			void (*write)(const struct tv_option *o, const void *arg), const void *arg)
{
	for (const struct tv_option *o = table; o && o->name; o++)
		write(o, arg);
}

static void write_option_word(const struct tv_option *o, const void *arg)
{
	(void)arg;
	printf(" --%s", o->name);
}

/* The patterns of options that take the next word. */
static void write_valued(const struct tv_option *o, const void *arg)
{
	(void)arg;
	if (o->value && o->letter)
		printf(" | --%s | -%c", o->name, o->letter);
	else if (o->value)
		printf(" | --%s", o->name);
}

static void write_all_valued(void)
{
	each_option(tv_global_options(), write_valued, NULL);
	for (const struct tv_command *const *c = tv_commands(); *c; c++) {
		each_option((*c)->options, write_valued, NULL);
		for (const struct tv_command *const *p = (*c)->parts; p && *p; p++)
			each_option((*p)->options, write_valued, NULL);
	}
}

static void write_names(const struct tv_command *const *list)
{
	for (; list && *list; list++)
		printf(" %s", (*list)->name);
}

static bool takes_provider(const struct tv_command *c)
{
	return strstr(c->arguments, "PROVIDER") != NULL;
}

/* One arm of a `case`: what can follow the command, or the part of one. */
static void write_arm(const char *parent, const struct tv_command *c)
{
	printf("\t\"%s%s%s\")\n\t\tchoices='", parent, *parent ? " " : "", c->name);
	write_names(c->parts);
	each_option(c->options, write_option_word, NULL);
	printf("'\n%s\t\t;;\n", takes_provider(c) ? "\t\tproviders=1\n" : "");
}

/* Shell that finds the command before the word at hand, and then the words that fit: the same in bash
 * and zsh but for where the command line is. */
static void write_cases(const char *line, const char *first, const char *end)
{
	printf("\tlocal i command= choices= skip= providers=\n");
	printf("\tfor ((i = %s; i < %s; i++)); do\n", first, end);
	printf("\t\tif [[ -n $skip ]]; then\n\t\t\tskip=\n\t\t\tcontinue\n\t\tfi\n");
	printf("\t\tcase ${%s[i]} in\n\t\t--", line);
	write_all_valued();
	printf(")\n\t\t\tskip=1\n\t\t\t;;\n\t\t-*) ;;\n");
	printf("\t\t*)\n\t\t\tcase $command in\n\t\t\t''");
	for (const struct tv_command *const *c = tv_commands(); *c; c++) {
		if ((*c)->parts)
			printf(" | %s", (*c)->name);
	}
	printf(") command=\"${command:+$command }${%s[i]}\" ;;\n\t\t\tesac\n\t\t\t;;\n\t\tesac\n",
	       line);
	printf("\tdone\n\tcase $command in\n\t'')\n\t\tchoices='");
	write_names(tv_commands());
	printf("'\n\t\t;;\n");
	for (const struct tv_command *const *c = tv_commands(); *c; c++) {
		write_arm("", *c);
		for (const struct tv_command *const *p = (*c)->parts; p && *p; p++)
			write_arm((*c)->name, *p);
	}
	printf("\tesac\n\tchoices+='");
	each_option(tv_global_options(), write_option_word, NULL);
	printf("'\n\t[[ -z $providers ]] || choices+=\" $(" LIST_PROVIDERS ")\"\n");
}

static void write_bash(void)
{
	printf("# Completion of tokenvault for bash: source it, or keep it as\n"
	       "# ~/.local/share/bash-completion/completions/tokenvault\n"
	       "_tokenvault() {\n");
	write_cases("COMP_WORDS", "1", "COMP_CWORD");
	printf("\tif [[ -n $skip ]]; then\n"
	       "\t\tchoices=\n"
	       "\tfi\n"
	       "\tCOMPREPLY=($(compgen -W \"$choices\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
	       "}\n"
	       "complete -o default -F _tokenvault tokenvault\n");
}

static void write_zsh(void)
{
	printf("#compdef tokenvault\n"
	       "# Completion of tokenvault for zsh: keep it as _tokenvault in a directory of "
	       "$fpath.\n"
	       "_tokenvault() {\n"
	       "\tlocal -a line=(\"${words[@]}\")\n"
	       "\tlocal end=$CURRENT\n");
	write_cases("line", "2", "end");
	printf("\tif [[ -n $skip ]]; then\n"
	       "\t\t_files\n"
	       "\telse\n"
	       "\t\tcompadd -- ${=choices}\n"
	       "\tfi\n"
	       "}\n"
	       "_tokenvault \"$@\"\n");
}

/* Of fish, in single quotes. */
static void write_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++)
		printf(*text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
	putchar('\'');
}

/* arg is the condition under which the option can stand. */
static void write_fish_option(const struct tv_option *o, const void *arg)
{
	printf("complete -c tokenvault%s -l %s", (const char *)arg, o->name);
	if (o->letter)
		printf(" -s %c", o->letter);
	printf("%s -d ", o->value ? " -r" : "");
	write_quoted(o->about);
	putchar('\n');
}

static void write_fish_command(const struct tv_command *c, const char *condition)
{
	printf("complete -c tokenvault -f%s -a %s -d ", condition, c->name);
	write_quoted(c->summary);
	putchar('\n');
}

static void write_fish_providers(const struct tv_command *c, const char *under)
{
	if (takes_provider(c))
		printf("complete -c tokenvault -f -n '%s%s__fish_seen_subcommand_from %s' -a "
		       "'(" LIST_PROVIDERS ")'\n",
		       under, *under ? "; and " : "", c->name);
}

static void write_fish(void)
{
	printf("# Completion of tokenvault for fish: keep it as\n"
	       "# ~/.config/fish/completions/tokenvault.fish\n");
	each_option(tv_global_options(), write_fish_option, "");
	for (const struct tv_command *const *c = tv_commands(); *c; c++) {
		char seen[128], under[96];

		write_fish_command(*c, " -n __fish_use_subcommand");
		snprintf(under, sizeof(under), "__fish_seen_subcommand_from %s", (*c)->name);
		snprintf(seen, sizeof(seen), " -n '%s'", under);
		write_fish_providers(*c, "");
		each_option((*c)->options, write_fish_option, seen);
		for (const struct tv_command *const *p = (*c)->parts; p && *p; p++) {
			write_fish_command(*p, seen);
			each_option((*p)->options, write_fish_option, seen);
			write_fish_providers(*p, under);
		}
	}
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	const char *shell = tv_args_word(cli->args, 0);

	if (!strcmp(shell, "bash"))
		write_bash();
	else if (!strcmp(shell, "zsh"))
		write_zsh();
	else if (!strcmp(shell, "fish"))
		write_fish();
	else
		return tv_fail(err, TV_USAGE, "bash, zsh or fish, not %s", shell);
	return TV_OK;
}

const struct tv_command tv_command_completion = {
	.name = "completion",
	.arguments = "bash|zsh|fish",
	.least = 1,
	.most = 1,
	.summary = "for a shell to complete us",
	.help = "Prints what makes a shell complete our commands, options and services, to be\n"
		"sourced.",
	.run = run,
};
