/* Puts together who asks, where, and what about. */
#include "cli/prompt/prompt.h"

#include <stdlib.h>
#include <unistd.h>

enum tv_status tv_prompt_open(struct tv_prompt *p, const char *vault, const char *home,
			      const char *askpass, struct tv_error *err)
{
	const char *from_environment = getenv("TOKENVAULT_ASKPASS");
	enum tv_status status = tv_occasion_read(&p->occasion, STDIN_FILENO, err);
	const int64_t wait = tv_occasion_wait(&p->occasion);
	uint64_t start = 0;
	const char *tty;
	pid_t pid = 0;

	p->occasion.vault = vault;
	if (!askpass && from_environment && *from_environment)
		askpass = from_environment;
	tty = tv_occasion_waits(&pid, &start, &p->occasion);
	/* Started by hand, the person is here. */
	for (int fd = 0; fd <= 2 && !p->occasion.told && !tty; fd++)
		tty = ttyname(fd);
	if (!status)
		status = tv_seat_find(&p->seat, pid, start, tty, err);
	p->asker = askpass ? &tv_asker_askpass : &tv_asker_pinentry;
	p->question = (struct tv_question){
		.occasion = &p->occasion,
		.seat = &p->seat,
		.program = askpass,
		.home = home,
		.deadline = tv_dialog_now() + (wait ? wait : TV_PROMPT_MAX) * 1000,
	};
	return status;
}

void tv_prompt_close(struct tv_prompt *p)
{
	if (p->question.dialog.child)
		tv_dialog_end(&p->question.dialog, false);
	tv_seat_free(&p->seat);
	tv_occasion_free(&p->occasion);
}

enum tv_status tv_prompt_passphrase(struct tv_secret *out, struct tv_prompt *p,
				    struct tv_error *err)
{
	return p->asker->passphrase(out, &p->question, err);
}

void tv_prompt_refuse(struct tv_prompt *p, const char *mistake)
{
	p->question.mistake = mistake;
}

enum tv_status tv_prompt_confirm(struct tv_prompt *p, struct tv_error *err)
{
	return p->asker->confirm(&p->question, err);
}
