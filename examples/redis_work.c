/* A work list that many machines share: a stream with a group of consumers.  What a worker was
 * given is pending until it says that it is done; what a dead one had, another claims:
 *
 *     await redis.xgroup_create("jobs", "crew", id="0", mkstream=True)
 *     for _, entries in await redis.xreadgroup("crew", name, {"jobs": ">"}, count=2):
 *         await redis.xack("jobs", "crew", entry_id)
 *     await redis.xautoclaim("jobs", "crew", name, min_idle_time=30_000)
 */
#include <bide.h>
#include <bide/redis.h>
#include <stdio.h>
#include <stdlib.h>

#define JOBS "jobs", "crew"
static bide_redis *redis;

/* Does what it was given, but dies at the second entry if it is `mortal`: how many were done. */
static int work(const char *name, bide_redis_entries *entries, bool mortal)
{
    struct bide_redis_entry entry;
    int rc, done = 0;
    while ((rc = bide_redis_entries_next(entries, &entry)) == 1) {
        if (mortal && done == 1)
            break;
        printf("  %s: %s\n", name, bide_redis_text(bide_redis_field(entry.fields, "what")));
        if (bide_redis_group_ack(redis, JOBS, entry.id) < 0)
            return bide_errcode();
        done++;
    }
    return rc < 0 ? rc : done;
}

static int program(void *url)
{
    static const char *const jobs[] = { "sweep", "dust", "polish", "cook", "wash" };
    bide_auto(redis) opened = redis = bide_redis_open(url);
    if (bide_redis_group_create(redis, JOBS) < 0)
        return bide_errcode();
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        const struct bide_pair *fields = BIDE_PAIRS({ "what", jobs[i] });
        bide_auto(redis_reply) id = bide_redis_stream_add(redis, "jobs", fields, 1000);
    }
    bide_auto(redis_entries) first = bide_redis_group_read(redis, JOBS, "Ann", 3, 0);
    bide_auto(redis_entries) second = bide_redis_group_read(redis, JOBS, "Bob", 3, 1);
    printf("Ann has %zu jobs, Bob has %zu\n", bide_redis_entries_count(first),
           bide_redis_entries_count(second));
    bide_ignore(work("Ann", first, true));
    bide_ignore(work("Bob", second, false));
    printf("Ann is gone; %d are pending\n", (int)bide_redis_group_pending(redis, JOBS));
    bide_auto(redis_entries) left = bide_redis_group_claim(redis, JOBS, "Bob", 10, 0);
    bide_ignore(work("Bob", left, false));
    printf("%d are pending\n", (int)bide_redis_group_pending(redis, JOBS));
    return 0;
}

int main(void)
{
    return bide_run(program, getenv("REDIS_URL"), .stop_on_signal = true) < 0;
}
