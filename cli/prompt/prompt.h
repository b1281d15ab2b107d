/* Asking a person who is not at a terminal of ours: for the passphrase, or whether a program may read. */
#ifndef TV_PROMPT_H
#define TV_PROMPT_H

#include "cli/prompt/question.h"

struct tv_prompt {
	struct tv_occasion occasion;
	struct tv_seat seat;
	struct tv_question question;
	const struct tv_asker *asker;
};

/* askpass is the program that asks, or NULL: what the environment's TOKENVAULT_ASKPASS names, else pinentry. What
 * it is about is read from standard input. The strings outlive it. */
enum tv_status tv_prompt_open(struct tv_prompt *p, const char *vault, const char *home,
			      const char *askpass, struct tv_error *err) TV_MUST_CHECK;
void tv_prompt_close(struct tv_prompt *p);
#define tv_auto_prompt __attribute__((cleanup(tv_prompt_close))) struct tv_prompt

enum tv_status tv_prompt_passphrase(struct tv_secret *out, struct tv_prompt *p,
				    struct tv_error *err) TV_MUST_CHECK;
/* The last answer was wrong; the next question says so. */
void tv_prompt_refuse(struct tv_prompt *p, const char *mistake);
/* TV_OK where the person allows it. */
enum tv_status tv_prompt_confirm(struct tv_prompt *p, struct tv_error *err) TV_MUST_CHECK;

#endif
