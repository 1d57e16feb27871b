/* Twins of queues.py. */
#include "twin.h"
AREA(queues)

static bide_queue *queue;

static void put_all(const int *items)
{
    for (; *items; items++)
        CHECK_EQ(bide_queue_put_nowait(queue, items), 0);
}

static void say_three(void)
{
    int item[3];
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_queue_get(queue, &item[i]), 1);
    say("%d %d %d", item[0], item[1], item[2]);
}

TWIN(fifo)
{
    bide_auto(queue) q = queue = bide_queue_new(int, 9);
    put_all((int[]){ 1, 2, 3, 0 });
    say_three();
}

TWIN(lifo)
{
    bide_auto(queue) q = queue = bide_queue_new(int, 9, .order = BIDE_LIFO);
    put_all((int[]){ 1, 2, 3, 0 });
    say_three();
}

static bool is_less(const void *a, const void *b) { return *(const int *)a < *(const int *)b; }

TWIN(priority)
{
    bide_auto(queue) q = queue = bide_queue_new(int, 9, .order = BIDE_PRIORITY, .before = is_less);
    put_all((int[]){ 3, 1, 2, 0 });
    say_three();
}

static int put_three(void *unused)
{
    (void)unused;
    for (int item = 1; item <= 3; item++) {
        int rc = bide_queue_put(queue, &item);
        if (rc < 0)
            return rc;
        say("put %d at %s", item, now());
    }
    return 0;
}

TWIN(full)
{
    bide_auto(queue) q = queue = bide_queue_new(int, 1);
    int item;
    BIDE_GROUP(g);
    bide_spawn(g, put_three, NULL);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_sleep(1), 0);
        CHECK_EQ(bide_queue_get(queue, &item), 1);
        say("got %d", item);
    }
    CHECK_EQ(bide_group_wait(g), 0);
}

static int get_one(void *name)
{
    int item, rc = bide_queue_get(queue, &item);
    if (rc == 1)
        say("%s gets %d", (char *)name, item);
    return rc;
}

TWIN(getters)
{
    bide_auto(queue) q = queue = bide_queue_new(int, 9);
    BIDE_GROUP(g);
    bide_spawn(g, get_one, NAME("a"));
    bide_spawn(g, get_one, NAME("b"));
    bide_spawn(g, get_one, NAME("c"));
    CHECK_EQ(bide_sleep(1), 0);
    put_all((int[]){ 1, 2, 3, 0 });
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(getter_cancelled)
{
    bide_auto(queue) q = queue = bide_queue_new(int, 9);
    bide_task *a;
    BIDE_GROUP(g);
    bide_spawn(g, get_one, NAME("a"), .handle = &a);
    bide_spawn(g, get_one, NAME("b"));
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(a);
    put_all((int[]){ 1, 0 });
    CHECK_EQ(bide_group_wait(g), 0);
    say("left %zu", bide_queue_size(q));
}

TWIN(nowait)
{
    bide_auto(queue) q = bide_queue_new(int, 1);
    int item = 1;
    if (bide_queue_get_nowait(q, &item) == BIDE_EAGAIN)
        say("empty");
    CHECK_EQ(bide_queue_put_nowait(q, &item), 0);
    if (bide_queue_put_nowait(q, &item) == BIDE_EAGAIN)
        say("full");
    say("size %zu", bide_queue_size(q));
}

static int work_off_two(void *unused)
{
    (void)unused;
    int item, rc = 0;
    for (int i = 0; i < 2 && rc == 0; i++) {
        CHECK_EQ(bide_queue_get(queue, &item), 1);
        rc = bide_sleep(1);
        CHECK_EQ(bide_queue_done(queue), 0);
    }
    return rc;
}

TWIN(join)
{
    bide_auto(queue) q = queue = bide_queue_new(int, 9);
    put_all((int[]){ 1, 2, 0 });
    BIDE_GROUP(g);
    bide_spawn(g, work_off_two, NULL);
    CHECK_EQ(bide_queue_join(q), 0);
    say("joined at %s", now());
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(done_too_often)
{
    bide_auto(queue) q = bide_queue_new(int, 1);
    if (bide_queue_done(q) == BIDE_EINVAL)
        say("refused");
}

static int work(void *name)
{
    int item, rc;
    while ((rc = bide_queue_get(queue, &item)) == 1) {
        say("%s has %d at %s", (char *)name, item, now());
        if ((rc = bide_sleep(1)) < 0)
            break;
    }
    return rc;
}

TWIN(two_workers)
{
    bide_auto(queue) q = queue = bide_queue_new(int, 2);
    BIDE_GROUP(g);
    bide_spawn(g, work, NAME("a"));
    bide_spawn(g, work, NAME("b"));
    for (int item = 0; item < 4; item++)
        CHECK_EQ(bide_queue_put(q, &item), 0);
    bide_queue_close(q);                /* instead of a sentinel for each worker */
    CHECK_EQ(bide_group_wait(g), 0);
}
