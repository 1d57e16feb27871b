/* One command: down the shared connection, or on one of its own. */
#include "redis/client.h"

#include "base/memory.h"

#include <bide/scope.h>

#include <math.h>
#include <string.h>

/* Was the connection lost, for no fault of the command's? */
static bool is_lost(int rc)
{
    return rc == BIDE_EEOF || rc == -ECONNRESET || rc == -EPIPE || rc == BIDE_ETLS;
}

BIDE_WAITS static bide_redis_reply *ask_own(bide_redis *redis, const struct bytes *out,
                                            bool repeatable)
{
    bide_redis_reply *reply;
    size_t tries = 0;
    int rc;
    do
        rc = bide__own_ask(redis, out, &reply, 1);
    while (repeatable && is_lost(rc) && ++tries < redis->opts.attempts);
    return rc < 0 ? NULL : reply;
}

BIDE_WAITS static bide_redis_reply *call_own(bide_redis *redis, const struct command *c,
                                             bool repeatable)
{
    struct bytes out = { 0 };
    bide_redis_reply *reply = NULL;
    if (bide__redis_hold(redis) < 0)
        return NULL;
    if (bide__command_put(&out, c) == 0)
        reply = ask_own(redis, &out, repeatable);
    BIDE_KEEP_ERROR(why);
    bide__bytes_free(&out);
    bide__redis_drop(redis);
    return reply;
}

BIDE_WAITS static bide_redis_reply *call_shared(bide_redis *redis, const struct command *c,
                                                bool repeatable)
{
    bide_redis_reply *reply;
    if (bide__enter() < 0)
        return NULL;
    if (redis->closed) {
        bide_fail(BIDE_ECLOSED, "redis: the client is closed");
        return NULL;
    }
    return bide__shared_ask(redis, c, &reply, 1, repeatable) < 0 ? NULL : reply;
}

BIDE_WAITS static bide_redis_reply *call(bide_redis *redis, const struct command *c,
                                         const struct bide_redis_command_opts *o)
{
    if (!redis || bide__command_check(c) < 0)
        return NULL;
    enum command_kind kind = bide__command_kind(c);
    if (kind == COMMAND_REFUSED)
        return NULL;
    if (kind == COMMAND_OWN || (o && o->own_connection))
        return bide__reply_judge(call_own(redis, c, o && o->repeatable));
    return bide__reply_judge(call_shared(redis, c, o && o->repeatable));
}

bide_redis_reply *bide_redis_command_opts(bide_redis *redis, const char *const *argv,
                                          const struct bide_redis_command_opts *opts)
{
    struct bide_redis_command_opts o = { 0 };
    memcpy(&o, opts, opts->abi_ < sizeof o ? opts->abi_ : sizeof o);
    struct command c = { .argv = argv, .sizes = o.sizes, .count = o.count };
    if (isnan(o.timeout) || o.timeout < 0) {
        bide_fail(BIDE_EINVAL, "redis: .timeout must be a number of at least 0");
        return NULL;
    }
    if (o.timeout == 0)
        return call(redis, &c, &o);
    BIDE_TIMEOUT(limit, o.timeout);
    bide_redis_reply *reply = call(redis, &c, &o);
    if (!reply && bide_scope_result(limit, bide_errcode()) == BIDE_ETIMEDOUT)
        bide_within("redis: %s", o.count ? argv[0] : "");
    return reply;
}

bide_redis_reply *bide_redis_call_(bide_redis *redis, size_t count, ...)
{
    const char *few[ARGUMENTS_FEW];
    va_list args;
    va_start(args, count);
    const char **argv = bide__arguments_of(few, count, args);
    va_end(args);
    if (!argv)
        return NULL;
    struct command c = { .argv = argv, .count = count };
    bide_redis_reply *reply = call(redis, &c, NULL);
    if (argv != few)
        bide__free((void *)argv);
    return reply;
}
