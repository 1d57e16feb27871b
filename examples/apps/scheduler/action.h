/* action.h -- what jobs can do.
 *
 *     warm URL...                 fetches pages, so that the caches on the way have them
 *     check URL                   a health check: does it answer, and with less than 400?
 *     rotate FILE SIZE KEEP       a log that is larger becomes FILE.1, FILE.1 becomes FILE.2, ...
 *     run COMMAND WORD...         a program of yours
 */
#ifndef ACTION_H
#define ACTION_H
#include "job.h"

struct action {
    const char *name, *usage;
    size_t least, most;                 /* words behind its name */
    int (*run)(struct job *job);        /* may wait; < 0: failed, with the error held */
};

/* The one of that name; NULL: there is none. */
const struct action *action_find(const char *name);

int action_warm(struct job *job);
int action_check(struct job *job);
int action_rotate(struct job *job);
int action_run(struct job *job);

#endif
