/* A question to a person, and the two ways to ask it: by pinentry, and by a program in the manner of ssh-askpass. */
#ifndef TV_QUESTION_H
#define TV_QUESTION_H

#include "cli/ask.h"
#include "cli/prompt/dialog.h"
#include "cli/prompt/occasion.h"

struct tv_question {
	const struct tv_occasion *occasion;
	const struct tv_seat *seat;
	const char *program; /* what asks; of pinentry NULL: the one that gpg-agent would use */
	const char *home;
	int64_t deadline;
	const char *mistake;	 /* what was wrong with the last answer, or NULL */
	char pinentry[PATH_MAX]; /* the one that asks, which stays for the next question */
	struct tv_dialog dialog; /* with it */
};

/* TV_CANCELLED where the person does not want to, or says nothing in time; TV_NO_PROMPT where it can't be asked. */
struct tv_asker {
	enum tv_status (*passphrase)(struct tv_secret *out, struct tv_question *q,
				     struct tv_error *err);
	enum tv_status (*confirm)(struct tv_question *q, struct tv_error *err);
};

/* The program that gpg-agent would use: a path, or a name for PATH. */
void tv_pinentry_find(char out[static PATH_MAX], const char *home);

extern const struct tv_asker tv_asker_pinentry;
extern const struct tv_asker tv_asker_askpass;

#endif
