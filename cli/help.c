/* Help and usage, written from the tables of cli/command.h so that they fit a screen of 80×24. */
#include "cli/help.h"

#include <string.h>

#define SCREEN	     23 /* lines, with one for the prompt */
#define OPTION_LINES 4

static void usage_line(FILE *to, const char *lead, const struct tv_command *parent,
		       const struct tv_command *c)
{
	fprintf(to, "%s tokenvault%s%s %s%s%s%s\n", lead, parent ? " " : "",
		parent ? parent->name : "", c->name, c->options ? " [OPTION]..." : "",
		*c->arguments ? " " : "", c->arguments);
}

void tv_help_usage(FILE *to, const struct tv_args *args)
{
	const struct tv_command *c = args->command;

	if (!c) {
		fprintf(to, "usage: tokenvault [OPTION]... COMMAND [ARGUMENT]...\n");
	} else if (!c->parts) {
		usage_line(to, "usage:", args->parent, c);
	} else {
		for (size_t i = 0; c->parts[i]; i++)
			usage_line(to, i ? "      " : "usage:", c, c->parts[i]);
	}
}

/* "-k, --keyfile PATH" and what it is for, each padded to a width. */
static void option_cell(FILE *to, const struct tv_option *o, int form_width, int about_width)
{
	char form[64], letter[] = {'-', o->letter, ',', '\0'};

	snprintf(form, sizeof(form), "--%s%s%s", o->name, o->value ? " " : "",
		 o->value ? o->value : "");
	fprintf(to, "  %-3s %-*s %-*s", o->letter ? letter : "", form_width, form, about_width,
		o->about);
}

static void option_line(FILE *to, const struct tv_option *o)
{
	option_cell(to, o, 20, 0);
	fputc('\n', to);
}

static void option_lines(FILE *to, const struct tv_option *table)
{
	for (const struct tv_option *o = table; o && o->name; o++)
		option_line(to, o);
}

/* Whether a part before this one has the very same option. */
static bool is_told(const struct tv_command *const *parts, size_t part, const struct tv_option *o)
{
	for (size_t i = 0; i < part; i++) {
		for (const struct tv_option *p = parts[i]->options; p && p->name; p++) {
			if (!strcmp(p->name, o->name) && !strcmp(p->about, o->about))
				return true;
		}
	}
	return false;
}

/* The options of every command in two columns, to be read downwards. */
static void global_option_lines(FILE *to)
{
	const struct tv_option *table = tv_global_options();
	size_t count = 0, half;

	while (table[count].name)
		count++;
	half = (count + 1) / 2;
	for (size_t i = 0; i < half; i++) {
		option_cell(to, &table[i], 17, half + i < count ? 16 : 0);
		if (half + i < count)
			option_cell(to, &table[half + i], 17, 0);
		fputc('\n', to);
	}
}

static size_t count_commands(void)
{
	size_t count = 0;

	while (tv_commands()[count])
		count++;
	return count;
}

/* All commands in two columns, to be read downwards. */
static void command_lines(FILE *to)
{
	const struct tv_command *const *list = tv_commands();
	const size_t count = count_commands(), half = (count + 1) / 2;

	for (size_t i = 0; i < half; i++) {
		const struct tv_command *right = half + i < count ? list[half + i] : NULL;

		fprintf(to, "  %-8s %-*s", list[i]->name, right ? 28 : 0, list[i]->summary);
		if (right)
			fprintf(to, " %-10s %s", right->name, right->summary);
		fputc('\n', to);
	}
}

/* Parts that share a table stand side by side, and some share an option. */
static void part_options(FILE *to, const struct tv_command *const *parts)
{
	for (size_t i = 0; parts && parts[i]; i++) {
		const struct tv_option *before = i ? parts[i - 1]->options : NULL;

		if (before == parts[i]->options)
			continue;
		for (const struct tv_option *o = parts[i]->options; o && o->name; o++)
			if (!is_told(parts, i, o))
				option_line(to, o);
	}
}

static void command_help(FILE *to, const struct tv_command *c)
{
	bool has_options = c->options != NULL;

	if (*c->help)
		fprintf(to, "\n%s\n", c->help);
	for (size_t i = 0; c->parts && c->parts[i]; i++)
		has_options |= c->parts[i]->options != NULL;
	if (has_options)
		fputc('\n', to);
	option_lines(to, c->options);
	part_options(to, c->parts);
	fprintf(to, "\nThe options of tokenvault --help go with every command.\n");
}

void tv_help(FILE *to, const struct tv_args *args)
{
	/* Beside the usage, the commands and the options. */
	const size_t rest = SCREEN - 1 - (count_commands() + 1) / 2 - OPTION_LINES;

	tv_help_usage(to, args);
	if (args->command) {
		command_help(to, args->command);
		return;
	}
	if (rest > 1)
		fputc('\n', to);
	command_lines(to);
	if (rest > 2)
		fputc('\n', to);
	global_option_lines(to);
	if (rest > 0)
		fprintf(to, "tokenvault COMMAND --help and tokenvault(1) tell more.\n");
}
