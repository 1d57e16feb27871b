/* Results as they come, the fastest first.  In Python:
 *
 *     for next_done in asyncio.as_completed([fetch_data(*job) for job in jobs]):
 *         result = await next_done
 *
 * A collecting group hands out its tasks in the order in which they end. */
#include <bide.h>
#include <stdio.h>

struct fetch { const char *url; double seconds; char result[64]; };

static int fetch_data(void *arg)
{
    struct fetch *fetch = arg;
    int rc = bide_sleep(fetch->seconds);
    snprintf(fetch->result, sizeof fetch->result, "data from %s", fetch->url);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    BIDE_COLLECT(group);
    bide_spawn_with(group, fetch_data, struct fetch, .url = "api/users", .seconds = 2);
    bide_spawn_with(group, fetch_data, struct fetch, .url = "api/posts", .seconds = 3);
    bide_spawn_with(group, fetch_data, struct fetch, .url = "api/comments", .seconds = 1);

    int rc;
    bide_task *done;
    while ((rc = bide_group_next(group, &done)) == 1) {
        struct fetch *fetch = bide_task_arg(done);      /* the task's own copy */
        printf("Completed: %s after %.0f s\n", fetch->result, bide_now() - start);
    }
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
