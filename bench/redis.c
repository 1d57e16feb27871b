/* The row of Redis, as a program would be written: tasks that each ask and await the reply.
 * stint.h says what it is told and what it prints. */
#include <bide.h>
#include <bide/redis.h>

#include "stint.h"

static struct stint stint;
static bide_redis *redis;
static long left;

static int ask_while_any(void *unused)
{
    (void)unused;
    while (left > 0) {
        left--;
        bide_auto(redis_reply) reply = bide_redis_call(redis, "GET", STINT_KEY);
        if (!reply)
            return bide_errcode();
        if (strcmp(bide_redis_text(reply), STINT_VALUE) != 0)
            return bide_fail(BIDE_EDB, "another value");
    }
    return 0;
}

static int ask_all(long count, int tasks)
{
    BIDE_GROUP(group);
    left = count;
    for (int i = 0; i < tasks; i++)
        bide_spawn(group, ask_while_any, NULL);
    return bide_group_wait(group);
}

static int run(void *unused)
{
    (void)unused;
    int tasks = stint_is(&stint, "pipelined") ? STINT_FLIGHT : 1;
    bide_auto(redis) opened = redis = bide_redis_open(stint.url);
    bide_auto(redis_reply) set = bide_redis_call(redis, "SET", STINT_KEY, STINT_VALUE);
    int rc = set ? ask_all(stint.count / 10 + 1, tasks) : bide_errcode();
    stint_begin(&stint);
    if (rc == 0)
        rc = ask_all(stint.count, tasks);
    if (rc == 0)
        stint_print(&stint, "rate");
    return rc;
}

int main(int argc, char **argv)
{
    if (!stint_read(&stint, argc, argv))
        return 2;
    if (bide_run(run, NULL) >= 0)
        return 0;
    fprintf(stderr, "redis: %s\n", bide_errmsg());
    return 1;
}
