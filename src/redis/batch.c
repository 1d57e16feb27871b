/* Commands that are sent together.  They are encoded as they come.  What is watched, and what makes
 * a connection wait, needs a connection of the batch's own; all else goes down the shared one,
 * where what one task writes at once stays together. */
#include "redis/batch.h"

#include "base/memory.h"

#include <bide/scope.h>

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
    struct load *load = &batch->load;
    size_t most = batch->redis->opts.queue_max;
    if (load->count + AROUND >= most)
        return bide_fail(BIDE_ELIMIT, "redis: a batch of more than %zu commands (.queue_max)",
                         most > AROUND ? most - AROUND : 0);
    rc = bide__command_put(&load->out, c);
    if (rc < 0)
        return rc;
    load->waits |= kind == COMMAND_OWN;
    load->count++;
    return 0;
}

void bide__batch_spoil(bide_redis_batch *batch)
{
    if (!batch->load.failed.code)
        batch->load.failed = bide_error_held_();
}

int bide_redis_add_args(bide_redis_batch *batch, const char *const *argv, const size_t *sizes,
                        size_t count)
{
    if (!batch)
        return bide_errcode();
    int rc = add(batch, &(struct command){ .argv = argv, .sizes = sizes, .count = count });
    if (rc < 0)
        bide__batch_spoil(batch);
    return rc;
}

int bide_redis_add_(bide_redis_batch *batch, size_t count, ...)
{
    const char *few[ARGUMENTS_FEW];
    va_list args;
    va_start(args, count);
    const char **argv = bide__arguments_of(few, count, args);
    va_end(args);
    int rc = argv ? bide_redis_add_args(batch, argv, NULL, count) : BIDE_ENOMEM;
    if (!argv && batch)
        bide__batch_spoil(batch);
    if (argv != few)
        bide__free((void *)argv);
    return rc;
}

/* ---- sending --------------------------------------------------------------------------------- */

struct load bide__batch_unload(bide_redis_batch *batch)
{
    struct load load = batch->load;
    batch->load = (struct load){ 0 };
    return load;
}

void bide__batch_let_go(bide_redis_batch *batch, bool clean)
{
    if (!batch->link)
        return;
    bide__redis_pool_give(batch->redis, batch->link, clean);
    batch->link = NULL;
}

void bide__batch_lose_watch(bide_redis_batch *batch)
{
    struct bide_error why = bide_error_held_();
    BIDE_KEEP_ERROR(kept);
    bide_fail(why.code == BIDE_ECANCELED ? BIDE_ECLOSED : why.code,
              "redis: what was watched no longer is: %.160s", why.text);
    bide__batch_spoil(batch);
    bide__batch_let_go(batch, false);
}

int bide__batch_ask_watching(bide_redis_batch *batch, const struct bytes *out,
                             bide_redis_reply **replies, size_t count, bool waits)
{
    double timeout = batch->redis->opts.timeout;
    if (batch->asking)
        return bide_fail(BIDE_EBUSY, "redis: another task uses the batch");
    batch->asking = true;
    BIDE_TIMEOUT(limit, waits ? BIDE_FOREVER : timeout);
    int rc = bide_scope_result(limit, bide__link_ask(batch->link, out, replies, count));
    if (rc == BIDE_ETIMEDOUT)
        bide_fail(rc, "redis: no reply for %g s", timeout);
    batch->asking = false;
    return rc < 0 ? bide__redis_unknown(rc) : 0;
}

BIDE_WAITS static int ask(bide_redis_batch *batch, const struct load *load,
                          bide_redis_reply **replies)
{
    if (batch->link)
        return bide__batch_ask_watching(batch, &load->out, replies, load->count, load->waits);
    if (load->waits)
        return bide__own_ask(batch->redis, &load->out, replies, load->count);
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    if (batch->redis->closed)
        return bide_fail(BIDE_ECLOSED, "redis: the client is closed");
    struct command c = { .bytes = load->out.at, .size = load->out.size };
    return bide__shared_ask(batch->redis, &c, replies, load->count, false);
}

bide_redis_reply **bide__batch_ask(bide_redis_batch *batch, const struct load *load)
{
    if (load->failed.code) {
        struct bide_error why = load->failed;
        bide_error_restore_(&why);
        return NULL;
    }
    size_t count = load->count;
    bide_redis_reply **replies = bide__alloc((count ? count : 1) * sizeof(bide_redis_reply *));
    if (!replies) {
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
        return NULL;
    }
    if (count && ask(batch, load, replies) < 0) {
        bide__free((void *)replies);
        return NULL;
    }
    return replies;
}

bide_redis_reply *bide_redis_send(bide_redis_batch *batch)
{
    if (!batch)
        return NULL;
    struct load load = bide__batch_unload(batch);
    bide_redis_reply **replies = bide__batch_ask(batch, &load), *whole = NULL;
    if (replies)
        whole = bide__reply_gather(replies, load.count);
    else if (batch->link && !load.failed.code && bide_errcode() != BIDE_EBUSY)
        bide__batch_lose_watch(batch);
    BIDE_KEEP_ERROR(why);
    bide__free((void *)replies);
    bide__bytes_free(&load.out);
    return whole;
}

void bide_redis_batch_free(bide_redis_batch *batch)
{
    if (!batch)
        return;
    BIDE_KEEP_ERROR(why);
    bide__batch_let_go(batch, false);
    bide__bytes_free(&batch->load.out);
    bide__redis_drop(batch->redis);
    bide__free(batch);
}
