/* tokenvault provider: the services' definitions. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/doctor/doctor.h"
#include "cli/report.h"

#define DEFINITION_MAX (1 << 20)

static struct tv_json *about(const struct tv_provider *p)
{
	tv_auto_json *j = tv_json_object();
	struct tv_json *done;

	if (!tv_json_put_text(j, "name", p->name) || !tv_json_put_text(j, "title", p->title) ||
	    !tv_json_put_text(j, "console", p->console) ||
	    !tv_json_put_bool(j, "builtin", p->builtin))
		return NULL;
	done = j;
	j = NULL;
	return done;
}

static enum tv_status list_json(const struct tv_providers *all, struct tv_error *err)
{
	tv_auto_json *list = tv_json_array();

	for (size_t i = 0; i < tv_providers_count(all); i++) {
		if (!tv_json_put(list, NULL, about(tv_providers_at(all, i))))
			return tv_fail(err, TV_NO_MEMORY, "a report");
	}
	return tv_report_json(list, err);
}

static enum tv_status run_list(struct tv_cli *cli, struct tv_error *err)
{
	static const char *const heads[] = {"PROVIDER", "TITLE", "FROM", NULL};
	tv_auto_table table = {.heads = heads};
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (status)
		return status;
	if (cli->is_json)
		return list_json(cli->providers, err);
	for (size_t i = 0; i < tv_providers_count(cli->providers); i++) {
		const struct tv_provider *p = tv_providers_at(cli->providers, i);

		tv_table_cell(&table, p->name);
		tv_table_cell(&table, p->title);
		tv_table_cell(&table, p->builtin ? "built in" : "your own");
	}
	return tv_table_print(&table, err);
}

static void print_fields(const struct tv_provider *p)
{
	for (size_t i = 0; i < p->n_fields; i++) {
		const struct tv_provider_field *f = &p->fields[i];

		printf("field    %s%s%s%s  %s\n", f->name, f->value && *f->value ? " = " : "",
		       f->value ? f->value : "", f->required ? " (required)" : "",
		       f->about ? f->about : "");
	}
}

static void print_files(const struct tv_provider *p)
{
	for (size_t i = 0; i < p->n_files; i++) {
		const struct tv_file *f = &p->files[i];

		printf("file     ~/%s  %04o%s%s%s\n", f->path, f->mode, f->versions ? "  " : "",
		       f->versions ? f->versions : "", f->on ? "" : "  (off; tokenvault view on)");
	}
}

static void print_adopt(const struct tv_provider *p)
{
	for (size_t i = 0; i < p->n_files; i++)
		if (p->files[i].adopt.format)
			printf("adopt    ~/%s  as %s\n", p->files[i].path,
			       p->files[i].adopt.format);
}

/* Where a field without default makes the host, the definition's own words have to do. */
static enum tv_status print_hosts(const struct tv_provider *p, struct tv_error *err)
{
	tv_auto_json *hosts = NULL;
	enum tv_status status = tv_http_hosts(&hosts, p, NULL, err);
	const char *between = "";

	printf("hosts    ");
	if (!status)
		for (const struct tv_json *h = tv_json_first(hosts); h; h = tv_json_next(h)) {
			printf("%s%s", between, tv_json_text(h));
			between = ", ";
		}
	else if (status == TV_BAD_VALUE && p->n_verify)
		printf("%s", p->verify->base);
	else
		return status;
	printf("%s\n", *between || status ? "" : "-");
	return TV_OK;
}

static enum tv_status print_interface(const struct tv_provider *p, struct tv_error *err)
{
	enum tv_status status = print_hosts(p, err);

	if (status)
		return status;
	printf("verify   %s\n", p->n_verify ? "yes" : "no");
	printf("rotate   %s\n", p->mint ? "by the service's interface" : "by hand, at the console");
	printf("revoke   %s\n",
	       p->revoke ? "by the service's interface" : "by hand, at the console");
	for (size_t i = 0; i < p->n_environment; i++)
		printf("variable %s\n", p->environment[i]);
	return TV_OK;
}

static enum tv_status print_source(const struct tv_provider *p, struct tv_error *err)
{
	tv_auto_secret text = {0};

	tv_secret_puts(&text, p->source);
	if (text.len && text.data[text.len - 1] != '\n')
		tv_secret_putc(&text, '\n');
	return tv_secret_write(&text, STDOUT_FILENO, err);
}

static enum tv_status run_show(struct tv_cli *cli, struct tv_error *err)
{
	const struct tv_provider *p;
	enum tv_status status = tv_cli_load_providers(cli, err);

	if (!status)
		status = tv_providers_require(&p, cli->providers, tv_args_word(cli->args, 0), err);
	if (status)
		return status;
	if (cli->is_json)
		return print_source(p, err);
	printf("service  %s (%s)\n", p->title, p->name);
	printf("token    %s\n", p->token_shape ? p->token_shape : "any text");
	printf("console  %s\n", p->console ? p->console : "-");
	print_fields(p);
	print_files(p);
	print_adopt(p);
	return print_interface(p, err);
}

static enum tv_status run_check(struct tv_cli *cli, struct tv_error *err)
{
	const char *path = tv_args_word(cli->args, 0);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct tv_provider *p = NULL;
	tv_auto_secret text = {0};
	enum tv_status status;

	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	status = tv_secret_read(&text, fd, DEFINITION_MAX, path, err);
	close(fd);
	if (!status)
		status = tv_provider_parse(&p, tv_secret_text(&text), text.len, path, err);
	if (status)
		return status;
	if (cli->is_json)
		status = print_source(p, err);
	else
		tv_say(cli, "%s is a good definition of %s; it belongs in %s/%s.json", path,
		       p->name, cli->paths.providers, p->name);
	tv_provider_free(p);
	return status;
}

static const struct tv_command list = {
	.name = "list",
	.arguments = "",
	.summary = "the services there are",
	.help = "Lists the services that have a definition, built in or of your own. With\n"
		"--json: an array of objects.",
	.run = run_list,
};

static const struct tv_command show = {
	.name = "show",
	.arguments = "PROVIDER",
	.least = 1,
	.most = 1,
	.summary = "what one is",
	.help = "Shows where a service's tokens are made, which fields an entry can have, which\n"
		"files it gets and which of them adopt can read, the hosts that are asked, what\n"
		"the service can do, and the variables that tools look into. With --json: the\n"
		"definition.",
	.run = run_show,
};

static const struct tv_command check = {
	.name = "check",
	.arguments = "FILE",
	.least = 1,
	.most = 1,
	.summary = "whether one is right",
	.help = "Checks a definition that you wrote; what is wrong is named with its line and\n"
		"key.",
	.run = run_check,
};

static const struct tv_command *const parts[] = {&list, &show, &check, &tv_command_provider_doctor,
						 NULL};

const struct tv_command tv_command_provider = {
	.name = "provider",
	.arguments = "list|show|check|doctor",
	.summary = "the services it knows",
	.help = "Services are definition files: those built in, and your own in\n"
		"~/.config/tokenvault/providers/NAME.json, which come before them.",
	.parts = parts,
};
