/* Templates: the mustache subset of variables, sections, inverted sections and comments. */
#ifndef TV_TEMPLATE_H
#define TV_TEMPLATE_H

#include <stddef.h>

#include "vault/escape.h"
#include "vault/json.h"
#include "vault/secret.h"
#include "vault/status.h"

/* Checks a template without data: unclosed or crossed sections, nesting beyond 16 levels, tags that
 * are not of the subset ({{{x}}}, {{&x}}, {{>x}}, {{=…=}}). TV_BAD_DEFINITION with the line and the
 * tag; *line, which may be NULL, is then the fault's line. */
enum tv_status tv_template_check(const char *text, size_t *line,
				 struct tv_error *err) TV_MUST_CHECK;
/* Appends the template rendered with data (an object), every variable through escape. Names may be
 * dotted; a missing one renders as nothing, as mustache has it (through the escape rule: the empty
 * scalar). A section is left out for what is missing, null, false, an empty list or an empty text.
 * Lines that hold nothing but a section tag or a comment vanish. {{#base64}} and {{#uri}} are no
 * sections but filters: what is inside is rendered without escaping, encoded, and then escaped. */
enum tv_status tv_template_render(struct tv_secret *out, const char *text,
				  const struct tv_json *data, const struct tv_escape *escape,
				  struct tv_error *err) TV_MUST_CHECK;
/* Calls visit for each name that a sound template uses, with its line, but filters; for checks of
 * definitions. */
void tv_template_names(const char *text, void (*visit)(const char *name, size_t line, void *arg),
		       void *arg);

#endif
