/* The forgotten await, which cannot be forgotten here.  In Python:
 *
 *     save("data")                # a coroutine, thrown away: nothing is saved
 *     status = fetch_data()       # a coroutine, not a status
 *
 * In bide a call runs, and has ended when it returns: there is no object in between.  What
 * can be forgotten is its result, so functions that wait are marked BIDE_WAITS, and the
 * compiler warns where the result is dropped. */
#include <bide.h>
#include <stdio.h>

BIDE_WAITS static int save(const char *text)
{
    int rc = bide_sleep(0.1);
    if (rc == 0)
        printf("Saved %s\n", text);
    return rc;
}

BIDE_WAITS static int fetch_data(const char **status)
{
    *status = "ok";
    return bide_sleep(1);
}

static int program(void *unused)
{
    (void)unused;
    int rc = save("data");
    if (rc < 0)
        return rc;
    const char *status;
    rc = fetch_data(&status);
    if (rc == 0)
        printf("status %s\n", status);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
