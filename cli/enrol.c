/* Asking another machine for a key: the line that this one prints, and that one reads. */
#include "cli/enrol.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/device.h"
#include "cli/report.h"
#include "cli/terminal.h"

#define TYPE "device"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "an enrolment");
}

/* The vault that lies here need not be the true one yet: whoever adds the key compares its id. */
static enum tv_status read_vault_id(unsigned char id[static TV_ID_BYTES], const char *path,
				    struct tv_error *err)
{
	struct tv_header header = {0};
	tv_auto_store *store = NULL;
	tv_auto_bytes file = {0};
	enum tv_status status = tv_store_open(&store, path, err);

	if (!status)
		status = tv_store_read(&file, store, err);
	if (status == TV_NO_VAULT)
		return tv_fail(err, status, "%s; the copy that is to be opened has to be there",
			       path);
	if (!status)
		status = tv_header_parse(&header, file.data, file.len, err);
	if (!status)
		memcpy(id, header.vault_id, TV_ID_BYTES);
	tv_header_free(&header);
	return status;
}

/* This machine's name as a label. */
static void default_label(char out[static TV_LABEL_MAX + 1])
{
	char name[TV_LABEL_MAX + 1] = "";

	if (gethostname(name, sizeof(name)))
		snprintf(name, sizeof(name), TYPE);
	/* One that was cut off need not end. */
	name[TV_LABEL_MAX] = '\0';
	for (char *c = name; *c; c++) {
		if (!tv_label_is_valid((char[]){*c, '\0'}) && *c != '.')
			*c = '-';
	}
	snprintf(out, TV_LABEL_MAX + 1, "%s", tv_label_is_valid(name) ? name : TYPE);
}

static enum tv_status make_line(struct tv_secret *out, struct tv_slot_new *slot,
				const struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_credential credential = {.type = TYPE};
	const char *label = tv_args_value(cli->args, "label");
	unsigned char vault_id[TV_ID_BYTES];
	char name[TV_LABEL_MAX + 1];
	bool made;
	enum tv_status status;

	default_label(name);
	if (label && !tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "--label `%s`: 1 to 64 of A-Z a-z 0-9 . _ -",
			       label);
	status = read_vault_id(vault_id, cli->paths.vault, err);
	if (!status)
		status = tv_device_read_or_make(&credential.part[TV_PART_DEVICE], &made,
						&cli->paths, err);
	if (!status && made)
		tv_say(cli, "made this machine's key %s; it is not to leave the machine",
		       cli->paths.device);
	if (!status)
		status = tv_slot_prepare(slot, &credential, label ? label : name, vault_id, NULL,
					 &tv_kdf_limits, err);
	return status ? status : tv_enrolment_print(out, slot, vault_id, err);
}

static enum tv_status write_file(const char *path, const struct tv_secret *text,
				 struct tv_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum tv_status status;

	if (fd < 0 && errno == EEXIST)
		return tv_fail(err, TV_EXISTS, "%s", path);
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	status = tv_secret_write(text, fd, err);
	if (close(fd) && !status)
		status = tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	if (status)
		unlink(path);
	return status;
}

static enum tv_status report(const struct tv_secret *line, const struct tv_slot_new *slot,
			     struct tv_error *err)
{
	tv_auto_json *j = tv_json_object();

	if (!tv_json_put_hex(j, "uuid", slot->uuid, sizeof(slot->uuid)) ||
	    !tv_json_put_text(j, "label", slot->label) ||
	    !tv_json_put_text(j, "enrolment", tv_secret_text(line)))
		return no_memory(err);
	return tv_report_json(j, err);
}

enum tv_status tv_enrol_ask(struct tv_cli *cli, struct tv_error *err)
{
	const char *path = tv_args_value(cli->args, "output");
	tv_auto_slot_new slot = {0};
	tv_auto_secret line = {0};
	enum tv_status status = make_line(&line, &slot, cli, err);

	if (status)
		return status;
	if (cli->is_json && !path)
		return report(&line, &slot, err);
	tv_secret_putc(&line, '\n');
	status = tv_secret_check(&line, err);
	if (!status)
		status = path ? write_file(path, &line, err)
			      : tv_secret_write(&line, STDOUT_FILENO, err);
	if (!status)
		tv_say(cli,
		       "confidential: who reads that line can make a file which this machine takes "
		       "for the vault.\nWhere the vault is open: tokenvault key add %s < FILE; "
		       "then "
		       "remove the file",
		       TYPE);
	return status;
}

static enum tv_status read_line(struct tv_secret *out, const char *type, struct tv_error *err)
{
	char what[64];

	snprintf(what, sizeof(what), "the line of tokenvault key %s", type);
	if (isatty(STDIN_FILENO))
		return tv_terminal_ask(out, "Line of the other machine: ", TV_ENROLMENT_MAX,
				       "give the line on standard input", err);
	return tv_secret_read(out, STDIN_FILENO, TV_ENROLMENT_MAX, what, err);
}

enum tv_status tv_enrol_read(struct tv_slot_new *out, unsigned char vault_id[static TV_ID_BYTES],
			     const char *type, const char *label, struct tv_error *err)
{
	tv_auto_secret line = {0};
	tv_auto_slot_new slot = {0};
	enum tv_status status = read_line(&line, type, err);

	if (!status)
		status =
			tv_enrolment_parse(&slot, vault_id, &line, tv_slot_type_by_name(type), err);
	if (status)
		return status;
	if (label)
		snprintf(slot.label, sizeof(slot.label), "%s", label);
	*out = slot;
	return TV_OK;
}
