/* A group: after it, every task has ended.  In Python:
 *
 *     async with asyncio.TaskGroup() as group:
 *         tasks = [group.create_task(fetch_data(i)) for i in range(4)]
 *     for task in tasks:
 *         print(task.result())
 *
 * Results lie where the tasks put them, in the caller's array, so they are in order of the
 * URLs although the last one was ready first. */
#include <bide.h>
#include <stdio.h>

struct fetch { int number; double seconds; char result[32]; };

static int fetch_data(void *arg)
{
    struct fetch *fetch = arg;
    int rc = bide_sleep(fetch->seconds);
    if (rc == 0)
        snprintf(fetch->result, sizeof fetch->result, "url%d: response", fetch->number);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    struct fetch fetches[4];                /* before the group: it outlives the tasks */
    BIDE_GROUP(group);
    for (int i = 0; i < 4; i++) {
        fetches[i] = (struct fetch){ .number = i, .seconds = 1.0 - i / 10.0 };
        bide_spawn(group, fetch_data, &fetches[i]);
    }
    int rc = bide_group_wait(group);
    if (rc < 0)
        return rc;                          /* the first failure; the others were cancelled */
    for (int i = 0; i < 4; i++)
        puts(fetches[i].result);
    printf("Total: %.1f s\n", bide_now() - start);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
