/* An answer within five seconds, or none.  In Python:
 *
 *     try:
 *         async with asyncio.timeout(5):
 *             return await slow_operation()
 *     except TimeoutError:
 *         return None
 *
 * Inside, the cancelled call says BIDE_ECANCELED; bide_scope_result() makes it BIDE_ETIMEDOUT
 * if this deadline did it, and not, say, Ctrl-C. */
#include <bide.h>
#include <stdio.h>

static int slow_operation(const char **answer)
{
    *answer = "an answer";
    return bide_sleep(60);
}

static int fetch_with_timeout(const char **answer)
{
    BIDE_TIMEOUT(limit, 5);
    int rc = bide_scope_result(limit, slow_operation(answer));
    if (rc != BIDE_ETIMEDOUT)
        return rc;
    *answer = "None";
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    const char *answer;
    int rc = fetch_with_timeout(&answer);
    if (rc == 0)
        printf("%s after %.0f s\n", answer, bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
