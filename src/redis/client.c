/* A client: made of its options, used, and gone when it is closed and nobody is in it any more. */
#include "redis/client.h"

#include "base/backoff.h"
#include "base/memory.h"

#include <bide/group.h>
#include <bide/task.h>

#include <math.h>
#include <string.h>

static const double pause_factor = 2, pause_jitter = 0.5;

/* ---- options --------------------------------------------------------------------------------- */

static int default_seconds(double *seconds, double usual, const char *name)
{
    if (isnan(*seconds) || *seconds < 0)
        return bide_fail(BIDE_EINVAL, "redis: .%s must be a number of at least 0", name);
    if (*seconds == 0)
        *seconds = usual;
    return 0;
}

static void default_count(size_t *count, size_t usual)
{
    if (*count == 0)
        *count = usual;
}

static int set_defaults(struct bide_redis_opts *o)
{
    default_count(&o->size_max, BIDE_REDIS_SIZE_MAX);
    default_count(&o->reply_max, BIDE_REDIS_REPLY_MAX);
    default_count(&o->queue_max, BIDE_REDIS_QUEUE_MAX);
    default_count(&o->attempts, BIDE_REDIS_ATTEMPTS);
    int rc = default_seconds(&o->retry_base, 0.05, "retry_base");
    if (rc == 0)
        rc = default_seconds(&o->retry_cap, 2, "retry_cap");
    if (rc == 0)
        rc = default_seconds(&o->connect_timeout, 10, "connect_timeout");
    if (rc == 0)
        rc = default_seconds(&o->acquire_timeout, 30, "acquire_timeout");
    if (rc == 0)
        rc = default_seconds(&o->timeout, 30, "timeout");
    if (rc == 0)
        rc = default_seconds(&o->heartbeat, 30, "heartbeat");
    o->url = o->user = o->password = o->name = NULL;
    return rc;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void free_unused(bide_redis *redis)
{
    if (!redis->closed || !redis->emptied || redis->users)
        return;
    bide__shared_end(&redis->shared);
    bide__place_end(&redis->place);
    bide__free(redis);
}

/* Of the group, when its last task has ended. */
static void group_ended(void *arg)
{
    bide_redis *redis = arg;
    redis->emptied = true;
    free_unused(redis);
}

static int prepare(bide_redis *redis, const struct bide_redis_opts *opts)
{
    memcpy(&redis->opts, opts, opts->abi_ < sizeof *opts ? opts->abi_ : sizeof *opts);
    redis->random = (uint64_t)(uintptr_t)redis ^ (uint64_t)(bide_now() * 1e9);
    redis->shared.alarm.fn = bide__shared_ring;
    int rc = bide__place_read(&redis->place, &redis->opts);
    if (rc == 0)
        rc = set_defaults(&redis->opts);
    if (rc < 0)
        return rc;
    redis->place.heartbeat = redis->opts.heartbeat;
    redis->group = bide_group_open("redis", group_ended, redis);
    if (!redis->group)
        return bide_errcode();
    redis->emptied = false;
    return bide_spawn(redis->group, bide__shared_run, redis, .name = "redis");
}

bide_redis *bide_redis_open_opts(const struct bide_redis_opts *opts)
{
    bide_redis *redis = bide__zalloc(sizeof *redis);
    if (!redis) {
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
        return NULL;
    }
    redis->emptied = true;
    if (prepare(redis, opts) == 0)
        return redis;
    BIDE_KEEP_ERROR(why);
    bide_redis_close(redis);
    return NULL;
}

void bide_redis_close(bide_redis *redis)
{
    static const struct bide_error closed = { BIDE_ECLOSED, "redis: the client was closed" };
    if (!redis || redis->closed)
        return;
    redis->closed = true;
    redis->users++;
    bide__alarm_clear(&redis->shared.alarm);
    bide__shared_fail(&redis->shared, &closed);
    bide__redis_pool_close(redis);
    bide_group_close(redis->group);
    bide__redis_drop(redis);
}

int bide__redis_hold(bide_redis *redis)
{
    if (!redis)
        return bide_errcode();
    if (redis->closed)
        return bide_fail(BIDE_ECLOSED, "redis: the client is closed");
    redis->users++;
    return 0;
}

void bide__redis_drop(bide_redis *redis)
{
    redis->users--;
    free_unused(redis);
}

struct bide_redis_stats bide_redis_stats(const bide_redis *redis)
{
    if (!redis)
        return (struct bide_redis_stats){ 0 };
    const struct shared *s = &redis->shared;
    return (struct bide_redis_stats){
        .open = redis->pool.open + (s->link != NULL), .idle = redis->pool.idle_count,
        .waiting = redis->pool.waiting, .queued = s->tail - s->head,
        .connected = redis->connected, .writes = s->writes,
    };
}

/* ---- trying again ---------------------------------------------------------------------------- */

double bide__redis_pause(bide_redis *redis, size_t failed)
{
    return bide__backoff(redis->opts.retry_base, pause_factor, redis->opts.retry_cap, pause_jitter,
                         failed, &redis->random);
}

int bide__redis_unknown(int rc)
{
    struct bide_error why = bide_error_held_();
    if (rc == BIDE_ECANCELED)
        return rc;
    return bide_fail(rc, "%.180s; the command may have been done", why.text);
}

/* What the server says of a state that passes is "redis: LOADING ..." and the like. */
bool bide__redis_is_final(void)
{
    static const char *const passing[] = { "LOADING", "BUSY ", "MASTERDOWN", "max number of" };
    int code = bide_errcode();
    if (code != BIDE_EDB)
        return code == BIDE_ETLS || code == BIDE_EINVAL || code == BIDE_ENOMEM;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (strstr(bide_errmsg(), passing[i]))
            return false;
    return true;
}
