/* The three ways to wait for a function.  In Python:
 *
 *     await asyncio.create_task(fetch_data("url1"))       # as a task
 *     await fetch_data("url2")                            # directly
 *     await asyncio.gather(fetch_data("url3"), fetch_data("url4"))
 *
 * Python has coroutines, tasks and futures to tell apart; here are functions and tasks. */
#include <bide.h>
#include <stdio.h>

static int fetch_data(void *url)
{
    printf("Starting fetch: %s\n", (char *)url);
    int rc = bide_sleep(1);
    if (rc == 0)
        printf("Completed fetch: %s\n", (char *)url);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();

    BIDE_GROUP(group);
    bide_task *task;
    bide_spawn(group, fetch_data, "url1", .handle = &task);
    int rc = bide_join(task);               /* < 0: we are cancelled */
    if (rc == 0)
        rc = bide_task_result(task);
    if (rc < 0)
        return rc;

    rc = fetch_data("url2");
    if (rc < 0)
        return rc;

    struct bide_call calls[] = { { .fn = fetch_data, .arg = "url3" },
                                 { .fn = fetch_data, .arg = "url4" } };
    rc = bide_gather(calls, 2);
    printf("Total: %.1f s\n", bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
