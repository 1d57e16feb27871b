/* tests/io/test_file_ring.c -- files by a poller that takes whole operations: failing, short,
 * cancelled on their way, and many at once. */
#include "io/place.h"

#include "core/operation.h"
#include <bide/group.h>
#include <bide/scope.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 300000, TASKS = 600 };

static struct sys real;
static int asked, fail_at, fail_with;   /* the nth operation fails; 0: none */
static size_t most;             /* bytes that each does; 0: all */

static ssize_t faulty(int fd, size_t size)
{
    if (++asked == fail_at) {
        errno = fail_with;
        return -1;
    }
    return real.ring_operation(fd, most && size > most ? most : size);
}

static int in_place(void *body)
{
    char path[32];
    place_enter(path);
    real = bide__sys;
    bide__sys.preadv2 = place_no_look;
    bide__sys.fstatfs = place_no_system;
    if (real.ring_operation)
        bide__sys.ring_operation = faulty;
    (*(void (**)(void))body)();
    bide__sys = real;
    place_leave(path);
    return 0;
}

#define RING_TEST(name_) \
    static void name_##_body(void); \
    TEST(name_) \
    { \
        void (*body)(void) = name_##_body; \
        CHECK_EQ(bide_run(in_place, &body, .poller = TEST_RING, .jumping_clock = true), 0); \
    } \
    static void name_##_body(void)

/* Where there is no ring, threads do the same, and nothing can be made to fail here. */
static bool has_ring(void)
{
    return bide__operation_taken();
}

RING_TEST(what_was_written_is_read_however_short_each_operation_is)
{
    char *data = place_bytes(SIZE), *got = malloc(SIZE);
    for (most = 0; most <= 7000; most += 3500) {
        bide_auto(file) f = bide_file_open("a", "w+");
        CHECK_EQ(bide_file_write(f, data, SIZE), 0);
        CHECK_EQ(bide_file_sync(f), 0);
        CHECK_EQ(bide_file_seek(f, 0, SEEK_SET), 0);
        CHECK_EQ(bide_file_read(f, got, SIZE), SIZE);
        CHECK_MEM(got, data, SIZE);
        CHECK_EQ(bide_file_read(f, got, 1), 0);
        CHECK_EQ(bide_file_finish(f), 0);
    }
    CHECK(asked > 0 || !has_ring());
    most = 0;
    free(data);
    free(got);
}

RING_TEST(each_operation_may_fail_and_the_place_stays)
{
    char got[4];
    place_put_text("a", "text");
    bide_auto(file) f = bide_file_open("a", "r+");
    if (!has_ring())
        return;
    fail_at = asked + 1;
    fail_with = EIO;
    CHECK_EQ(bide_file_read(f, got, 4), -EIO);
    CHECK_STR(bide_errmsg(), "read: a: Input/output error");
    CHECK_EQ(bide_file_tell(f), 0);
    CHECK_EQ(bide_file_read(f, got, 4), 4);
    CHECK_EQ(bide_file_write(f, "more", 4), 0);
    fail_at = asked + 1;
    fail_with = ENOSPC;
    CHECK_EQ(bide_file_flush(f), -ENOSPC);
    CHECK_EQ(bide_file_flush(f), 0);
    fail_at = asked + 1;
    fail_with = EIO;
    CHECK_EQ(bide_file_sync(f), -EIO);
    CHECK_EQ(bide_file_sync(f), -EIO);
    CHECK_HAS(bide_errmsg(), "an earlier sync failed");
    place_holds_text("a", "textmore");
}

RING_TEST(appending_goes_to_the_end)
{
    place_put_text("a", "text");
    bide_auto(file) f = bide_file_open("a", "a");
    CHECK_EQ(bide_file_write(f, "more", 4), 0);
    CHECK_EQ(bide_file_flush(f), 0);
    CHECK_EQ(bide_file_tell(f), 8);
    place_holds_text("a", "textmore");
}

static int read_fourth(void *f)
{
    char got[4] = "";
    ssize_t n = bide_file_read_at(f, got, 4, 4);
    CHECK(n == 4 || n == BIDE_ECANCELED);
    if (n == 4)
        CHECK_MEM(got, "more", 4);
    return 0;
}

/* More than the ring gathers at once. */
RING_TEST(many_tasks_read_at_once)
{
    place_put_text("a", "textmore");
    bide_auto(file) f = bide_file_open("a", "r");
    BIDE_GROUP(g);
    for (int i = 0; i < TASKS; i++)
        bide_spawn(g, read_fourth, f);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* The memory is the system's until it has done with it, so the tasks wait on. */
RING_TEST(cancelled_on_their_way_reads_have_all_or_nothing)
{
    bide_task *tasks[20];
    place_put_text("a", "textmore");
    bide_auto(file) f = bide_file_open("a", "r");
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 20; i++)
        bide_spawn(g, read_fourth, f, .handle = &tasks[i]);
    CHECK_EQ(bide_yield(), 0);
    for (int i = 0; i < 20; i++)
        bide_cancel(tasks[i]);
    for (int i = 0; i < 20; i++)
        CHECK_EQ(bide_join(tasks[i]), 0);
    CHECK_EQ(read_fourth(f), 0);
}
