/* cli/work_ask.c -- asking the server, and what becomes of that while it is away.
 *
 * Before a process has joined, a server that cannot be reached is an error, for the URL may be
 * wrong.  Afterwards it is waited for: what is asked may be asked again. */
#include "cli/work_queue.h"
#include <stdio.h>
#include <string.h>

/* Seconds between attempts. */
#define PAUSE_MAX 2.0

int work_queue_within(const struct work_queue *q)
{
    return bide_within("list %s at %s", q->place.stream, q->place.shown);
}

/* Does the failure tell of the server's state, which passes, and not of what was asked? */
static bool may_pass(void)
{
    static const char *const states[] = { "LOADING", "BUSY ", "MASTERDOWN", "READONLY",
                                          "OOM ", "MISCONF", "max number of" };
    switch (bide_errcode()) {
    case BIDE_EDB:
        for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
            if (strstr(bide_errmsg(), states[i]))
                return true;
        return false;
    case BIDE_EINVAL:
    case BIDE_ELIMIT:
    case BIDE_ENOMEM:
    case BIDE_ECLOSED:
        return false;
    default:
        return !bide_cancelled();
    }
}

int work_queue_outlast(struct work_queue *q, double since)
{
    double waited = bide_now() - since;
    if (!q->patient || !may_pass())
        return work_queue_within(q);
    if (waited >= q->options->patience)
        return bide_within("list %s at %s: given up after %.0f s", q->place.stream,
                           q->place.shown, waited);
    if (!q->away)
        fprintf(stderr, "%s: list %s at %s is away, waiting: %s\n", q->command, q->place.stream,
                q->place.shown, bide_errmsg());
    q->away = true;
    double pause = 0.1 + waited / 2;
    return bide_sleep(pause < PAUSE_MAX ? pause : PAUSE_MAX);
}

void work_queue_is_there(struct work_queue *q)
{
    if (q->away)
        fprintf(stderr, "%s: list %s at %s is there again\n", q->command, q->place.stream,
                q->place.shown);
    q->away = false;
}

bide_redis_reply *work_queue_ask(struct work_queue *q, const char *script,
                                 const char *const *args, size_t count)
{
    double since = 0;
    for (;;) {
        bide_redis_reply *reply = bide_redis_script(q->redis, script,
                                                    (const char *const *)q->keys, WORK_KEYS, args,
                                                    count);
        if (reply) {
            work_queue_is_there(q);
            return reply;
        }
        since = since > 0 ? since : bide_now();
        if (work_queue_outlast(q, since) < 0)
            return NULL;
    }
}
