/* Commands that are sent together.  They are encoded as they come.  What is watched, and what makes
 * a connection wait, needs a connection of the batch's own; all else goes down the shared one,
 * where what one task writes at once stays together. */
#include "redis/client.h"

#include "base/memory.h"

#include <string.h>

enum { ARGUMENTS_FEW = 32 };

struct bide_redis_batch {
    bide_redis *redis;
    struct bytes out;
    size_t count;               /* commands */
    struct bide_error failed;   /* why one could not be added; code 0: none */
    struct redis_link *link;    /* that watches; NULL: nothing is watched */
    bool waits;                 /* one of them makes a connection wait */
};

bide_redis_batch *bide_redis_batch_new(bide_redis *redis)
{
    if (bide__redis_hold(redis) < 0)
        return NULL;
    bide_redis_batch *batch = bide__zalloc(sizeof *batch);
    if (batch) {
        batch->redis = redis;
        return batch;
    }
    bide__redis_drop(redis);
    bide_fail(BIDE_ENOMEM, "redis: out of memory");
    return NULL;
}

/* ---- gathering ------------------------------------------------------------------------------- */

static int add(bide_redis_batch *batch, const struct command *c)
{
    int rc = bide__command_check(c);
    if (rc < 0)
        return rc;
    enum command_kind kind = bide__command_kind(c);
    if (kind == COMMAND_REFUSED)
        return bide_errcode();
    if (batch->count + 2 >= batch->redis->opts.queue_max)
        return bide_fail(BIDE_ELIMIT, "redis: a batch of more than %zu commands (.queue_max)",
                         batch->redis->opts.queue_max - 2);
    rc = bide__command_put(&batch->out, c);
    if (rc < 0)
        return rc;
    batch->waits |= kind == COMMAND_OWN;
    batch->count++;
    return 0;
}

int bide_redis_add_args(bide_redis_batch *batch, const char *const *argv, const size_t *sizes,
                        size_t count)
{
    if (!batch)
        return bide_errcode();
    int rc = add(batch, &(struct command){ .argv = argv, .sizes = sizes, .count = count });
    if (rc < 0 && !batch->failed.code)
        batch->failed = bide_error_held_();
    return rc;
}

/* The arguments of a call in an array: `few`, or memory to be freed; NULL: there is none. */
static const char **gather(const char **few, size_t count, va_list args)
{
    const char **argv = count <= ARGUMENTS_FEW ? few : bide__alloc(count * sizeof *argv);
    for (size_t i = 0; argv && i < count; i++)
        argv[i] = va_arg(args, const char *);
    if (!argv)
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
    return argv;
}

int bide_redis_add_(bide_redis_batch *batch, size_t count, ...)
{
    const char *few[ARGUMENTS_FEW];
    va_list args;
    va_start(args, count);
    const char **argv = gather(few, count, args);
    va_end(args);
    int rc = argv ? bide_redis_add_args(batch, argv, NULL, count) : BIDE_ENOMEM;
    if (!argv && batch && !batch->failed.code)
        batch->failed = bide_error_held_();
    if (argv != few)
        bide__free((void *)argv);
    return rc;
}

/* ---- sending --------------------------------------------------------------------------------- */

static void empty(bide_redis_batch *batch)
{
    bide__bytes_free(&batch->out);
    batch->count = 0;
    batch->failed.code = 0;
    batch->waits = false;
}

/* What is watched is forgotten with the connection, or was by EXEC (clean). */
static void let_go(bide_redis_batch *batch, bool clean)
{
    if (!batch->link)
        return;
    bide__pool_give(batch->redis, batch->link, clean);
    batch->link = NULL;
}

/* Behind EXEC nothing is watched any more; behind other commands what was watched still is. */
BIDE_WAITS static int ask_own(bide_redis_batch *batch, const struct bytes *out,
                              bide_redis_reply **replies, size_t count)
{
    bool unwatched = !batch->link || out != &batch->out;
    if (!batch->link)
        batch->link = bide__pool_take(batch->redis);
    if (!batch->link)
        return bide_errcode();
    int rc = bide__link_ask(batch->link, out, replies, count);
    BIDE_KEEP_ERROR(why);
    let_go(batch, rc == 0 && unwatched);
    return rc;
}

BIDE_WAITS static int ask(bide_redis_batch *batch, const struct bytes *out,
                          bide_redis_reply **replies, size_t count)
{
    if (batch->link || batch->waits)
        return ask_own(batch, out, replies, count);
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    if (batch->redis->closed)
        return bide_fail(BIDE_ECLOSED, "redis: the client is closed");
    struct command c = { .bytes = out->at, .size = out->size };
    return bide__shared_ask(batch->redis, &c, replies, count, false);
}

/* Asks for `out`: as many replies, in memory to be freed; NULL: it failed. */
BIDE_WAITS static bide_redis_reply **ask_all(bide_redis_batch *batch, const struct bytes *out,
                                             size_t count)
{
    if (batch->failed.code) {
        bide_error_restore_(&batch->failed);
        return NULL;
    }
    bide_redis_reply **replies = bide__alloc((count ? count : 1) * sizeof(bide_redis_reply *));
    if (!replies) {
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
        return NULL;
    }
    if (count && ask(batch, out, replies, count) < 0) {
        bide__free((void *)replies);
        return NULL;
    }
    return replies;
}

bide_redis_reply *bide_redis_send(bide_redis_batch *batch)
{
    if (!batch)
        return NULL;
    bide_redis_reply **replies = ask_all(batch, &batch->out, batch->count), *whole = NULL;
    if (replies)
        whole = bide__reply_gather(replies, batch->count);
    BIDE_KEEP_ERROR(why);
    bide__free((void *)replies);
    let_go(batch, false);               /* only where nothing was sent */
    empty(batch);
    return whole;
}

/* ---- transactions ---------------------------------------------------------------------------- */

BIDE_WAITS static int start_watching(bide_redis_batch *batch)
{
    if (batch->redis->closed)
        return bide_fail(BIDE_ECLOSED, "redis: the client is closed");
    if (!batch->link)
        batch->link = bide__pool_take(batch->redis);
    return batch->link ? 0 : bide_errcode();
}

/* One command at once, on the connection that watches, which is given up if that fails. */
BIDE_WAITS static bide_redis_reply *look(bide_redis_batch *batch, const struct command *c)
{
    bide_redis_reply *reply = NULL;
    struct bytes out = { 0 };
    int rc = bide__command_put(&out, c);
    if (rc == 0)
        rc = bide__link_ask(batch->link, &out, &reply, 1);
    BIDE_KEEP_ERROR(why);
    bide__bytes_free(&out);
    if (rc < 0)
        let_go(batch, false);
    return rc < 0 ? NULL : reply;
}

int bide_redis_watch(bide_redis_batch *batch, const char *key)
{
    if (!batch)
        return bide_errcode();
    struct command c = { .argv = (const char *const[]){ "WATCH", key }, .count = 2 };
    int rc = bide__command_check(&c);
    if (rc == 0)
        rc = start_watching(batch);
    if (rc < 0)
        return rc;
    bide_redis_reply *reply = bide__reply_judge(look(batch, &c));
    if (!reply)
        return bide_errcode();
    bide_redis_reply_free(reply);
    return 0;
}

BIDE_WAITS static bide_redis_reply *look_at(bide_redis_batch *batch, const struct command *c)
{
    if (bide__command_check(c) < 0 || bide__command_kind(c) == COMMAND_REFUSED)
        return NULL;
    if (!batch->link) {
        bide_fail(BIDE_EINVAL, "redis: nothing is watched: call bide_redis_watch() before");
        return NULL;
    }
    return bide__reply_judge(look(batch, c));
}

bide_redis_reply *bide_redis_look_(bide_redis_batch *batch, size_t count, ...)
{
    if (!batch)
        return NULL;
    const char *few[ARGUMENTS_FEW];
    va_list args;
    va_start(args, count);
    const char **argv = gather(few, count, args);
    va_end(args);
    bide_redis_reply *reply = NULL;
    if (argv)
        reply = look_at(batch, &(struct command){ .argv = argv, .count = count });
    if (argv != few)
        bide__free((void *)argv);
    return reply;
}

static int enclose(const bide_redis_batch *batch, struct bytes *out)
{
    struct command begin = { .argv = (const char *const[]){ "MULTI" }, .count = 1 };
    struct command all = { .bytes = batch->out.at, .size = batch->out.size };
    struct command end = { .argv = (const char *const[]){ "EXEC" }, .count = 1 };
    int rc = bide__command_put(out, &begin);
    if (rc == 0 && all.size)
        rc = bide__command_put(out, &all);
    return rc < 0 ? rc : bide__command_put(out, &end);
}

/* What EXEC said; where it refused, the first command that was to blame. */
static bide_redis_reply *conclude(bide_redis_reply **replies, size_t count)
{
    bide_redis_reply *last = replies[count - 1], *whole = NULL;
    const bide_redis_reply *blamed = last->type == BIDE_REDIS_ERROR ? last : NULL;
    for (size_t i = count; blamed && i--;)
        if (replies[i]->type == BIDE_REDIS_ERROR)
            blamed = replies[i];
    if (blamed)
        bide_fail(BIDE_EDB, "redis: %s", blamed->text);
    else if (last->type == BIDE_REDIS_NULL)
        bide_fail(BIDE_EAGAIN, "redis: what was watched has changed, and nothing was done");
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
    struct bytes out = { 0 };
    bide_redis_reply **replies = NULL, *whole = NULL;
    if (enclose(batch, &out) == 0)
        replies = ask_all(batch, &out, batch->count + 2);
    if (replies)
        whole = conclude(replies, batch->count + 2);
    BIDE_KEEP_ERROR(why);
    bide__free((void *)replies);
    bide__bytes_free(&out);
    let_go(batch, false);               /* only where nothing was sent */
    empty(batch);
    return whole;
}

void bide_redis_batch_free(bide_redis_batch *batch)
{
    if (!batch)
        return;
    BIDE_KEEP_ERROR(why);
    let_go(batch, false);
    empty(batch);
    bide__redis_drop(batch->redis);
    bide__free(batch);
}
