/* tests/redis/cuts.h -- what is done again and again while the connection is cut at another byte,
 * and the account of it: what was acknowledged has been done, what failed for "it may have been
 * done" may have been, and nothing else was done. */
#ifndef REDIS_CUTS_H
#define REDIS_CUTS_H
#include "db/cutter.h"

#include <bide.h>
#include <bide/redis.h>

struct account { int64_t acknowledged, unknown; };

static inline void account_for(struct account *a, bool well, int64_t count)
{
    if (well)
        a->acknowledged += count;
    else if (bide_errcode() == BIDE_ETIMEDOUT || strstr(bide_errmsg(), "may have been done"))
        a->unknown += count;
}

struct teller { bide_redis *redis; struct account *account; };

static inline int tell(void *arg)
{
    struct teller *t = arg;
    for (int i = 0; i < 3; i++) {
        bide_auto(redis_reply) r = bide_redis_call(t->redis, "INCR", "n");
        account_for(t->account, r != NULL, 1);
    }
    return 0;
}

static inline void do_commands(bide_redis *redis, struct account *a)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 4; i++)
        bide_spawn_with(g, tell, struct teller, redis, a);
    CHECK_EQ(bide_group_wait(g), 0);
}

static inline void do_batches(bide_redis *redis, struct account *a)
{
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 5; k++)
            CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
        bide_auto(redis_reply) r = bide_redis_send(b);
        account_for(a, r != NULL, 5);
    }
}

/* All or nothing: once with a key that is watched, once without. */
static inline void do_transactions(bide_redis *redis, struct account *a)
{
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    for (int i = 0; i < 2; i++) {
        bool watched = i == 0 && bide_redis_watch(b, "other") == 0;
        CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
        CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
        bide_auto(redis_reply) r = bide_redis_exec(b);
        CHECK(!r || i == 1 || watched);
        account_for(a, r != NULL, 2);
    }
}

static inline void do_pops(bide_redis *redis, struct account *a)
{
    const char *argv[] = { "BLPOP", "l", "0" };
    for (int i = 0; i < 3; i++) {
        bide_auto(redis_reply) r = bide_redis_command(redis, argv, 3, .timeout = 0.5);
        account_for(a, r != NULL, 1);
    }
}

/* A `work` through a cutter before this server, cut after so many bytes; the client is of use
 * again afterwards.  1; 0: not so many bytes went that way. */
typedef void work_fn(bide_redis *redis, struct account *a);
BIDE_WAITS static inline int do_cut(work_fn *work, const char *server, enum cutter_way way,
                                    size_t after, enum cutter_end end, struct account *a)
{
    char url[64];
    CUTTER(cutter, server);
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", cutter.port);
    cutter_arm(&cutter, way, after, end);
    bide_redis *redis = bide_redis_open(url, .retry_base = 0.001, .timeout = 0.5,
                                        .connect_timeout = 0.5);
    work(redis, a);
    bool struck = cutter.struck;
    cutter_release(&cutter);
    const char *argv[] = { "ECHO", "again" };           /* into what is just being cut, maybe */
    bide_auto(redis_reply) r = bide_redis_command(redis, argv, 2, .repeatable = true);
    if (!r)
        test_fail(__FILE__, __LINE__, "afterwards: %s", bide_errmsg());
    CHECK_EQ(bide_redis_stats(redis).queued, 0);
    bide_redis_close(redis);
    CUTTER_END(cutter);
    return struck;
}

#endif
