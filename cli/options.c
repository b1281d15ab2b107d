/* The command line, taken apart by the tables of cli/command.h. */
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct tv_args *args;
	char **next;	 /* what of argv is still to be read */
	bool only_words; /* after `--` */
	struct tv_error *err;
};

static const char *command_at(const void *list, size_t i)
{
	const struct tv_command *c = ((const struct tv_command *const *)list)[i];

	return c ? c->name : NULL;
}

/* The options that can stand here: the command's own, then the global ones. */
static const char *option_at(const void *own, size_t i)
{
	const struct tv_option *o = own;

	for (; o && o->name; o++, i--) {
		if (!i)
			return o->name;
	}
	for (o = tv_global_options(); o->name && i; o++)
		i--;
	return o->name;
}

static const struct tv_option *own_options(const struct parser *p)
{
	return p->args->command ? p->args->command->options : NULL;
}

static enum tv_status unknown(const struct parser *p, const char *what, const char *dashes,
			      const char *typed, const char *nearest)
{
	if (nearest)
		return tv_fail(p->err, TV_USAGE, "there is no %s %s%s; did you mean %s%s", what,
			       dashes, typed, dashes, nearest);
	return tv_fail(p->err, TV_USAGE, "there is no %s %s%s; --help lists them", what, dashes,
		       typed);
}

static enum tv_status unknown_option(const struct parser *p, const char *typed)
{
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(typed, "="), typed);
	return unknown(p, "option", "--", name, tv_nearest(name, option_at, own_options(p)));
}

static void take_option(struct parser *p, const struct tv_option *o, const char *value)
{
	p->args->given[p->args->n_given++] = (struct tv_given){o, value};
}

static enum tv_status long_option(struct parser *p, const char *text)
{
	size_t len = strcspn(text, "=");
	const char *value = text[len] ? text + len + 1 : NULL;
	const struct tv_option *o = tv_option_by_name(own_options(p), text, len);

	if (!o)
		o = tv_option_by_name(tv_global_options(), text, len);
	if (!o)
		return unknown_option(p, text);
	if (value && !o->value)
		return tv_fail(p->err, TV_USAGE, "--%s takes no value", o->name);
	if (o->value && !value)
		value = *p->next ? *p->next++ : NULL;
	if (o->value && !value)
		return tv_fail(p->err, TV_USAGE, "--%s needs a value: %s", o->name, o->value);
	take_option(p, o, value);
	return TV_OK;
}

/* Letters can share a dash; the value of the last follows it or is the next argument. */
static enum tv_status short_options(struct parser *p, const char *letters)
{
	for (; *letters; letters++) {
		const struct tv_option *o = tv_option_by_letter(own_options(p), *letters);
		const char *value = NULL;

		if (!o)
			o = tv_option_by_letter(tv_global_options(), *letters);
		if (!o)
			return unknown(p, "option", "-", (char[]){*letters, '\0'}, NULL);
		if (o->value) {
			value = letters[1] ? letters + 1 : *p->next ? *p->next++ : NULL;
			if (!value)
				return tv_fail(p->err, TV_USAGE, "-%c needs a value: %s", *letters,
					       o->value);
		}
		take_option(p, o, value);
		if (value)
			return TV_OK;
	}
	return TV_OK;
}

static enum tv_status take_command(struct parser *p, const struct tv_command *const *list,
				   const char *typed)
{
	for (size_t i = 0; list[i]; i++) {
		if (!strcmp(list[i]->name, typed)) {
			p->args->parent = p->args->command;
			p->args->command = list[i];
			return TV_OK;
		}
	}
	return unknown(p, "command", "", typed, tv_nearest(typed, command_at, list));
}

static enum tv_status take_word(struct parser *p, const char *text)
{
	const struct tv_command *c = p->args->command;

	if (!c)
		return take_command(p, tv_commands(), text);
	if (c->parts)
		return take_command(p, c->parts, text);
	p->args->words[p->args->n_words++] = text;
	return TV_OK;
}

static enum tv_status take_argument(struct parser *p, const char *text)
{
	if (!p->only_words && !strcmp(text, "--")) {
		p->only_words = true;
		return TV_OK;
	}
	if (!p->only_words && text[0] == '-' && text[1] == '-')
		return long_option(p, text + 2);
	if (!p->only_words && text[0] == '-' && text[1])
		return short_options(p, text + 1);
	return take_word(p, text);
}

/* Whether the command got what it needs. */
static enum tv_status check_words(const struct tv_args *a, struct tv_error *err)
{
	const struct tv_command *c = a->command;

	if (tv_args_has(a, "help") || tv_args_has(a, "version"))
		return TV_OK;
	if (!c)
		return tv_fail(err, TV_USAGE, "no command; --help lists them");
	if (c->parts)
		return tv_fail(err, TV_USAGE, "%s needs one of %s", c->name, c->arguments);
	if (a->n_words < c->least)
		return tv_fail(err, TV_USAGE, "an argument is missing");
	if (a->n_words > c->most)
		return tv_fail(err, TV_USAGE, "one argument too many: %s", a->words[c->most]);
	return TV_OK;
}

enum tv_status tv_args_parse(struct tv_args *out, int argc, char **argv, struct tv_error *err)
{
	struct parser p = {.args = out, .next = argv + (argc > 0), .err = err};

	/* Short options that share a dash make more of them than there are arguments. */
	size_t most = 1;

	for (int i = 0; i < argc; i++)
		most += strlen(argv[i]) + 1;
	out->given = calloc(most, sizeof(*out->given));
	out->words = calloc((size_t)argc + 1, sizeof(*out->words));
	if (!out->given || !out->words)
		return tv_fail(err, TV_NO_MEMORY, "the command line is too long");
	while (*p.next) {
		enum tv_status status = take_argument(&p, *p.next++);

		if (status)
			return status;
	}
	return check_words(out, err);
}

void tv_args_free(struct tv_args *a)
{
	free(a->given);
	free(a->words);
	*a = (struct tv_args){0};
}

bool tv_args_has(const struct tv_args *a, const char *name)
{
	for (size_t i = 0; i < a->n_given; i++) {
		if (!strcmp(a->given[i].option->name, name))
			return true;
	}
	return false;
}

const char *tv_args_value(const struct tv_args *a, const char *name)
{
	for (size_t i = a->n_given; i > 0; i--) {
		if (!strcmp(a->given[i - 1].option->name, name))
			return a->given[i - 1].value;
	}
	return NULL;
}

const char *tv_args_word(const struct tv_args *a, size_t i)
{
	return i < a->n_words ? a->words[i] : NULL;
}

enum tv_status tv_args_number(unsigned long *out, const struct tv_args *a, const char *name,
			      unsigned long most, struct tv_error *err)
{
	const char *text = tv_args_value(a, name);
	unsigned long number;
	char *end;

	if (!text)
		return TV_OK;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || text[0] < '0' || text[0] > '9' || *end || number > most)
		return tv_fail(err, TV_BAD_VALUE, "--%s %s: a number up to %lu is needed", name,
			       text, most);
	*out = number;
	return TV_OK;
}
