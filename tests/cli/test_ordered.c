/* What cli/ordered.c must hold: lines leave in the order of the input, whatever order they come in,
 * and what may be ahead is bounded. */
#include "cli/ordered.c"
#include "cli/filename.h"
#include "cli/ndjson.c"
#include "cli/output.c"
#include "cli/result.c"
#include "test.h"
#include <stdio.h>

static struct ordered ordered;
static struct output out;

static void open_both(void)
{
    CHECK_EQ(ordered_open(&ordered), 0);
    CHECK_EQ(output_open(&out, STDERR_FILENO), 0);
}

static void close_both(void)
{
    free(out.data);
    ordered_close(&ordered);
}

static int put(uint64_t index)
{
    char url[32];
    int size = snprintf(url, sizeof url, "u%llu", (unsigned long long)index);
    struct result r = { .index = index, .url = url, .url_size = (size_t)size };
    return ordered_put(&ordered, &out, &r);
}

/* The URLs in the output so far, without the rest of their lines. */
static const char *printed(void)
{
    static char urls[256];
    size_t size = 0;
    out.data[out.end] = '\0';
    for (const char *at = out.data; (at = strstr(at, "\"url\":\"")); at++) {
        size_t length = strcspn(at + 7, "\"");
        memcpy(urls + size, at + 7, length);
        size += length;
    }
    urls[size] = '\0';
    return urls;
}

TASK_TEST(lines_in_order_leave_at_once)
{
    open_both();
    CHECK_EQ(put(0), 0);
    CHECK_STR(printed(), "u0");
    CHECK_EQ(put(1), 0);
    CHECK_STR(printed(), "u0u1");
    close_both();
}

TASK_TEST(lines_that_are_early_wait_for_those_before_them)
{
    open_both();
    CHECK_EQ(put(2), 0);
    CHECK_EQ(put(1), 0);
    CHECK_STR(printed(), "");
    CHECK_EQ(put(0), 0);
    CHECK_STR(printed(), "u0u1u2");
    CHECK_EQ((long long)ordered.held, 0);
    close_both();
}

TASK_TEST(at_the_end_gaps_are_passed_over)
{
    open_both();
    CHECK_EQ(put(3), 0);
    CHECK_EQ(put(1), 0);
    CHECK_EQ(put(ORDERED_AHEAD - 1), 0);
    CHECK_EQ(ordered_finish(&ordered, &out), 0);
    CHECK_STR(printed(), "u1u3u4095");
    close_both();
}

TASK_TEST(nobody_may_be_further_ahead_than_the_ring_is_long)
{
    open_both();
    CHECK(ordered_has_room(&ordered, ORDERED_AHEAD - 1));
    CHECK(!ordered_has_room(&ordered, ORDERED_AHEAD));
    CHECK_EQ(put(0), 0);
    CHECK(ordered_has_room(&ordered, ORDERED_AHEAD));
    close_both();
}

TASK_TEST(only_the_oldest_may_begin_while_too_many_bytes_are_held)
{
    open_both();
    ordered.held = ORDERED_BYTES;
    CHECK(ordered_has_room(&ordered, 0));
    CHECK(!ordered_has_room(&ordered, 1));
    ordered.held = 0;
    close_both();
}

static int wait_for_room(void *unused)
{
    (void)unused;
    return ordered_wait(&ordered, ORDERED_AHEAD);
}

TASK_TEST(who_is_too_far_ahead_waits_for_the_oldest)
{
    BIDE_GROUP(group);
    bide_task *waiter;
    open_both();
    bide_spawn(group, wait_for_room, NULL, .handle = &waiter);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(!bide_task_done(waiter));
    CHECK_EQ(put(0), 0);
    CHECK_EQ(bide_group_wait(group), 0);
    close_both();
}

TASK_TEST(waiting_for_room_can_be_cancelled)
{
    open_both();
    BIDE_TIMEOUT(timeout, 1);
    CHECK_EQ(ordered_wait(&ordered, ORDERED_AHEAD), BIDE_ECANCELED);
    close_both();
}
