/* The part `learn` of the command `rule`. */
#ifndef TV_LEARN_H
#define TV_LEARN_H

#include "cli/command.h"

extern const struct tv_command tv_rule_learn;

#endif
