/* Some tasks fail, the others go on.  In Python:
 *
 *     outcomes = await asyncio.gather(*map(job, range(1, 5)), return_exceptions=True)
 *     for outcome in outcomes:
 *         if isinstance(outcome, Exception):
 *             print(f"Failed: {outcome}")
 */
#include <bide.h>
#include <stdio.h>

enum { JOBS = 4 };

static int job(void *arg)
{
    int number = *(int *)arg;
    int rc = bide_sleep(number);
    if (rc < 0)
        return rc;
    return number % 2 ? bide_fail(-EIO, "job %d broke", number) : 0;
}

static int program(void *unused)
{
    (void)unused;
    int numbers[JOBS], succeeded = 0;
    struct bide_call calls[JOBS];
    for (int i = 0; i < JOBS; i++) {
        numbers[i] = i + 1;
        calls[i] = (struct bide_call){ .fn = job, .arg = &numbers[i] };
    }
    int rc = bide_gather_all(calls, JOBS);
    for (int i = 0; i < JOBS; i++) {
        if (calls[i].rc < 0)
            printf("Failed: %s\n", calls[i].error.text);
        succeeded += calls[i].rc == 0;
    }
    printf("%d succeeded\n", succeeded);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
