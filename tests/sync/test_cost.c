/* What no wait for another task may take: memory, or a system call. */
#include "cost.h"

enum { WARM = 20, COUNTED = 50, ITEMS = 10 };

static int (*step)(void);

static int repeat(void *unused)
{
    (void)unused;
    for (int i = 0; i < WARM + COUNTED; i++) {
        if (i == WARM)
            cost_begin();
        CHECK_EQ(step(), 0);
    }
    CHECK_EQ(cost.allocations, 0);
    CHECK_EQ(cost.reads + cost.writes + cost.others, 0);
    return 0;
}

/* Runs it again and again: the later ones must cost nothing. */
static void check_free(int (*fn)(void))
{
    step = fn;
    COST_COUNTED();
    CHECK_EQ(bide_run(repeat, NULL, .jumping_clock = true), 0);
}

/* Two tasks at once, or more. */
static int run_both(bide_fn *a, bide_fn *b)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_spawn(g, a, NULL), 0);
    CHECK_EQ(bide_spawn(g, b, NULL), 0);
    return bide_group_wait(g);
}

/* ---- permits, locks, events ---- */

static bide_semaphore two_at_once = BIDE_SEMAPHORE(2);

static int take_permit(void *unused)
{
    (void)unused;
    bide_auto(permit) permit = bide_semaphore_acquire(&two_at_once);
    return permit ? bide_sleep(0.01) : bide_errcode();
}

static int take_permits(void)
{
    return run_both(take_permit, take_permit);
}

TEST(a_permit_that_is_waited_for_takes_no_memory)
{
    check_free(take_permits);
}

static bide_event event;

static int await_event(void *unused)
{
    (void)unused;
    return bide_event_wait(&event);
}

static int set_event(void *unused)
{
    (void)unused;
    int rc = bide_sleep(0.01);
    bide_event_set(&event);
    return rc;
}

static int meet(void)
{
    bide_event_clear(&event);
    return run_both(await_event, set_event);
}

TEST(an_event_that_is_waited_for_takes_no_memory)
{
    check_free(meet);
}

/* ---- queues ---- */

static bide_queue *queue;

static int put_items(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3 * ITEMS; i++)
        if (bide_queue_put(queue, &i) < 0)
            return bide_errcode();
    return 0;
}

static int get_items(void *unused)
{
    (void)unused;
    for (int i = 0, item; i < ITEMS; i++)
        if (bide_queue_get(queue, &item) < 0)
            return bide_errcode();
    return 0;
}

static int pass_items(void)
{
    return run_both(get_items, put_items);
}

static int repeat_with_queue(void *capacity)
{
    bide_auto(queue) opened = queue = bide_queue_new(int, *(const size_t *)capacity);
    return repeat(NULL);
}

TEST(an_item_through_a_queue_takes_no_memory)
{
    size_t capacity = 2;
    step = pass_items;
    COST_COUNTED();
    CHECK_EQ(bide_run(repeat_with_queue, &capacity, .jumping_clock = true), 0);
}

/* ---- whichever comes first ---- */

static int select_first(void *unused)
{
    (void)unused;
    int item, rc;
    int which = bide_select(BIDE_ON_GET(queue, &item, &rc), BIDE_ON_EVENT(&event), BIDE_AFTER(1));
    return which == 1 ? 0 : -1;
}

static int select_some(void)
{
    bide_event_clear(&event);
    return run_both(select_first, set_event);
}

static int repeat_selecting(void *unused)
{
    (void)unused;
    bide_auto(queue) opened = queue = bide_queue_new(int, 1);
    return repeat(NULL);
}

TEST(a_choice_of_what_comes_first_takes_no_memory)
{
    step = select_some;
    COST_COUNTED();
    CHECK_EQ(bide_run(repeat_selecting, NULL, .jumping_clock = true), 0);
}
