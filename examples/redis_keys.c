/* All keys that begin with something, one at a time.  In Python:
 *
 *     async for key in redis.scan_iter(match="user:*"):
 *
 * The next page is asked for when the last key of the one before has been used. */
#include <bide.h>
#include <bide/redis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 1000 };
static bide_redis *redis;
static int pages;

static int scan(bide_generator *generator, void *pattern)
{
    char cursor[24] = "0";
    do {
        bide_auto(redis_reply) page = bide_redis_call(redis, "SCAN", cursor, "MATCH", pattern);
        if (!page)
            return bide_errcode();
        pages++;
        snprintf(cursor, sizeof cursor, "%s", bide_redis_text(bide_redis_at(page, 0)));
        const bide_redis_reply *key, *keys = bide_redis_at(page, 1);
        for (size_t i = 0; (key = bide_redis_at(keys, i)); i++)
            if (bide_generator_yield(generator, &(int){ atoi(bide_redis_text(key) + 5) }) < 0)
                return bide_errcode();
    } while (strcmp(cursor, "0") != 0);
    return 0;
}

static int program(void *url)
{
    bide_auto(redis) opened = redis = bide_redis_open(url);
    bide_auto(redis_batch) pipeline = bide_redis_batch_new(redis);
    for (int i = 0; i < KEYS; i++) {
        char key[16];
        snprintf(key, sizeof key, "user:%d", i);
        bide_ignore(bide_redis_add(pipeline, "SET", key, "x"));     /* sending would tell */
    }
    bide_auto(redis_reply) made = bide_redis_send(pipeline);
    if (!made)
        return bide_errcode();
    bide_auto(generator) users = bide_generator_new(scan, int, "user:*");
    bool seen[KEYS] = { false };        /* while Redis grows its table, one may come twice */
    int rc, id, found = 0;
    while ((rc = bide_generator_next(users, &id)) == 1) {
        if (!seen[id] && ++found == 5)
            printf("5 found after %d page\n", pages);
        seen[id] = true;
    }
    printf("%d found\n", found);
    return rc;
}

int main(void)
{
    return bide_run(program, getenv("REDIS_URL"), .stop_on_signal = true) < 0;
}
