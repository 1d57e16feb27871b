/* Redis as a cache, for many tasks at once.  In Python:
 *
 *     redis = aioredis.from_url(url)
 *     cached = await redis.get(key)
 *     if cached is None:
 *         cached = await compute(n)
 *         await redis.set(key, cached, ex=60)
 *
 * One connection is enough for all: what the tasks of one turn of the loop ask for is one write. */
#include <bide.h>
#include <bide/redis.h>
#include <stdio.h>
#include <stdlib.h>

static bide_redis *redis;
static int computed;

struct square { int n, squared; };

static int find_square(void *arg)
{
    struct square *s = arg;
    char key[24], text[12];
    snprintf(key, sizeof key, "square:%d", s->n);
    bide_auto(redis_reply) cached = bide_redis_call(redis, "GET", key);
    if (!cached || !bide_redis_is_null(cached)) {
        s->squared = (int)bide_redis_int(cached, -1);
        return cached ? 0 : bide_errcode();
    }
    computed++;
    s->squared = s->n * s->n;           /* stands for what takes long */
    snprintf(text, sizeof text, "%d", s->squared);
    bide_auto(redis_reply) kept = bide_redis_call(redis, "SET", key, text, "EX", "60");
    return kept ? 0 : bide_errcode();
}

static int program(void *url)
{
    bide_auto(redis) opened = redis = bide_redis_open(url);
    struct square squares[100];
    for (int round = 1; round <= 2; round++) {
        uint64_t writes = bide_redis_stats(redis).writes;
        BIDE_GROUP(g);
        for (int i = 0; i < 100; i++) {
            squares[i].n = i;
            bide_spawn(g, find_square, &squares[i]);
        }
        if (bide_group_wait(g) < 0)
            return bide_errcode();
        writes = bide_redis_stats(redis).writes - writes;
        printf("7 squared is %d; %d were computed; writes: %s\n", squares[7].squared, computed,
               writes == 1 ? "one" : "some");
    }
    return 0;
}

int main(void)
{
    return bide_run(program, getenv("REDIS_URL"), .stop_on_signal = true) < 0;
}
