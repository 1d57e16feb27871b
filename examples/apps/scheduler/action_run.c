/* Running a program.  When its time is up, or the scheduler stops, leaving the block ends it. */
#include "action.h"
#include <string.h>

/* The last line of what it has printed. */
static const char *last_line(const char *text)
{
    const char *line = text;
    for (const char *at = text; *at; at++)
        if (*at == '\n' && at[1])
            line = at + 1;
    return line;
}

int action_run(struct job *job)
{
    struct bide_output got;
    bide_auto(process) process = bide_exec((const char *const *)(job->words + 1),
                                           .in = BIDE_DEVNULL, .out = BIDE_PIPE,
                                           .err = BIDE_TO_OUT, .group = true);
    int rc = bide_process_communicate(process, NULL, 0, &got);
    if (rc < 0)
        return rc;
    const char *line = last_line(got.out);
    if (got.exit.code != 0)
        return bide_fail(BIDE_EPROCESS, "%s %s%s%.*s", job->words[1], got.exit.text,
                         *line ? ": " : "", (int)strcspn(line, "\n"), line);
    job_say(job, "%.*s", (int)strcspn(line, "\n"), line);
    return 0;
}
