/* One task that listens to everything at once: jobs, a stop, and silence.
 *
 * bide_select() carries out the first case that can take place and leaves no trace of the
 * others.  Python would need a task for each and asyncio.wait(), and would have to cancel what
 * lost; Go has it as select. */
#include <bide.h>
#include <stdio.h>

static bide_queue *jobs;
static bide_event stop;

static int work(void *unused)
{
    (void)unused;
    int job, rc;
    for (;;) {
        switch (bide_select(BIDE_ON_EVENT(&stop), BIDE_ON_GET(jobs, &job, &rc), BIDE_AFTER(5))) {
        case 0:
            puts("told to stop");
            return 0;
        case 1:
            printf("job %d\n", job);
            break;
        case 2:
            puts("nothing for 5 s");
            break;
        default:
            return bide_errcode();
        }
    }
}

static int give_work(void *unused)
{
    (void)unused;
    for (int job = 1; job <= 3; job++) {
        int rc = bide_queue_put(jobs, &job);
        if (rc < 0 || (rc = bide_sleep(4 * job - 3)) < 0)
            return rc;
    }
    bide_event_set(&stop);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    bide_auto(queue) made = jobs = bide_queue_new(int, 1);
    struct bide_call both[] = { { .fn = work }, { .fn = give_work } };
    return bide_gather(both, 2);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
