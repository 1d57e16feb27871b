/* One sender, many listeners: everybody hears everything, or misses what it was too slow for and
 * is told so.  asyncio has no such thing; there one keeps a queue per listener. */
#include <bide.h>
#include <stdio.h>

struct listener { const char *name; double pace; bide_broadcast *news; };

static int listen_in(void *arg)
{
    const struct listener *me = arg;
    char headline[20];
    int rc;
    bide_auto(subscriber) s = bide_broadcast_subscribe(me->news);
    while ((rc = bide_subscriber_get(s, &headline)) != 0) {
        if (rc == BIDE_ELIMIT) {
            printf("  %s: %s\n", me->name, bide_errmsg());
            continue;
        }
        if (rc < 0)
            return rc;
        printf("  %s reads \"%s\"\n", me->name, headline);
        if ((rc = bide_sleep(me->pace)) < 0)
            return rc;
    }
    printf("  %s has read it all\n", me->name);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    bide_auto(broadcast) news = bide_broadcast_new(char[20], 2);
    if (!news)
        return bide_errcode();
    BIDE_GROUP(g);
    bide_spawn_with(g, listen_in, struct listener, .name = "the quick", .pace = 0, .news = news);
    bide_spawn_with(g, listen_in, struct listener, .name = "the slow", .pace = 3.5, .news = news);
    for (int day = 1; day <= 6; day++) {
        char headline[20];
        int rc = bide_sleep(1);
        if (rc < 0)
            return rc;
        snprintf(headline, sizeof headline, "day %d", day);
        printf("%s\n", headline);
        if ((rc = bide_broadcast_send(news, &headline)) < 0)
            return rc;
    }
    bide_broadcast_close(news);
    return bide_group_wait(g);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
