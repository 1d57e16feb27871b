/* Two tasks with handles, waited for one after the other.  In Python:
 *
 *     users = asyncio.create_task(fetch_data("api/users", 2))
 *     posts = asyncio.create_task(fetch_data("api/posts", 3))
 *     print(await users)
 *     print(await posts)
 *
 * A task whose handle was asked for is readable after its end, until its group is left. */
#include <bide.h>
#include <stdio.h>

struct fetch { const char *url; double seconds; char result[64]; };

static int fetch_data(void *arg)
{
    struct fetch *fetch = arg;
    printf("Fetching %s...\n", fetch->url);
    int rc = bide_sleep(fetch->seconds);
    if (rc < 0)
        return rc;
    printf("Done %s\n", fetch->url);
    snprintf(fetch->result, sizeof fetch->result, "data from %s", fetch->url);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    struct fetch fetches[] = { { .url = "api/users", .seconds = 2 },
                               { .url = "api/posts", .seconds = 3 } };
    BIDE_GROUP(group);
    bide_task *tasks[2];
    for (int i = 0; i < 2; i++)
        bide_spawn(group, fetch_data, &fetches[i], .handle = &tasks[i]);
    for (int i = 0; i < 2; i++) {
        int rc = bide_join(tasks[i]);           /* < 0: we are cancelled */
        if (rc == 0)
            rc = bide_task_result(tasks[i]);
        if (rc < 0)
            return rc;
        puts(fetches[i].result);
    }
    printf("Total: %.1fs\n", bide_now() - start);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
