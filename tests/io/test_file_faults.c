/* tests/io/test_file_faults.c -- system calls that fail, stop short or are interrupted; and no
 * memory. */
#include "io/place.h"

#include "sync/executor_own.h"
#include <bide/memory.h>
#include <bide/stream.h>
#include <stdatomic.h>

enum { SIZE = 700000, ROUNDS_MAX = 2000 };

static struct sys real;
static int number, fail_at, fail_with;      /* the nth call fails; 0: none, -1: all */

static bool fails(void)
{
    number++;
    if (fail_at != -1 && number != fail_at)
        return false;
    errno = fail_with;
    return true;
}

static ssize_t bad_pread(int fd, void *buf, size_t size, off_t at)
{
    return fails() ? -1 : real.pread(fd, buf, size, at);
}
static ssize_t bad_pwrite(int fd, const void *buf, size_t size, off_t at)
{
    return fails() ? -1 : real.pwrite(fd, buf, size, at);
}
static ssize_t bad_writev(int fd, const struct iovec *pieces, int count)
{
    return fails() ? -1 : real.writev(fd, pieces, count);
}
static int bad_fsync(int fd)
{
    return fails() ? -1 : real.fsync(fd);
}
static int bad_close(int fd)
{
    int rc = real.close(fd);
    return fails() ? -1 : rc;
}
static int bad_fstat(int fd, struct stat *st)
{
    return fails() ? -1 : real.fstat(fd, st);
}
static ssize_t short_pread(int fd, void *buf, size_t size, off_t at)
{
    return real.pread(fd, buf, size > 1000 ? 1000 : size, at);
}
static ssize_t short_pwrite(int fd, const void *buf, size_t size, off_t at)
{
    return real.pwrite(fd, buf, size > 1000 ? 1000 : size, at);
}
static ssize_t part_then_full(int fd, const void *buf, size_t size, off_t at)
{
    if (size > 3)
        return real.pwrite(fd, buf, 3, at);
    return fails() ? -1 : real.pwrite(fd, buf, size, at);
}
/* As if a byte at a time, or nothing at all, were in memory. */
static ssize_t sometimes(int fd, const struct iovec *pieces, int count, off_t at, int flags)
{
    errno = EAGAIN;
    return at % 3 ? -1 : real.preadv2(fd, &(struct iovec){ pieces->iov_base, 1 }, count, at, flags);
}

static void begin(int at, int with)
{
    real = bide__sys;
    bide__sys.ring_operation = NULL;    /* it is the threads' calls that fail */
    fail_at = at;
    fail_with = with;
    number = 0;
}

static void end(void)
{
    bide__sys = real;
}

/* --- reading --- */

FILE_TEST(a_failed_read_has_taken_nothing)
{
    char *data = place_bytes(SIZE), *got = malloc(SIZE);
    place_put("a", data, SIZE);
    bide_auto(file) f = bide_file_open("a", "r", .block = 1000);
    begin(-1, EIO);
    bide__sys.preadv2 = place_no_look;
    CHECK_EQ(bide_file_read(f, got, 500), 500);
    bide__sys.pread = bad_pread;
    CHECK_EQ(bide_file_read(f, got, SIZE), -EIO);
    CHECK_STR(bide_errmsg(), "read: a: Input/output error");
    CHECK_EQ(bide_file_tell(f), 500);
    CHECK_EQ(bide_file_read_at(f, got, 10, 7), -EIO);
    end();
    CHECK_EQ(bide_file_read(f, got, SIZE), SIZE - 500);
    CHECK_MEM(got, data + 500, SIZE - 500);
    free(data);
    free(got);
}

FILE_TEST(short_and_interrupted_calls_make_no_difference)
{
    char *data = place_bytes(SIZE), *got = malloc(SIZE);
    begin(3, EINTR);
    bide__sys.pread = short_pread;
    bide__sys.pwrite = short_pwrite;
    bide_auto(file) f = bide_file_open("a", "w+");
    CHECK_EQ(bide_file_write(f, data, SIZE), 0);
    bide__sys.pread = bad_pread;
    bide__sys.pwrite = bad_pwrite;
    CHECK_EQ(bide_file_seek(f, 0, SEEK_SET), 0);
    for (int i = 0; i < 7; i++, number = 0)
        CHECK_EQ(bide_file_read(f, got + i * 100000, 100000), 100000);
    CHECK_MEM(got, data, SIZE);
    number = 2;
    CHECK_EQ(bide_file_write(f, "end", 3), 0);
    CHECK_EQ(bide_file_finish(f), 0);
    end();
    CHECK_EQ(bide_stat("a", &(struct stat){ 0 }), 0);
    free(data);
    free(got);
}

FILE_TEST(what_is_partly_in_memory_is_read_whole)
{
    char got[100], *line;
    place_put_text("a", "one\ntwo\nthree\n");
    begin(0, 0);
    bide__sys.preadv2 = sometimes;
    bide_auto(file) f = bide_file_open("a", "r", .block = 4);
    CHECK_EQ(bide_file_line(f, &line), 4);
    CHECK_EQ(bide_file_line(f, &line), 4);
    CHECK_STR(line, "two\n");
    CHECK_EQ(bide_file_read(f, got, 100), 6);
    CHECK_EQ(bide_file_read_at(f, got, 100, 3), 11);
    CHECK_MEM(got, "\ntwo\nthree\n", 11);
    end();
}

/* --- writing --- */

FILE_TEST(a_full_disk_keeps_what_was_gathered)
{
    bide_auto(file) f = bide_file_open("a", "w", .block = 8);
    CHECK_EQ(bide_file_write(f, "abcdef", 6), 0);
    begin(-1, ENOSPC);
    bide__sys.pwrite = bad_pwrite;
    CHECK_EQ(bide_file_flush(f), -ENOSPC);
    CHECK_STR(bide_errmsg(), "flush: a: No space left on device");
    CHECK_EQ(bide_file_write(f, "ghi", 3), -ENOSPC);
    CHECK_EQ(bide_file_tell(f), 6);
    CHECK_EQ(bide_file_finish(f), -ENOSPC);
    bide__sys.pwrite = part_then_full;
    CHECK_EQ(bide_file_flush(f), -ENOSPC);
    end();
    place_holds_text("a", "abc");
    CHECK_EQ(bide_file_write(f, "ghi", 3), 0);
    CHECK_EQ(bide_file_finish(f), 0);
    place_holds_text("a", "abcdefghi");
}

FILE_TEST(a_write_that_just_fills_the_block_is_taken_once)
{
    bide_auto(file) f = bide_file_open("a", "w", .block = 8);
    CHECK_EQ(bide_file_write(f, "abcd", 4), 0);
    begin(-1, ENOSPC);
    bide__sys.pwrite = bad_pwrite;
    if (bide_file_write(f, "efgh", 4) < 0)
        CHECK_EQ(bide_file_tell(f), 4);
    else
        CHECK_EQ(bide_file_tell(f), 8);
    CHECK_EQ(bide_file_write(f, "ij", 2), -ENOSPC);
    end();
    CHECK_EQ(bide_file_write(f, "ij", 2), 0);
    CHECK_EQ(bide_file_finish(f), 0);
    place_holds_text("a", "abcdefghij");
}

FILE_TEST(a_large_write_tells_how_far_it_came)
{
    bide_auto(file) f = bide_file_open("a", "w", .block = 4);
    begin(-1, EIO);
    bide__sys.pwrite = part_then_full;
    CHECK_EQ(bide_file_write(f, "abcdef", 6), -EIO);
    end();
    CHECK_EQ(bide_file_tell(f), 3);
    CHECK_EQ(bide_file_write(f, "def", 3), 0);
    CHECK_EQ(bide_file_finish(f), 0);
    place_holds_text("a", "abcdef");
}

FILE_TEST(appending_fails_likewise)
{
    place_put_text("a", "old");
    bide_auto(file) f = bide_file_open("a", "a");
    CHECK_EQ(bide_file_write(f, "new", 3), 0);
    begin(-1, ENOSPC);
    bide__sys.writev = bad_writev;
    CHECK_EQ(bide_file_flush(f), -ENOSPC);
    end();
    CHECK_EQ(bide_file_finish(f), 0);
    place_holds_text("a", "oldnew");
}

static char logged[2048];

static void keep_line(void *arg, enum bide_log_level level, const char *line)
{
    (void)arg, (void)level;
    strncat(logged, line, sizeof logged - strlen(logged) - 1);
}

FILE_TEST(what_closing_cannot_write_is_told)
{
    logged[0] = '\0';
    bide_log_to(keep_line, NULL, BIDE_LOG_WARNING);
    bide_file *f = bide_file_open("a", "w");
    CHECK_EQ(bide_file_write(f, "lost", 4), 0);
    bide_fail(-EPROTO, "held before");
    begin(-1, ENOSPC);
    bide__sys.pwrite = bad_pwrite;
    bide_file_close(f);
    end();
    CHECK_STR(bide_errmsg(), "held before");
    CHECK_STR(logged, "file 'a' was closed without bide_file_finish(): its last 4 bytes are lost: "
              "No space left on device");
}

FILE_TEST(a_sync_that_failed_fails_for_ever)
{
    bide_auto(file) f = bide_file_open("a", "w");
    begin(1, EIO);
    bide__sys.fsync = bad_fsync;
    CHECK_EQ(bide_file_sync(f), -EIO);
    CHECK_EQ(bide_file_sync(f), -EIO);
    CHECK_HAS(bide_errmsg(), "an earlier sync failed");
    CHECK_EQ(bide_file_finish(f), -EIO);
    end();
    CHECK_EQ(bide_file_fd(f), -1);
}

FILE_TEST(a_failed_close_is_told_once)
{
    bide_auto(file) f = bide_file_open("a", "w");
    int before = place_descriptors();
    begin(1, EIO);
    bide__sys.close = bad_close;
    CHECK_EQ(bide_file_finish(f), -EIO);
    end();
    CHECK_EQ(place_descriptors(), before - 1);
    CHECK_EQ(bide_file_finish(f), BIDE_ECLOSED);
}

FILE_TEST(a_finish_that_no_thread_does_leaves_the_file_open)
{
    int before = place_descriptors();
    bide_file *f = bide_file_open("a", "w");
    atomic_store(&bide__executor_of(EXECUTOR_FILES)->closed, true);
    CHECK_EQ(bide_file_finish(f), BIDE_ECLOSED);
    CHECK(bide_file_fd(f) >= 0);
    atomic_store(&bide__executor_of(EXECUTOR_FILES)->closed, false);
    bide_file_close(f);
    CHECK_EQ(place_descriptors(), before);
}

FILE_TEST(an_open_that_fails_late_leaves_no_descriptor)
{
    place_put_text("a", "x");
    CHECK_EQ(bide_stat("a", &(struct stat){ 0 }), 0);
    int before = place_descriptors();
    begin(1, EIO);
    bide__sys.fstat = bad_fstat;
    CHECK_PTR(bide_file_open("a", "r"), NULL);
    CHECK_EQ(bide_errcode(), -EIO);
    number = 0;
    CHECK_PTR(bide_file_load("a"), NULL);
    number = 0;
    CHECK_PTR(bide_temp_file_open(), NULL);
    number = 0;
    CHECK_EQ(bide_copy_file("a", "b"), -EIO);
    end();
    CHECK_EQ(place_descriptors(), before);
    CHECK_EQ(place_count("."), 1);
}

/* --- saving: the old contents stand, whatever fails --- */

static int bad_open(const char *path, int flags, mode_t permissions)
{
    return fails() ? -1 : real.open(path, flags, permissions);
}
static int bad_rename(const char *from, const char *to)
{
    return fails() ? -1 : real.rename(from, to);
}

static void save_failing(int at)
{
    number = 0;
    fail_at = at;
    int rc = bide_file_save("a", "new", 3);
    fail_at = 0;
    if (rc == 0 || strstr(bide_errmsg(), "may not outlast")) {
        place_holds_text("a", "new");
        place_put_text("a", "old");
    } else {
        CHECK_EQ(rc, -EIO);
        CHECK_HAS(bide_errmsg(), "save: a: ");
        place_holds_text("a", "old");
    }
    CHECK_EQ(place_count("."), 1);
}

FILE_TEST(saving_is_all_or_nothing_whatever_fails)
{
    place_put_text("a", "old");
    CHECK_EQ(bide_stat("a", &(struct stat){ 0 }), 0);
    int before = place_descriptors();
    begin(0, EIO);
    bide__sys.open = bad_open;
    bide__sys.pwrite = bad_pwrite;
    bide__sys.fsync = bad_fsync;
    bide__sys.close = bad_close;
    bide__sys.rename = bad_rename;
    for (int at = 1; at < 12; at++)
        save_failing(at);
    end();
    CHECK(number >= 8);
    CHECK_EQ(place_descriptors(), before);
}

/* --- no memory --- */

static long left = -1;
static atomic_long blocks;
static bool refused;

static bool may_have(void)
{
    if (left < 0 || left-- > 0)
        return true;
    left = -1;
    return !(refused = true);
}

static void *alloc(size_t size)
{
    void *memory = may_have() ? malloc(size) : NULL;
    atomic_fetch_add(&blocks, memory != NULL);
    return memory;
}

static void *resize(void *old, size_t size)
{
    void *memory = may_have() ? realloc(old, size) : NULL;
    atomic_fetch_add(&blocks, !old && memory);
    return memory;
}

static void release(void *memory)
{
    atomic_fetch_sub(&blocks, memory != NULL);
    free(memory);
}

static int use_files(void)
{
    char *line;
    bide_auto(temp_dir) d = bide_temp_dir_open();
    bide_auto(file) f = bide_file_open("a", "w+", .block = 16);
    if (!d || !f || bide_file_write(f, "a line that is longer than a block\n", 35) < 0)
        return bide_errcode();
    if (bide_file_seek(f, 0, SEEK_SET) < 0 || bide_file_line(f, &line) < 0)
        return bide_errcode();
    bide_auto(bytes) b = bide_file_load("a");
    bide_auto(file) t = bide_temp_file_open(.named = true);
    bide_auto(dir) dir = bide_dir_open(".");
    struct bide_dir_entry entry;
    if (!b || !t || !dir || bide_dir_next(dir, &entry) < 0)
        return bide_errcode();
    if (bide_file_save("a", b->data, b->size) < 0 || bide_mkdir("x/y", .parents = true) < 0)
        return bide_errcode();
    bide_stream *s = bide_file_stream(f), *ends[2];
    if (!s || bide_stream_pair(ends) < 0)
        return bide_errcode();
    int64_t sent = bide_sendfile(ends[0], f, 0, 35);
    if (sent >= 0)
        sent = bide_copy(ends[0], s, NULL, NULL);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    return sent < 0 ? (int)sent : bide_file_finish(f);
}

static int use_files_task(void *unused)
{
    (void)unused;
    return use_files();
}

static void hush(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level, (void)text;
}

TEST(without_memory_it_says_so_and_leaves_nothing)
{
    char path[32];
    place_enter(path);
    setenv("TMPDIR", path, 1);
    bide_log_to(hush, NULL, BIDE_LOG_ERROR);
    static const struct bide_allocator ours = { alloc, resize, release };
    CHECK_EQ(bide_allocator_set(&ours), 0);
    int before = place_descriptors(), rounds = 0, failed = 0;
    for (bool any = true; any && rounds < ROUNDS_MAX; rounds++) {
        refused = false;
        left = rounds;
        int rc = bide_run(use_files_task, NULL, .jumping_clock = true);
        left = -1;
        any = refused;
        CHECK(rc == 0 || rc == BIDE_ENOMEM);
        failed += rc < 0;
        place_settle(before);
        CHECK_EQ(atomic_load(&blocks), 0);
        CHECK(place_count(".") <= 2);
    }
    CHECK(rounds > 10 && failed > 5 && rounds < ROUNDS_MAX);
    place_leave(path);
}
