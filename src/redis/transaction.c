/* Transactions: a batch between MULTI and EXEC, and what it watches before, on a connection of its
 * own. */
#include "redis/batch.h"

#include "base/memory.h"

/* ---- watching -------------------------------------------------------------------------------- */

BIDE_WAITS static int start_watching(bide_redis_batch *batch)
{
    if (batch->redis->closed)
        return bide_fail(BIDE_ECLOSED, "redis: the client is closed");
    if (!batch->link)
        batch->link = bide__redis_pool_take(batch->redis);
    return batch->link ? 0 : bide_errcode();
}

/* One command at once, on the connection that watches, which is given up if that fails. */
BIDE_WAITS static bide_redis_reply *look(bide_redis_batch *batch, const struct command *c,
                                          bool waits)
{
    bide_redis_reply *reply = NULL;
    struct bytes out = { 0 };
    int rc = bide__command_put(&out, c);
    if (rc == 0)
        rc = bide__batch_ask_watching(batch, &out, &reply, 1, waits);
    BIDE_KEEP_ERROR(why);
    bide__bytes_free(&out);
    if (rc < 0 && rc != BIDE_EBUSY)
        bide__batch_lose_watch(batch);
    return rc < 0 ? NULL : reply;
}

BIDE_WAITS static int watch(bide_redis_batch *batch, const char *key)
{
    struct command c = { .argv = (const char *const[]){ "WATCH", key }, .count = 2 };
    int rc = bide__command_check(&c);
    if (rc == 0)
        rc = start_watching(batch);
    if (rc < 0)
        return rc;
    bide_redis_reply *reply = bide__reply_judge(look(batch, &c, false));
    if (!reply)
        return bide_errcode();
    bide_redis_reply_free(reply);
    return 0;
}

/* One that fails must not be overlooked: bide_redis_exec() would do all unguarded. */
int bide_redis_watch(bide_redis_batch *batch, const char *key)
{
    if (!batch)
        return bide_errcode();
    int rc = watch(batch, key);
    if (rc < 0)
        bide__batch_spoil(batch);
    return rc;
}

BIDE_WAITS static bide_redis_reply *look_at(bide_redis_batch *batch, const struct command *c)
{
    if (bide__command_check(c) < 0)
        return NULL;
    enum command_kind kind = bide__command_kind(c);
    if (kind == COMMAND_REFUSED)
        return NULL;
    if (!batch->link) {
        bide_fail(BIDE_EINVAL, "redis: nothing is watched: call bide_redis_watch() before");
        return NULL;
    }
    return bide__reply_judge(look(batch, c, kind == COMMAND_OWN));
}

bide_redis_reply *bide_redis_look_(bide_redis_batch *batch, size_t count, ...)
{
    if (!batch)
        return NULL;
    const char *few[ARGUMENTS_FEW];
    va_list args;
    va_start(args, count);
    const char **argv = bide__arguments_of(few, count, args);
    va_end(args);
    bide_redis_reply *reply = NULL;
    if (argv)
        reply = look_at(batch, &(struct command){ .argv = argv, .count = count });
    if (argv != few)
        bide__free((void *)argv);
    return reply;
}

/* ---- doing ----------------------------------------------------------------------------------- */

static int enclose(struct load *load)
{
    struct command begin = { .argv = (const char *const[]){ "MULTI" }, .count = 1 };
    struct command all = { .bytes = load->out.at, .size = load->out.size };
    struct command end = { .argv = (const char *const[]){ "EXEC" }, .count = 1 };
    struct bytes out = { 0 };
    int rc = bide__command_put(&out, &begin);
    if (rc == 0 && all.size)
        rc = bide__command_put(&out, &all);
    if (rc == 0)
        rc = bide__command_put(&out, &end);
    bide__bytes_free(&load->out);
    load->out = out;
    load->count += AROUND;
    load->waits = false;                /* nothing does within a transaction */
    return rc;
}

/* Why EXEC did nothing: the first command that was refused is to blame. */
static void blame(bide_redis_reply *const *replies, size_t count)
{
    size_t i = 0;
    while (i + 1 < count && replies[i]->type != BIDE_REDIS_ERROR)
        i++;
    bide_fail(BIDE_EDB, i ? "redis: %s" : "redis: %s; what followed may have been done, but not as "
              "one", replies[i]->text);
}

/* What EXEC said. */
static bide_redis_reply *conclude(bide_redis_reply **replies, size_t count)
{
    bide_redis_reply *last = replies[count - 1], *whole = NULL;
    if (last->type == BIDE_REDIS_ERROR)
        blame(replies, count);
    else if (last->type == BIDE_REDIS_NULL)
        bide_fail(BIDE_EAGAIN, "redis: what was watched has changed, and nothing was done");
    else if (last->type != BIDE_REDIS_ARRAY)
        bide_fail(BIDE_EDB, "redis: EXEC was answered by something else than an array");
    else
        whole = last;
    for (size_t i = 0; i < count; i++)
        if (replies[i] != whole)
            bide_redis_reply_free(replies[i]);
    return whole;
}

bide_redis_reply *bide_redis_exec(bide_redis_batch *batch)
{
    if (!batch)
        return NULL;
    struct load load = bide__batch_unload(batch);
    bide_redis_reply **replies = NULL, *whole = NULL;
    if (enclose(&load) == 0)
        replies = bide__batch_ask(batch, &load);
    if (replies)
        whole = conclude(replies, load.count);
    BIDE_KEEP_ERROR(why);
    if (!batch->asking)
        bide__batch_let_go(batch, replies != NULL);
    bide__free((void *)replies);
    bide__bytes_free(&load.out);
    return whole;
}
