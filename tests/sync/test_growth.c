/* How the steps of a queue grow with its length. */
#include "steps.h"

#include <bide.h>
#include <stdlib.h>

enum { FEW = 10, MANY = 10000, TIMES = 4 };

static bool is_less(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

static void put_and_get(void *queue)
{
    int item;
    for (int i = 0; i < TIMES; i++) {
        item = i * 7919 % MANY;
        if (bide_queue_put_nowait((bide_queue *)queue, &item) < 0 ||
            bide_queue_get_nowait((bide_queue *)queue, &item) < 0)
            abort();
    }
}

static bide_queue *queue_of(int count, enum bide_order order, bool threads)
{
    bide_queue *queue = bide_queue_new(int, BIDE_UNLIMITED, .order = order, .threads = threads,
                                       .before = order == BIDE_PRIORITY ? is_less : NULL);
    for (int i = 0; i < count; i++) {
        int item = i * 7919 % count;
        CHECK_EQ(bide_queue_put_nowait(queue, &item), 0);
    }
    return queue;
}

static void check_growth(enum bide_order order, bool threads, double most)
{
    bide_auto(queue) small = queue_of(FEW, order, threads);
    bide_auto(queue) large = queue_of(MANY, order, threads);
    long few = steps_of(put_and_get, small), many = steps_of(put_and_get, large);
    CHECK((double)many <= most * (double)few || few < 0);
}

TEST(an_item_of_a_queue_of_10000_takes_no_more_steps_than_one_of_10)
{
    check_growth(BIDE_FIFO, false, 1.2);
    check_growth(BIDE_LIFO, false, 1.2);
}

TEST(an_item_between_threads_takes_no_more_steps_where_10000_are_in_line)
{
    check_growth(BIDE_FIFO, true, 1.2);
}

/* 3 or 4 levels of two against 13 or 14. */
TEST(the_least_of_10000_items_takes_four_times_the_steps_of_the_least_of_10_at_most)
{
    check_growth(BIDE_PRIORITY, false, 4);
}
