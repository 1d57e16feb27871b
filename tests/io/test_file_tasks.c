/* tests/io/test_file_tasks.c -- files and several tasks: at an offset, misuse, cancelled, closed
 * meanwhile, FIFOs. */
#include "io/place.h"

#include "sync/executor.h"
#include <bide/stream.h>

enum { SIZE = 1000000, READERS = 20 };

/* --- at an offset --- */

struct reading { bide_file *file; const char *data; int number; };

static int read_around(void *arg)
{
    const struct reading *r = arg;
    char buf[5000];
    for (int i = 0; i < 50; i++) {
        int64_t at = (int64_t)(r->number * 7919 + i * 104729) % SIZE;
        ssize_t n = bide_file_read_at(r->file, buf, sizeof buf, at);
        if (n < 0)
            return (int)n;
        CHECK_EQ(n, at + 5000 > SIZE ? SIZE - at : 5000);
        CHECK_MEM(buf, r->data + at, (size_t)n);
    }
    return 0;
}

FILE_TEST(many_tasks_read_at_their_places)
{
    char *data = place_bytes(SIZE), *line;
    place_put("a", data, SIZE);
    bide_auto(file) f = bide_file_open("a", "r");
    {
        BIDE_GROUP(g);
        for (int i = 0; i < READERS; i++)
            bide_spawn_with(g, read_around, struct reading, f, data, i);
        while (bide_file_line(f, &line) > 0)
            ;
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK_EQ(bide_file_tell(f), SIZE);
    free(data);
}

static int write_part(void *arg)
{
    const struct reading *r = arg;
    int64_t at = r->number * (SIZE / READERS);
    return bide_file_write_at(r->file, r->data + at, SIZE / READERS, at);
}

FILE_TEST(many_tasks_write_at_their_places)
{
    char *data = place_bytes(SIZE);
    bide_auto(file) f = bide_file_open("a", "w");
    BIDE_GROUP(g);
    for (int i = READERS - 1; i >= 0; i--)
        bide_spawn_with(g, write_part, struct reading, f, data, i);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_file_finish(f), 0);
    place_holds("a", data, SIZE);
    free(data);
}

FILE_TEST(a_task_sees_what_it_wrote_either_way)
{
    char buf[8];
    bide_auto(file) f = bide_file_open("a", "w+");
    CHECK_EQ(bide_file_write(f, "abcd", 4), 0);
    CHECK_EQ(bide_file_read_at(f, buf, 8, 1), 3);
    CHECK_MEM(buf, "bcd", 3);
    CHECK_EQ(bide_file_seek(f, 0, SEEK_SET), 0);
    CHECK_EQ(bide_file_read(f, buf, 1), 1);
    CHECK_EQ(bide_file_write_at(f, "XY", 2, 1), 0);
    CHECK_EQ(bide_file_read(f, buf, 8), 3);
    CHECK_MEM(buf, "XYd", 3);
    CHECK_EQ(bide_file_read_at(f, buf, 1, -1), BIDE_EINVAL);
    CHECK_EQ(bide_file_write_at(f, buf, 1, -1), BIDE_EINVAL);
    bide_auto(file) a = bide_file_open("a", "a");
    CHECK_EQ(bide_file_write_at(a, buf, 1, 0), BIDE_EINVAL);
}

/* --- a thread that is held up --- */

static int held[2];             /* a pipe: a job of threads waits until a byte comes */
static bool hold_up;
static atomic_int begun;        /* jobs that wait */

/* Before the test, for it outlives it. */
__attribute__((constructor)) static void open_pipe(void)
{
    if (pipe(held) < 0)
        abort();
}

static ssize_t slow_pread(int fd, void *buf, size_t size, off_t at)
{
    char byte;
    if (hold_up) {
        atomic_fetch_add(&begun, 1);
        CHECK_EQ(read(held[0], &byte, 1), 1);
    }
    return pread(fd, buf, size, at);
}

static ssize_t slow_pwrite(int fd, const void *buf, size_t size, off_t at)
{
    char byte;
    if (hold_up) {
        atomic_fetch_add(&begun, 1);
        CHECK_EQ(read(held[0], &byte, 1), 1);
    }
    return pwrite(fd, buf, size, at);
}

static void let_go(int count)
{
    for (int i = 0; i < count; i++)
        CHECK_EQ(write(held[1], "x", 1), 1);
}

static void leave(const char *dir)
{
    for (int i = 0; i < 2; i++)
        if (held[i])
            CHECK_EQ(close(held[i]), 0);
    place_leave(dir);
}

static void wait_for_thread(void)
{
    while (!atomic_load(&begun))
        CHECK_EQ(bide_yield(), 0);
}

static bide_file *open_slowly(const char *mode)
{
    place_by_threads();
    bide__sys.pread = slow_pread;
    bide__sys.pwrite = slow_pwrite;
    hold_up = true;
    bide_file *f = bide_file_open("a", mode);
    CHECK(f);
    return f;
}

static int read_some(void *arg)
{
    char buf[4];
    ssize_t n = bide_file_read(arg, buf, sizeof buf);
    if (n == 4)
        CHECK_MEM(buf, "text", 4);
    return (int)n;
}


TASK_TEST(a_second_task_is_refused_while_the_first_reads_on)
{
    char dir[32], byte;
    place_enter(dir);
    place_put_text("a", "text");
    bide_task *first;
    bide_auto(file) f = open_slowly("r+");
    BIDE_KEEP_GOING(g);
    bide_spawn(g, read_some, f, .handle = &first);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_file_read(f, &byte, 1), BIDE_EBUSY);
    CHECK_STR(bide_errmsg(), "read: a: another task is in it");
    CHECK_EQ(bide_file_write(f, "x", 1), BIDE_EBUSY);
    CHECK_EQ(bide_file_seek(f, 0, SEEK_SET), BIDE_EBUSY);
    CHECK_EQ(bide_file_finish(f), BIDE_EBUSY);
    let_go(2);
    CHECK_EQ(bide_join(first), 0);
    CHECK_EQ(bide_task_result(first), 4);
    leave(dir);
}

TASK_TEST(others_run_while_a_thread_reads)
{
    char dir[32];
    place_enter(dir);
    place_put_text("a", "text");
    bide_task *reader;
    bide_auto(file) f = open_slowly("r");
    BIDE_GROUP(g);
    bide_spawn(g, read_some, f, .handle = &reader);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(bide_yield(), 0);
    CHECK(!bide_task_done(reader));
    let_go(2);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(reader), 4);
    leave(dir);
}

TASK_TEST(cancelled_before_nothing_is_read)
{
    char dir[32];
    place_enter(dir);
    place_put_text("a", "text");
    bide_auto(file) f = bide_file_open("a", "r+");
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        char *line;
        CHECK_EQ(read_some(f), BIDE_ECANCELED);
        CHECK_EQ(bide_file_line(f, &line), BIDE_ECANCELED);
        CHECK_EQ(bide_file_write(f, "x", 1), BIDE_ECANCELED);
        CHECK_EQ(bide_file_write_at(f, "x", 1, 0), BIDE_ECANCELED);
        CHECK_PTR(bide_file_open("b", "w"), NULL);
        CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_file_tell(f), 0);
    CHECK_EQ(read_some(f), 4);
    CHECK_EQ(bide_file_finish(f), 0);
    place_holds_text("a", "text");
    CHECK_EQ(place_count("."), 1);
    leave(dir);
}

TASK_TEST(cancelled_while_the_thread_reads_the_read_is_whole)
{
    char dir[32];
    place_enter(dir);
    place_put_text("a", "texttext");
    bide_task *reader;
    bide_auto(file) f = open_slowly("r");
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, read_some, f, .handle = &reader);
        wait_for_thread();
        bide_cancel(reader);
        CHECK_EQ(bide_yield(), 0);
        CHECK(!bide_task_done(reader));
        let_go(2);
        CHECK_EQ(bide_join(reader), 0);
        CHECK_EQ(bide_task_result(reader), 4);
        CHECK_EQ(bide_file_tell(f), 4);
    }
    hold_up = false;
    CHECK_EQ(read_some(f), 4);
    leave(dir);
}

static int flush(void *f)
{
    return bide_file_flush(f);
}

TASK_TEST(cancelled_while_the_thread_writes_the_place_tells)
{
    char dir[32];
    place_enter(dir);
    bide_task *writer;
    bide_auto(file) f = open_slowly("w");
    CHECK_EQ(bide_file_write(f, "text", 4), 0);
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, flush, f, .handle = &writer);
        wait_for_thread();
        bide_cancel(writer);
        let_go(1);
        CHECK_EQ(bide_join(writer), 0);
    }
    hold_up = false;
    CHECK_EQ(bide_file_tell(f), 4);
    CHECK_EQ(bide_file_write(f, "more", 4), 0);
    CHECK_EQ(bide_file_finish(f), 0);
    place_holds_text("a", "textmore");
    leave(dir);
}

TASK_TEST(closed_while_a_thread_reads_it_is_freed_by_the_reader)
{
    char dir[32];
    place_enter(dir);
    place_put_text("a", "text");
    int before = place_descriptors();
    bide_task *reader;
    bide_file *f = open_slowly("r");
    BIDE_GROUP(g);
    bide_spawn(g, read_some, f, .handle = &reader);
    CHECK_EQ(bide_yield(), 0);
    bide_file_close(f);
    CHECK_EQ(place_descriptors(), before + 1);
    let_go(2);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(reader), 4);
    CHECK_EQ(place_descriptors(), before);
    leave(dir);
}

static int finish(void *f)
{
    return bide_file_finish(f);
}

static int read_at(void *f)
{
    char buf[8];
    return (int)bide_file_read_at(f, buf, sizeof buf, 0);
}

TASK_TEST(finishing_is_refused_while_others_read)
{
    char dir[32];
    place_enter(dir);
    place_put_text("a", "text");
    bide_auto(file) f = open_slowly("r");
    BIDE_GROUP(g);
    bide_spawn(g, read_at, f);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(finish(f), BIDE_EBUSY);
    let_go(2);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(finish(f), 0);
    leave(dir);
}

/* --- long jobs stop in the middle --- */

static ssize_t slow_range(int from, off_t *from_at, int to, off_t *to_at, size_t size,
                          unsigned flags)
{
    (void)size;
    char byte;
    atomic_fetch_add(&begun, 1);
    CHECK_EQ(read(held[0], &byte, 1), 1);
    return copy_file_range(from, from_at, to, to_at, 1, flags);
}

static int slow_fsync(int fd)
{
    char byte;
    atomic_fetch_add(&begun, 1);
    CHECK_EQ(read(held[0], &byte, 1), 1);
    return fsync(fd);
}

static int copy_it(void *unused)
{
    (void)unused;
    return (int)bide_copy_file("a", "b");
}

static int save_it(void *unused)
{
    (void)unused;
    return bide_file_save("a", "new contents", 12);
}

static void cancel_in_the_middle(bide_fn *fn, int steps)
{
    char dir[32];
    bide_task *job;
    place_enter(dir);
    place_put_text("a", "text");
    CHECK_EQ(pipe(held), 0);
    bide__sys.copy_file_range = slow_range;
    bide__sys.fsync = slow_fsync;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, fn, NULL, .handle = &job);
    wait_for_thread();
    bide_cancel(job);
    let_go(steps);
    CHECK_EQ(bide_join(job), 0);
    CHECK_EQ(bide_task_result(job), BIDE_ECANCELED);
    bide_ignore(bide_group_wait(g));
    place_holds_text("a", "text");
    CHECK_EQ(place_count("."), 1);
    leave(dir);
}

TASK_TEST(a_copy_that_is_cancelled_in_the_middle_is_gone)
{
    cancel_in_the_middle(copy_it, 1);
}

TASK_TEST(a_save_that_is_cancelled_in_the_middle_changes_nothing)
{
    cancel_in_the_middle(save_it, 1);
}

TEST(outside_a_loop_nothing_goes)
{
    CHECK_PTR(bide_file_open("/dev/null", "r"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_PTR(bide_dir_open("/"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_EQ(bide_unlink("/none"), BIDE_EPERM);
}

/* --- what cannot seek --- */

static int read_fifo(void *unused)
{
    (void)unused;
    char *line;
    bide_auto(file) f = bide_file_open("fifo", "r");
    for (int i = 0; i < 3; i++) {
        ssize_t n = bide_file_line(f, &line);
        if (n <= 0)
            return bide_fail(BIDE_EEOF, "line %d: %zd", i, n);
        CHECK_STR(line, i == 0 ? "one\n" : i == 1 ? "two\n" : "three");
    }
    return (int)bide_file_line(f, &line);
}

FILE_TEST(a_fifo_is_waited_for_without_a_thread)
{
    CHECK_EQ(mkfifo("fifo", 0600), 0);
    CHECK_PTR(bide_file_open("fifo", "w"), NULL);
    CHECK_EQ(bide_errcode(), -ENXIO);
    BIDE_GROUP(g);
    bide_spawn(g, read_fifo, NULL);
    bide_file *w = NULL;
    while (!w) {
        CHECK_EQ(bide_yield(), 0);
        w = bide_file_open("fifo", "w");
    }
    CHECK_EQ(bide_file_write(w, "one\ntw", 6), 0);
    CHECK_EQ(bide_file_flush(w), 0);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_file_write(w, "o\nthree", 7), 0);
    CHECK_EQ(bide_file_tell(w), 13);
    CHECK_EQ(bide_file_finish(w), 0);
    bide_file_close(w);
    CHECK_EQ(bide_group_wait(g), 0);
}

FILE_TEST(a_reader_of_a_fifo_is_cancelled_at_once)
{
    char byte;
    CHECK_EQ(mkfifo("fifo", 0600), 0);
    bide_auto(file) f = bide_file_open("fifo", "r+");
    BIDE_TIMEOUT(t, 1);
    CHECK_EQ(bide_file_read(f, &byte, 1), BIDE_ECANCELED);
    CHECK(bide_scope_expired(t));
}

FILE_TEST(a_reader_of_a_fifo_fails_when_it_is_closed)
{
    CHECK_EQ(mkfifo("fifo", 0600), 0);
    bide_task *reader;
    bide_file *f = bide_file_open("fifo", "r+");
    BIDE_KEEP_GOING(g);
    bide_spawn(g, read_some, f, .handle = &reader);
    CHECK_EQ(bide_sleep(1), 0);
    bide_file_close(f);
    CHECK_EQ(bide_join(reader), 0);
    CHECK_EQ(bide_task_result(reader), BIDE_ECLOSED);
    bide_ignore(bide_group_wait(g));
}
