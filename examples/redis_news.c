/* Messages: one publishes, others listen, by a channel's name or by a pattern.  In Python:
 *
 *     async with redis.pubsub() as pubsub:
 *         await pubsub.psubscribe("news.*")
 *         async for message in pubsub.listen():
 *
 * A listener has a connection of its own.  Where that was lost it is made again, and the listener
 * is told so: Redis keeps nothing for who was not there. */
#include <bide.h>
#include <bide/redis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listener { bide_redis_subscription *sub; char heard[200]; };

static int listen_in(void *arg)
{
    struct listener *me = arg;
    struct bide_redis_message m;
    size_t used = 0;
    int rc;
    while ((rc = bide_redis_next(me->sub, &m)) == 1) {
        if (m.gap || strcmp(m.data, "goodbye") == 0)
            break;
        used += (size_t)snprintf(me->heard + used, sizeof me->heard - used, "  %s: %s\n",
                                 m.channel, m.data);
    }
    return rc < 0 ? rc : 0;
}

static int program(void *url)
{
    static const char *const news[][2] = { { "news.sport", "one to nil" },
        { "news.weather", "rain" }, { "news.sport", "one all" }, { "letters", "Dear Sir" },
        { "news.sport", "goodbye" } };
    const char *sport[] = { "news.sport", NULL }, *all[] = { "news.*", NULL };
    bide_auto(redis) redis = bide_redis_open(url);
    bide_auto(redis_subscription) one = bide_redis_subscribe(redis, sport, NULL);
    bide_auto(redis_subscription) two = bide_redis_subscribe(redis, NULL, all);
    struct listener fan = { .sub = one }, reader = { .sub = two };
    BIDE_GROUP(g);
    bide_spawn(g, listen_in, &fan);
    bide_spawn(g, listen_in, &reader);
    for (size_t i = 0; i < sizeof news / sizeof *news; i++) {
        bide_auto(redis_reply) heard = bide_redis_call(redis, "PUBLISH", news[i][0], news[i][1]);
        printf("%s: heard by %d\n", news[i][0], (int)bide_redis_int(heard, -1));
    }
    int rc = bide_group_wait(g);
    printf("by the channel:\n%sby the pattern:\n%s", fan.heard, reader.heard);
    return rc;
}

int main(void)
{
    return bide_run(program, getenv("REDIS_URL"), .stop_on_signal = true) < 0;
}
