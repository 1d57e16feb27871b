/* Three workers that do each round together: nobody begins the next before all have done this
 * one, and one of them says so.  In Python:
 *
 *     async with barrier as place:
 *         if place == 0:
 */
#include <bide.h>
#include <stdio.h>

struct worker { const char *name; double seconds; };

static bide_barrier all_three = BIDE_BARRIER(3);

static int work(void *arg)
{
    const struct worker *me = arg;
    for (int round = 1; round <= 3; round++) {
        int rc = bide_sleep(me->seconds * round);       /* stands for the work */
        if (rc < 0)
            return rc;
        printf("%.1f s: %s has done round %d\n", bide_now(), me->name, round);
        rc = bide_barrier_wait(&all_three);
        if (rc < 0)
            return rc;
        if (rc == 0)                                    /* who came first */
            printf("%.1f s: round %d is over, says %s\n", bide_now(), round, me->name);
    }
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn_with(g, work, struct worker, "quick", 0.1);
    bide_spawn_with(g, work, struct worker, "steady", 0.2);
    bide_spawn_with(g, work, struct worker, "slow", 0.5);
    return bide_group_wait(g);
}

int main(void)
{
    return bide_run(program, NULL) < 0;
}
