/* Templates: the mustache subset of variables, sections, inverted sections and comments. */
#ifndef TV_TEMPLATE_H
#define TV_TEMPLATE_H

#include "vault/escape.h"
#include "vault/json.h"
#include "vault/secret.h"
#include "vault/status.h"

/* Checks a template without data: unclosed or crossed sections, tags that are not of the subset
 * ({{{x}}}, {{&x}}, {{>x}}, {{=…=}}). TV_BAD_DEFINITION with the line and the tag. */
enum tv_status tv_template_check(const char *text, struct tv_error *err) TV_MUST_CHECK;
/* Appends the template rendered with data (an object), every variable through escape. Names may be
 * dotted; a missing one renders as nothing, as mustache has it (through the escape rule: the empty
 * scalar). Lines that hold nothing but a section tag or a comment vanish. */
enum tv_status tv_template_render(struct tv_secret *out, const char *text,
				  const struct tv_json *data, const struct tv_escape *escape,
				  struct tv_error *err) TV_MUST_CHECK;
/* Calls visit for each name that the template uses; for checks of definitions. */
void tv_template_names(const char *text, void (*visit)(const char *name, void *arg), void *arg);

#endif
