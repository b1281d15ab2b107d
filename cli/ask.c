/* Credentials: from the keyfile, a descriptor, this machine, or the person at the terminal. */
#include "cli/ask.h"

#include <string.h>
#include <unistd.h>

#include "cli/device.h"
#include "cli/keyfile.h"
#include "cli/prompt/prompt.h"
#include "cli/terminal.h"

static const char no_terminal[] = "use --passphrase-fd N or --keyfile PATH";

static enum tv_status check_passphrase(const struct tv_secret *s, struct tv_error *err)
{
	if (!s->len)
		return tv_fail(err, TV_BAD_VALUE, "the passphrase is empty");
	if (memchr(s->data, '\0', s->len))
		return tv_fail(err, TV_BAD_VALUE, "the passphrase holds a NUL byte");
	return TV_OK;
}

static enum tv_status read_line(struct tv_secret *out, const struct tv_ask *ask, const char *what,
				struct tv_error *err)
{
	bool eof = false;
	enum tv_status status =
		tv_secret_read_line(out, &eof, ask->passphrase_fd, TV_PASSPHRASE_MAX, what, err);

	if (status)
		return status;
	if (eof)
		return tv_fail(err, TV_BAD_VALUE, "descriptor %d has no line left for %s",
			       ask->passphrase_fd, what);
	return check_passphrase(out, err);
}

static enum tv_status ask_line(struct tv_secret *out, const char *prompt, struct tv_error *err)
{
	enum tv_status status = tv_terminal_ask(out, prompt, TV_PASSPHRASE_MAX, no_terminal, err);

	return status ? status : check_passphrase(out, err);
}

static enum tv_status ask_by_prompt(struct tv_secret *out, struct tv_prompt *prompt,
				    struct tv_error *err)
{
	enum tv_status status = tv_prompt_passphrase(out, prompt, err);

	return status ? status : check_passphrase(out, err);
}

static enum tv_status ask_twice(struct tv_secret *out, struct tv_error *err)
{
	tv_auto_secret again = {0};
	enum tv_status status = ask_line(out, "New passphrase: ", err);

	if (status)
		return status;
	status = tv_terminal_ask(&again, "Once more: ", TV_PASSPHRASE_MAX, no_terminal, err);
	if (status)
		return status;
	if (!tv_secret_equals(&again, out))
		return tv_fail(err, TV_BAD_VALUE, "the two passphrases differ");
	return TV_OK;
}

bool tv_ask_is_automatic(const struct tv_ask *ask)
{
	return ask->keyfile || ask->passphrase_fd >= 0;
}

struct tv_ways tv_ask_ways(const struct tv_ask *ask)
{
	struct tv_ways ways = {.parts = TV_PART_BIT(TV_PART_PASSPHRASE)};

	if (ask->passphrase_fd >= 0)
		ways.at_hand |= TV_PART_BIT(TV_PART_PASSPHRASE);
	if (ask->keyfile)
		ways.named |= TV_PART_BIT(TV_PART_KEYFILE);
	else if (ask->device && ask->passphrase_fd < 0)
		ways.at_hand |= TV_PART_BIT(TV_PART_DEVICE);
	ways.at_hand |= ways.named;
	ways.parts |= ways.at_hand;
	return ways;
}

static enum tv_status get_passphrase(struct tv_secret *out, struct tv_ask *ask,
				     struct tv_error *err)
{
	if (ask->has_read_ahead) {
		tv_secret_move(out, &ask->passphrase);
		ask->has_read_ahead = false;
		return TV_OK;
	}
	if (ask->passphrase_fd >= 0) {
		ask->has_read = true;
		return read_line(out, ask, "the passphrase", err);
	}
	if (ask->prompt)
		return ask_by_prompt(out, ask->prompt, err);
	return ask_line(out, "Passphrase: ", err);
}

static enum tv_status get_keyfile(struct tv_secret *out, struct tv_ask *ask, struct tv_error *err)
{
	return tv_keyfile_read(out, ask->keyfile, err);
}

/* It was not named: what is wrong with it is no reason not to ask for something else. */
static enum tv_status get_device(struct tv_secret *out, struct tv_ask *ask, struct tv_error *err)
{
	enum tv_status status;

	/* A prompt is there so that a person opens the vault. */
	if (ask->prompt)
		return TV_NO_ENTRY;
	status = tv_device_read(out, ask->device, err);
	if (status == TV_NO_ENTRY)
		*err->detail = '\0';
	return status == TV_REFUSED || status == TV_BAD_VALUE || status == TV_IO ? TV_NO_ENTRY
										 : status;
}

enum tv_status tv_ask_part(struct tv_secret *out, enum tv_part part, struct tv_ask *ask,
			   struct tv_error *err)
{
	static enum tv_status (*const getters[TV_PARTS])(struct tv_secret *, struct tv_ask *,
							 struct tv_error *) = {
		[TV_PART_PASSPHRASE] = get_passphrase,
		[TV_PART_KEYFILE] = get_keyfile,
		[TV_PART_DEVICE] = get_device,
	};

	return getters[part](out, ask, err);
}

enum tv_status tv_ask_new_passphrase(struct tv_secret *out, struct tv_ask *ask,
				     struct tv_error *err)
{
	if (ask->passphrase_fd >= 0)
		return read_line(out, ask, "the new passphrase", err);
	return ask_twice(out, err);
}

enum tv_status tv_ask_read_ahead(struct tv_ask *ask, struct tv_error *err)
{
	enum tv_status status;

	if (ask->passphrase_fd != STDIN_FILENO || ask->has_read)
		return TV_OK;
	ask->has_read = true;
	status = read_line(&ask->passphrase, ask, "the passphrase", err);
	ask->has_read_ahead = !status;
	return status;
}

enum tv_status tv_ask_token(struct tv_secret *out, const char *prompt, struct tv_error *err)
{
	enum tv_status status;

	/* Room for line ends beyond the longest token; the check then says what is wrong. */
	if (isatty(STDIN_FILENO))
		status = tv_terminal_ask(out, prompt, TV_TOKEN_MAX + 16,
					 "give the token on standard input", err);
	else
		status = tv_secret_read(out, STDIN_FILENO, TV_TOKEN_MAX + 16,
					"the token on standard input", err);
	return status ? status : tv_token_clean(out, err);
}
