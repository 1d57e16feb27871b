/* What blocks goes to a thread, and the ticker ticks on.  In Python:
 *
 *     await asyncio.to_thread(blocking_io)
 *
 * Here blocking_io() blocks until the ticker has ticked three times: in the loop itself it would
 * have blocked for ever.  That it has begun it tells the ticker by a promise, which any thread
 * may settle. */
#include <bide.h>
#include <semaphore.h>
#include <stdio.h>

static sem_t ticked;

static int blocking_io(void *begun)
{
    int yes = 1;
    puts("blocking_io begins");
    bide_promise_set(begun, &yes);
    for (int n = 1; n <= 3; n++)
        while (sem_wait(&ticked) < 0)
            ;                   /* interrupted: again */
    puts("blocking_io is done");
    return 0;
}

static int tick(void *begun)
{
    int yes, rc = bide_promise_wait(begun, &yes);
    for (int n = 1; n <= 3 && rc == 0; n++) {
        printf("tick %d\n", n);
        sem_post(&ticked);
        rc = bide_yield();
    }
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    bide_promise *begun = bide_promise_new(int);
    BIDE_GROUP(g);
    bide_spawn(g, tick, begun);
    int rc = bide_to_thread(blocking_io, begun);
    if (rc == 0)
        rc = bide_group_wait(g);
    bide_promise_drop(begun);
    return rc;
}

int main(void)
{
    sem_init(&ticked, 0, 0);
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
