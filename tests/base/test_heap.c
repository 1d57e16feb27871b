/* tests/base/test_heap.c -- the heap of deadlines against a plain list: order, ties, removal. */
#include "test.h"

#include "base/heap.h"
#include <string.h>

enum { TIMERS = 600 };

static struct heap heap;
static struct timer timers[TIMERS];
static unsigned order[TIMERS];          /* when it was put; 0: it is not in */
static uint64_t state = 1;

static unsigned draw(unsigned limit)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(state >> 33) % limit;
}

static struct timer *first_in_list(void)
{
    int first = -1;
    for (int i = 0; i < TIMERS; i++)
        if (order[i] && (first < 0 || timers[i].due_ns < timers[first].due_ns
                         || (timers[i].due_ns == timers[first].due_ns
                             && order[i] < order[first])))
            first = i;
    return first < 0 ? NULL : &timers[first];
}

static void put(int i, int64_t due_ns, unsigned *puts)
{
    timers[i].due_ns = due_ns;
    CHECK(bide__heap_put(&heap, &timers[i]));
    CHECK(timers[i].place > 0);
    order[i] = ++*puts;
}

static void take_out(int i)
{
    bide__heap_remove(&heap, &timers[i]);
    CHECK_EQ(timers[i].place, 0);
    order[i] = 0;
}

static void empty(void)
{
    struct timer *first, *due;
    while ((first = bide__heap_first(&heap))) {
        due = first_in_list();
        CHECK_PTR(first, due);
        take_out((int)(first - timers));
    }
    CHECK_PTR(first_in_list(), NULL);
    CHECK_EQ(heap.count, 0);
}

/* limit: how many different times there are; few make many ties. */
static void play(unsigned limit, int steps)
{
    unsigned puts = 0;
    memset(order, 0, sizeof order);
    for (int n = 0; n < steps; n++) {
        int i = (int)draw(TIMERS);
        if (!order[i])
            put(i, draw(limit), &puts);
        else if (draw(3))
            take_out(i);
        else
            CHECK_PTR(bide__heap_first(&heap), first_in_list());
        struct timer *first = draw(4) == 0 ? first_in_list() : NULL;
        if (first)
            take_out((int)(first - timers));
    }
    empty();
}

TEST(the_earliest_comes_first_whatever_is_put_and_removed)
{
    static const unsigned limits[] = { 1, 3, 50, 100000 };
    CHECK_EQ(bide__heap_open(&heap), 0);
    for (int i = 0; i < 4; i++)
        play(limits[i], 20000);
    bide__heap_close(&heap);
}

TEST(equal_times_come_in_the_order_they_were_put_also_when_counting_starts_anew)
{
    unsigned puts = 0;
    CHECK_EQ(bide__heap_open(&heap), 0);
    heap.sequence = UINT32_MAX - 100;
    for (int i = 0; i < 300; i++)
        put(i, 5, &puts);
    empty();
    bide__heap_close(&heap);
}

TEST(removing_what_is_not_in_does_nothing)
{
    unsigned puts = 0;
    CHECK_EQ(bide__heap_open(&heap), 0);
    bide__heap_remove(&heap, &timers[0]);
    put(1, 5, &puts);
    bide__heap_remove(&heap, &timers[0]);
    CHECK_PTR(bide__heap_first(&heap), &timers[1]);
    take_out(1);
    bide__heap_remove(&heap, &timers[1]);
    CHECK_PTR(bide__heap_first(&heap), NULL);
    bide__heap_close(&heap);
}

TEST(a_full_heap_refuses)
{
    CHECK_EQ(bide__heap_open(&heap), 0);
    uint32_t limit = heap.limit;
    unsigned puts = 0;
    heap.limit = 10;
    for (int i = 0; i < 9; i++)
        put(i, i, &puts);
    timers[9].due_ns = 0;
    CHECK(!bide__heap_put(&heap, &timers[9]));
    CHECK_EQ(timers[9].place, 0);
    take_out(4);
    put(9, 4, &puts);
    empty();
    heap.limit = limit;
    bide__heap_close(&heap);
}
