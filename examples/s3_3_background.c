/* A task in the background, waited for when there is nothing else to do.  In Python:
 *
 *     task = asyncio.create_task(background())
 *     await asyncio.sleep(1)                  # something else
 *     await task
 */
#include <bide.h>
#include <stdio.h>

static int background_task(void *unused)
{
    (void)unused;
    int rc = bide_sleep(10);
    if (rc == 0)
        puts("Done in background");
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    BIDE_GROUP(background);
    bide_spawn(background, background_task, NULL);

    int rc = bide_sleep(1);                     /* something else */
    if (rc < 0)
        return rc;
    printf("Other work done after %.0f s\n", bide_now() - start);

    rc = bide_group_wait(background);
    printf("All done after %.0f s\n", bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
