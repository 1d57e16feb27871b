/* Three seconds one after another; one second in a gather, and in a group.  In Python:
 *
 *     await slow()                                        # three times
 *     await asyncio.gather(slow(), slow(), slow())
 *     async with asyncio.TaskGroup() as group:
 *         group.create_task(slow())                       # three times
 */
#include <bide.h>
#include <stdio.h>

static int slow(void *unused)
{
    (void)unused;
    return bide_sleep(1);
}

static int one_after_another(void)
{
    int rc = slow(NULL);
    if (rc == 0)
        rc = slow(NULL);
    return rc == 0 ? slow(NULL) : rc;
}

static int in_a_gather(void)
{
    struct bide_call calls[] = { { .fn = slow }, { .fn = slow }, { .fn = slow } };
    return bide_gather(calls, 3);
}

static int in_a_group(void)
{
    BIDE_GROUP(group);
    for (int i = 0; i < 3; i++)
        bide_spawn(group, slow, NULL);
    return bide_group_wait(group);
}

static int program(void *unused)
{
    (void)unused;
    int (*ways[])(void) = { one_after_another, in_a_gather, in_a_group };
    const char *names[] = { "One after another", "Gather", "Group" };
    for (int i = 0; i < 3; i++) {
        double start = bide_now();
        int rc = ways[i]();
        if (rc < 0)
            return rc;
        printf("%s: %.1f s\n", names[i], bide_now() - start);
    }
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
