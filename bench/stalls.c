/* Stalls of much that comes at once, is kept, or is given back.
 *
 *     bench_stalls [COUNT [NAME...]]
 *
 * For each kind of work, COUNT (100,000) of it comes at once; how that is measured stands in
 * stall.h. */
#include "stall.h"
#include <pthread.h>

static double due;

static int sleep_until_due(void *unused)
{
    (void)unused;
    turn();
    int rc = bide_sleep(due - bide_now());
    turn();
    return rc;
}

static int spawning(void)
{
    BIDE_GROUP(g);
    due = bide_now();
    begin();
    for (long i = 0; i < count; i++) {
        bide_spawn(g, sleep_until_due, NULL);
        turn();
    }
    int rc = bide_group_wait(g);
    end();
    return rc;
}

/* The wait in between is a call that blocks, so that all are due in one look. */
static int timers(void)
{
    BIDE_GROUP(g);
    due = bide_now() + 1 + (double)count / 2e4;
    spawn_all(g, sleep_until_due, NULL);
    while (bide_now() < due)
        ;
    begin();
    int rc = bide_group_wait(g);
    end();
    return rc;
}

static int wait_until_due(void *unused)
{
    (void)unused;
    turn();
    BIDE_TIMEOUT(limit, due - bide_now());
    bide_ignore(bide_sleep(1000));
    turn();
    return 0;
}

static int timeouts(void)
{
    BIDE_GROUP(g);
    due = bide_now() + 1 + (double)count / 2e4;
    spawn_all(g, wait_until_due, NULL);
    while (bide_now() < due)
        ;
    begin();
    int rc = bide_group_wait(g);
    end();
    return rc;
}

static int is_posted(void *unused)
{
    (void)unused;
    turn();
    return 0;
}

static void *post_all(void *loop)
{
    for (long i = 0; i < count; i++)
        if (bide_loop_post(loop, is_posted, NULL) < 0)
            exit(1);
    return NULL;
}

static int posts(void)
{
    pthread_t thread;
    bide_auto(loop) loop = bide_loop_hold();
    pthread_create(&thread, NULL, post_all, loop);
    pthread_join(thread, NULL);
    begin();
    int rc = bide_sleep(0);
    while (rc == 0 && bide_group_count(bide_group_root()) > 1)
        rc = bide_yield();
    end();
    return rc;
}

static int sleep_for_ever(void *unused)
{
    (void)unused;
    int rc = bide_sleep(BIDE_FOREVER);
    turn();
    return rc;
}

static int cancelling(void)
{
    BIDE_GROUP(g);
    spawn_all(g, sleep_for_ever, NULL);
    begin();
    bide_group_cancel(g);
    turn();
    int rc = bide_group_wait(g);
    end();
    return rc;
}

/* ---- many that are begun, read and left ---- */

static int is_gathered(void *unused)
{
    (void)unused;
    turn();
    return 0;
}

static int gathers(void)
{
    struct bide_call *calls = calloc((size_t)count, sizeof *calls);
    if (!calls)
        return BIDE_ENOMEM;
    for (long i = 0; i < count; i++)
        calls[i].fn = is_gathered;
    begin();
    int rc = bide_gather(calls, (size_t)count);
    end();
    free(calls);
    return rc;
}

static int leave_with_handles(void)
{
    bide_task *task;
    BIDE_GROUP(g);
    for (long i = 0; i < count; i++)
        bide_spawn(g, is_gathered, NULL, .handle = &task);
    int rc = bide_group_wait(g);
    begin();
    return rc;
}

static int handles(void)
{
    int rc = leave_with_handles();
    end();
    return rc;
}

/* ---- much that is kept ---- */

static int strings(void)
{
    char key[32];
    bide_auto(strset) set = bide_strset_new(.count_max = SIZE_MAX);
    begin();
    for (long i = 0; i < count; i++) {
        snprintf(key, sizeof key, "http://host/%ld", i);
        if (bide_strset_add(set, key) < 0)
            return bide_errcode();
        turn();
    }
    end();
    return 0;
}

static int put_measured(bide_queue *queue, long items)
{
    begin();
    for (long i = 0; i < items; i++) {
        if (bide_queue_put_nowait(queue, &i) < 0)
            return bide_errcode();
        turn();
    }
    end();
    return 0;
}

static int queues(void)
{
    bide_auto(queue) queue = bide_queue_new(long, BIDE_UNLIMITED);
    return put_measured(queue, count);
}

/* What has wrapped round is to go behind the rest where it grows: all but one. */
static int wrapping(void)
{
    bide_auto(queue) queue = bide_queue_new(long, BIDE_UNLIMITED);
    long ring = 1, item;
    while (ring < count)
        ring *= 2;
    for (long i = 0; i < 2 * ring - 1; i++)
        if (bide_queue_put_nowait(queue, &i) < 0 ||
            (i >= ring - 1 && i < 2 * ring - 2 && bide_queue_get_nowait(queue, &item) < 0))
            return bide_errcode();
    return put_measured(queue, 10);
}

static bool is_less(const void *a, const void *b)
{
    return *(const long *)a < *(const long *)b;
}

static int urgencies(void)
{
    bide_auto(queue) queue = bide_queue_new(long, BIDE_UNLIMITED, .order = BIDE_PRIORITY,
                                            .before = is_less);
    return put_measured(queue, count);
}

static int freeing_queue(void)
{
    bide_queue *queue = bide_queue_new(long, BIDE_UNLIMITED);
    for (long i = 0; i < count; i++)
        if (bide_queue_put_nowait(queue, &i) < 0)
            return bide_errcode();
    begin();
    bide_queue_free(queue);
    end();
    return 0;
}

static int freeing_strings(void)
{
    char key[32];
    bide_strset *set = bide_strset_new(.count_max = SIZE_MAX);
    for (long i = 0; i < count; i++) {
        snprintf(key, sizeof key, "http://host/%ld", i);
        if (bide_strset_add(set, key) < 0)
            return bide_errcode();
    }
    begin();
    bide_strset_free(set);
    turn();
    due = bide_now() + (double)count / 1e6;
    while (bide_now() < due) {
        if (bide_yield() < 0)
            return bide_errcode();
        turn();
    }
    end();
    return 0;
}

/* Trimming the stacks of so many who have ended, and what else is put off until then. */
static int idling(void)
{
    {
        BIDE_GROUP(g);
        due = bide_now();
        spawn_all(g, sleep_until_due, NULL);
        if (bide_group_wait(g) < 0)
            return bide_errcode();
    }
    begin();
    for (int i = 0; i < 300; i++) {
        if (bide_sleep(0.01) < 0)
            return bide_errcode();
        turn();
    }
    end();
    return 0;
}

static const struct stall kinds[] = {
    { "spawn", spawning }, { "timers", timers }, { "timeouts", timeouts }, { "posts", posts },
    { "cancel", cancelling }, { "gather", gathers }, { "handles", handles },
    { "strings", strings }, { "strings_free", freeing_strings }, { "queue", queues },
    { "queue_wrapped", wrapping }, { "queue_priority", urgencies },
    { "queue_free", freeing_queue }, { "idle", idling },
};

int main(int argc, char **argv)
{
    return measure_stalls(kinds, sizeof kinds / sizeof *kinds, argc, argv);
}
