/* The table of actions. */
#include "action.h"
#include <string.h>

static const struct action known[] = {
    { "warm", "warm URL...", 1, JOB_WORDS_MAX - 2, action_warm },
    { "check", "check URL", 1, 1, action_check },
    { "rotate", "rotate FILE SIZE KEEP", 3, 3, action_rotate },
    { "run", "run COMMAND WORD...", 1, JOB_WORDS_MAX - 2, action_run },
};

const struct action *action_find(const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}
