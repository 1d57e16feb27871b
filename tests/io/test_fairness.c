/* tests/io/test_fairness.c -- one who always has something to read, and 999 who want little: each
 * of them has a turn before the greedy one has moved much.  Counted in bytes and turns, not in
 * time. */
#include "test.h"

#include <bide.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { MODEST = 999, PIECE = 1 << 16, TURNS = 20, ENOUGH = 1 << 20 };

static size_t moved, moved_before, moved_at_once;
static int turns, ended;

/* Between two turns of whoever it may be. */
static void note_turn(void)
{
    size_t since = moved - moved_before;
    moved_at_once = since > moved_at_once ? since : moved_at_once;
    moved_before = moved;
    turns++;
}

static int be_modest(void *unused)
{
    (void)unused;
    for (int i = 0; i < TURNS; i++) {
        int rc = bide_yield();
        if (rc < 0)
            return rc;
        note_turn();
    }
    ended++;
    return 0;
}

/* What is written can be read at once, so no call of these waits. */
static int be_greedy(void *size_)
{
    size_t size = *(size_t *)size_;
    int fds[2];
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    char *piece = calloc(1, PIECE);
    CHECK(piece);
    BIDE_DEFER(tidy, free, piece);
    bide_auto(stream) to = bide_stream_of_fd(fds[0]);
    bide_auto(stream) from = bide_stream_of_fd(fds[1]);
    while (ended < MODEST) {
        if (bide_write(to, piece, size) < 0 || bide_read_exactly(from, piece, size) < 0)
            return bide_errcode();
        moved += size;
    }
    return 0;
}

static void run_greedy_beside_the_modest(size_t size)
{
    BIDE_GROUP(g);
    bide_spawn(g, be_greedy, &size);
    for (int i = 0; i < MODEST; i++)
        bide_spawn(g, be_modest, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(turns, MODEST * TURNS);
    CHECK(moved_at_once > 0);
}

TASK_TEST(one_who_moves_little_pieces_for_ever_keeps_nobody_waiting)
{
    run_greedy_beside_the_modest(10);
    CHECK(moved_at_once <= 10 * 128);
}

TASK_TEST(one_who_moves_large_pieces_for_ever_keeps_nobody_waiting)
{
    run_greedy_beside_the_modest(PIECE);
    CHECK(moved_at_once <= ENOUGH);
}
