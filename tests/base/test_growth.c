/* How the steps of the heap and of the table of keys grow with what is in them. */
#include "steps.h"

#include "base/heap.h"
#include "base/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 10, MANY = 10000, TIMES = 3 };

/* ---- the heap ---- */

static struct heap heaps[2];
static struct timer timers[MANY];

/* The first goes, and is put behind all others, as a sleeper does that sleeps again. */
static void turn_over(void *heap)
{
    for (int i = 0; i < TIMES; i++) {
        struct timer *first = bide__heap_first(heap);
        bide__heap_remove(heap, first);
        first->due_ns += 1000000000;
        bide__heap_put(heap, first);
        bide__heap_first(heap);
    }
}

static void fill(struct heap *heap, struct timer *own, int count)
{
    CHECK_EQ(bide__heap_open(heap), 0);
    for (int i = 0; i < count; i++) {
        own[i] = (struct timer){ .due_ns = i * 7919 % count };
        CHECK(bide__heap_put(heap, &own[i]));
    }
}

/* 2 levels of four against 7. */
TEST(a_timer_among_10000_takes_four_times_the_steps_of_one_among_10_at_most)
{
    static struct timer few_timers[FEW];
    fill(&heaps[0], few_timers, FEW);
    fill(&heaps[1], timers, MANY);
    long few = steps_of(turn_over, &heaps[0]), many = steps_of(turn_over, &heaps[1]);
    CHECK(many <= 4 * few || few < 0);
    bide__heap_close(&heaps[0]);
    bide__heap_close(&heaps[1]);
}

/* ---- the table ---- */

static char keys[TIMES][20];

static void find_some(void *table)
{
    for (int i = 0; i < TIMES; i++)
        if (!bide__table_find(table, keys[i], strlen(keys[i])))
            abort();
}

static void fill_table(struct table *t, int count)
{
    char key[20];
    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "key %d", i);
        CHECK(bide__table_add(t, key, strlen(key)) != NULL);
    }
}

/* Places are half empty, so chance may add a few looks. */
TEST(finding_one_of_10000_keys_takes_no_more_steps_than_one_of_10)
{
    struct table small = { 0 }, large = { 0 };
    fill_table(&small, FEW);
    fill_table(&large, MANY);
    for (int i = 0; i < TIMES; i++)
        snprintf(keys[i], sizeof keys[i], "key %d", i);
    long few = steps_of(find_some, &small), many = steps_of(find_some, &large);
    CHECK(many <= 2 * few || few < 0);
    bide__table_clear(&small, NULL);
    bide__table_clear(&large, NULL);
}
