/* Time limits: one inside another, and one that moves.
 *
 *     async with asyncio.timeout(5), asyncio.timeout(2) as inner:
 *         inner.reschedule(...)
 *
 * Whichever deadline comes first ends the wait; the scope it belongs to says so. */
#include <bide.h>
#include <stdio.h>

static int inner_first(void)
{
    BIDE_TIMEOUT(outer, 5);
    BIDE_TIMEOUT(inner, 2);
    return bide_scope_result(inner, bide_sleep(60));
}

static int inside(void)
{
    BIDE_TIMEOUT(inner, 5);
    int rc = bide_scope_result(inner, bide_sleep(60));
    printf("inside: %s\n", bide_strerror(rc));          /* not its own deadline: unwind */
    return rc;
}

static int outer_first(void)
{
    BIDE_TIMEOUT(outer, 2);
    return bide_scope_result(outer, inside());
}

static int moved_on(void)
{
    BIDE_TIMEOUT(idle, 2);
    for (int i = 0; i < 4; i++) {                       /* five seconds, never two idle */
        int rc = bide_sleep(1.25);
        if (rc < 0)
            return bide_scope_result(idle, rc);
        bide_scope_extend(idle, 2);
    }
    return bide_scope_result(idle, bide_sleep(60));
}

static int program(void *unused)
{
    (void)unused;
    int (*limits[])(void) = { inner_first, outer_first, moved_on };
    for (int i = 0; i < 3; i++) {
        double start = bide_now();
        int rc = limits[i]();
        if (rc != BIDE_ETIMEDOUT)
            return rc;
        printf("%s; %.0f s\n", bide_errmsg(), bide_now() - start);
    }
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
