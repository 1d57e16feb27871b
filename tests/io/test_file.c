/* tests/io/test_file.c -- modes, reading and writing on, lines, places. */
#include "io/place.h"

enum { LARGE = 3000000 };

/* --- modes --- */

FILE_TEST(a_file_that_is_not_there_is_named)
{
    CHECK_PTR(bide_file_open("none", "r"), NULL);
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_STR(bide_errmsg(), "open: none: No such file or directory");
    CHECK_PTR(bide_file_open("none", "r+"), NULL);
    CHECK_EQ(bide_errcode(), -ENOENT);
}

FILE_TEST(writing_empties_and_appending_does_not)
{
    place_put_text("a", "old");
    bide_auto(file) w = bide_file_open("a", "w");
    CHECK_EQ(bide_file_write(w, "one", 3), 0);
    CHECK_EQ(bide_file_finish(w), 0);
    place_holds_text("a", "one");
    bide_auto(file) a = bide_file_open("a", "a");
    CHECK_EQ(bide_file_tell(a), 3);
    CHECK_EQ(bide_file_write(a, "two", 3), 0);
    CHECK_EQ(bide_file_tell(a), 6);
    place_put_text("a", "ONE+");
    CHECK_EQ(bide_file_finish(a), 0);
    place_holds_text("a", "ONE+two");
}

FILE_TEST(an_exclusive_file_must_be_new)
{
    const char *const modes[] = { "x", "wx", "x+", "xb", "w+x" };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        bide_auto(file) f = bide_file_open("a", modes[i]);
        CHECK(f);
        CHECK_PTR(bide_file_open("a", modes[i]), NULL);
        CHECK_EQ(bide_errcode(), -EEXIST);
        CHECK_EQ(bide_unlink("a"), 0);
    }
}

FILE_TEST(a_mode_that_means_nothing_is_refused)
{
    const char *const modes[] = { "", "q", "rw", "r++?", "rx", "ax", NULL, "wt" };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        CHECK_PTR(bide_file_open("a", modes[i]), NULL);
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    }
    CHECK_PTR(bide_file_open(NULL, "r"), NULL);
    CHECK_EQ(place_count("."), 0);
}

FILE_TEST(what_was_not_asked_for_is_refused)
{
    char byte;
    place_put_text("a", "text");
    bide_auto(file) r = bide_file_open("a", "r");
    CHECK_EQ(bide_file_write(r, "x", 1), -EBADF);
    CHECK_STR(bide_errmsg(), "write: a: not opened to be written");
    CHECK_EQ(bide_file_truncate(r, 0), -EBADF);
    CHECK_EQ(bide_file_write_at(r, "x", 1, 0), -EBADF);
    bide_auto(file) w = bide_file_open("b", "w", .permissions = 0600);
    CHECK_EQ(bide_file_read(w, &byte, 1), -EBADF);
    CHECK_EQ(bide_file_read_at(w, &byte, 1, 0), -EBADF);
    struct stat st;
    CHECK_EQ(bide_file_stat(w, &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0600);
    CHECK_EQ(fcntl(bide_file_fd(w), F_GETFD), FD_CLOEXEC);
    CHECK_STR(bide_file_path(w), "b");
}

FILE_TEST(a_directory_is_no_file)
{
    CHECK_PTR(bide_file_open(".", "r"), NULL);
    CHECK_EQ(bide_errcode(), -EISDIR);
    CHECK_PTR(bide_file_open(".", "w"), NULL);
    CHECK_EQ(bide_errcode(), -EISDIR);
}

FILE_TEST(calls_on_no_file_pass_the_error_on)
{
    char *line, byte;
    bide_auto(file) f = bide_file_open("none", "r");
    CHECK_EQ(bide_file_line(f, &line), -ENOENT);
    CHECK_STR(line, "");
    CHECK_EQ(bide_file_read(f, &byte, 1), -ENOENT);
    CHECK_EQ(bide_file_read_at(f, &byte, 1, 0), -ENOENT);
    CHECK_EQ(bide_file_write(f, "x", 1), -ENOENT);
    CHECK_EQ(bide_file_seek(f, 0, SEEK_SET), -ENOENT);
    CHECK_EQ(bide_file_tell(f), -ENOENT);
    CHECK_EQ(bide_file_finish(f), -ENOENT);
    CHECK_PTR(bide_file_stream(f), NULL);
}

/* --- reading --- */

FILE_TEST(what_is_read_is_what_is_there)
{
    static const size_t pieces[] = { 1000, 4096, 65537, 262144, 1048577, LARGE + 5 };
    char *data = place_bytes(LARGE), *got = malloc(2 * LARGE + 5);
    place_put("a", data, LARGE);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        bide_auto(file) f = bide_file_open("a", "r");
        size_t done = 0;
        for (ssize_t n; (n = bide_file_read(f, got + done, pieces[i])) > 0; done += (size_t)n)
            CHECK(n == (ssize_t)pieces[i] || done + (size_t)n == LARGE);
        CHECK_EQ(done, LARGE);
        CHECK_MEM(got, data, LARGE);
        CHECK_EQ(bide_file_tell(f), LARGE);
    }
    free(data);
    free(got);
}

FILE_TEST(a_file_that_grows_is_read_on)
{
    char buf[16];
    place_put_text("a", "one\n");
    bide_auto(file) r = bide_file_open("a", "r");
    bide_auto(file) w = bide_file_open("a", "a");
    CHECK_EQ(bide_file_read(r, buf, sizeof buf), 4);
    CHECK_EQ(bide_file_read(r, buf, sizeof buf), 0);
    CHECK_EQ(bide_file_write(w, "three", 5), 0);
    CHECK_EQ(bide_file_read(r, buf, sizeof buf), 0);
    CHECK_EQ(bide_file_flush(w), 0);
    CHECK_EQ(bide_file_read(r, buf, sizeof buf), 5);
    CHECK_MEM(buf, "three", 5);
}

FILE_TEST(proc_files_have_no_size_and_are_read_all_the_same)
{
    char buf[4096], *line;
    bide_auto(file) f = bide_file_open("/proc/self/status", "r");
    CHECK_EQ(bide_file_size(f), 0);
    CHECK(bide_file_line(f, &line) > 0);
    CHECK_HAS(line, "Name:");
    CHECK(bide_file_read(f, buf, sizeof buf) > 100);
}

FILE_TEST(devices_are_read_too)
{
    char buf[100];
    bide_auto(file) zero = bide_file_open("/dev/zero", "r");
    CHECK_EQ(bide_file_read(zero, buf, sizeof buf), 100);
    CHECK_EQ(bide_file_tell(zero), 100 < 65536 ? 100 : 0);
    CHECK_EQ(bide_file_seek(zero, 0, SEEK_SET), -ESPIPE);
    CHECK_EQ(bide_file_read_at(zero, buf, 1, 0), -ESPIPE);
    bide_auto(file) null = bide_file_open("/dev/null", "w");
    CHECK_EQ(bide_file_write(null, "x", 1), 0);
    CHECK_EQ(bide_file_finish(null), 0);
}

/* --- lines --- */

FILE_TEST(lines_come_one_by_one)
{
    char *line;
    place_put("a", "one\n\ntwo\0x\nlast", 15);
    bide_auto(file) f = bide_file_open("a", "r");
    CHECK_EQ(bide_file_line(f, &line), 4);
    CHECK_STR(line, "one\n");
    CHECK_EQ(bide_file_line(f, &line), 1);
    CHECK_STR(line, "\n");
    CHECK_EQ(bide_file_line(f, &line), 6);
    CHECK_MEM(line, "two\0x\n", 7);
    CHECK_EQ(bide_file_tell(f), 11);
    CHECK_EQ(bide_file_line(f, &line), 4);
    CHECK_STR(line, "last");
    CHECK_EQ(bide_file_line(f, &line), 0);
    CHECK_STR(line, "");
    CHECK_EQ(bide_file_line(f, &line), 0);
}

/* Lines of all lengths over blocks of all sizes. */
FILE_TEST(lines_cross_blocks)
{
    enum { LINES = 2000 };
    char *data = malloc(LINES * 300), *line;
    size_t size = 0, at;
    for (int i = 0; i < LINES; i++) {
        size_t length = (size_t)(i * 37 % 290);
        memset(data + size, 'a' + i % 26, length);
        data[size + length] = '\n';
        size += length + 1;
    }
    place_put("a", data, size);
    for (size_t block = 0; block < 5000; block = block * 2 + 1) {     /* 0: the usual one */
        bide_auto(file) f = bide_file_open("a", "r", .block = block);
        ssize_t n;
        for (at = 0; (n = bide_file_line(f, &line)) > 0; at += (size_t)n) {
            CHECK_MEM(line, data + at, (size_t)n);
            CHECK_EQ(line[n - 1], '\n');
            CHECK_EQ(line[n], '\0');
            CHECK_EQ(bide_file_tell(f), at + (size_t)n);
        }
        CHECK_EQ(n, 0);
        CHECK_EQ(at, size);
    }
    free(data);
}

FILE_TEST(a_line_may_be_as_long_as_the_limit)
{
    char *data = malloc(200), *line;
    memset(data, 'x', 200);
    for (size_t size = 8; size < 13; size++) {
        data[size - 1] = '\n';
        place_put("a", data, 100);
        data[size - 1] = 'x';
        bide_auto(file) f = bide_file_open("a", "r", .line_max = 10, .block = 16);
        CHECK_EQ(bide_file_line(f, &line), size <= 10 ? (ssize_t)size : BIDE_ELIMIT);
        CHECK_EQ(bide_file_line(f, &line), BIDE_ELIMIT);
        CHECK_HAS(bide_errmsg(), "read: a: a line of more than 10 bytes");
        char rest[200];
        CHECK_EQ(bide_file_read(f, rest, 200), size <= 10 ? 100 - size : 100);
    }
    place_put("b", data, 200);
    bide_auto(file) f = bide_file_open("b", "r");
    CHECK_EQ(bide_file_line(f, &line), 200);
    free(data);
}

FILE_TEST(a_last_line_may_be_as_long_as_the_limit)
{
    char *line;
    place_put_text("a", "abcd");
    for (size_t block = 4; block <= 16; block *= 2) {
        bide_auto(file) f = bide_file_open("a", "r", .line_max = 4, .block = block);
        CHECK_EQ(bide_file_line(f, &line), 4);
        CHECK_STR(line, "abcd");
        CHECK_EQ(bide_file_line(f, &line), 0);
    }
}

FILE_TEST(lines_and_bytes_mix)
{
    char *line, byte;
    place_put_text("a", "ab\ncd\nef\n");
    bide_auto(file) f = bide_file_open("a", "r+");
    CHECK_EQ(bide_file_line(f, &line), 3);
    CHECK_EQ(bide_file_read(f, &byte, 1), 1);
    CHECK_EQ(byte, 'c');
    CHECK_EQ(bide_file_line(f, &line), 2);
    CHECK_STR(line, "d\n");
    CHECK_EQ(bide_file_write(f, "E", 1), 0);
    CHECK_EQ(bide_file_line(f, &line), 2);
    CHECK_STR(line, "f\n");
    CHECK_EQ(bide_file_seek(f, 0, SEEK_SET), 0);
    CHECK_EQ(bide_file_line(f, &line), 3);
    CHECK_STR(line, "ab\n");
    CHECK_EQ(bide_file_finish(f), 0);
    place_holds_text("a", "ab\ncd\nEf\n");
}

/* --- writing --- */

FILE_TEST(what_is_written_is_what_is_there)
{
    static const size_t pieces[] = { 999, 4096, 262144, 262145, LARGE };
    char *data = place_bytes(LARGE);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        bide_auto(file) f = bide_file_open("a", "w");
        for (size_t at = 0; at < LARGE; at += pieces[i]) {
            size_t size = at + pieces[i] < LARGE ? pieces[i] : LARGE - at;
            CHECK_EQ(bide_file_write(f, data + at, size), 0);
            CHECK_EQ(bide_file_tell(f), at + size);
        }
        CHECK_EQ(bide_file_size(f), LARGE);
        CHECK_EQ(bide_file_finish(f), 0);
        place_holds("a", data, LARGE);
    }
    free(data);
}

FILE_TEST(small_writes_are_gathered_until_they_are_flushed)
{
    bide_auto(file) f = bide_file_open("a", "w");
    CHECK_EQ(bide_file_printf(f, "%d %s", 1, "one"), 0);
    place_holds_text("a", "");
    CHECK_EQ(bide_file_flush(f), 0);
    place_holds_text("a", "1 one");
    CHECK_EQ(bide_file_printf(f, "%02000d", 7), 0);
    CHECK_EQ(bide_file_printf(f, "%070000d", 7), BIDE_ELIMIT);
    CHECK_EQ(bide_file_sync(f), 0);
    CHECK_EQ(bide_file_datasync(f), 0);
    CHECK_EQ(bide_file_size(f), 2005);
}

FILE_TEST(closing_writes_what_was_gathered)
{
    bide_file *f = bide_file_open("a", "w");
    CHECK_EQ(bide_file_write(f, "kept", 4), 0);
    bide_file_close(f);
    place_holds_text("a", "kept");
    bide_file_close(NULL);
}

FILE_TEST(after_finishing_nothing_goes)
{
    char byte;
    bide_auto(file) f = bide_file_open("a", "w+");
    CHECK_EQ(bide_file_finish(f), 0);
    CHECK_EQ(bide_file_fd(f), -1);
    CHECK_EQ(bide_file_write(f, "x", 1), BIDE_ECLOSED);
    CHECK_STR(bide_errmsg(), "write: a: closed");
    CHECK_EQ(bide_file_read(f, &byte, 1), BIDE_ECLOSED);
    CHECK_EQ(bide_file_write_at(f, "x", 1, 0), BIDE_ECLOSED);
    CHECK_EQ(bide_file_finish(f), BIDE_ECLOSED);
}

/* --- places --- */

FILE_TEST(seeking_goes_everywhere)
{
    char buf[8], *data = place_bytes(LARGE);
    place_put("a", data, LARGE);
    bide_auto(file) f = bide_file_open("a", "r");
    static const int64_t places[] = { 0, 5, 2, 262143, 262144, 1000, 2999999, 1500000, 1499999 };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        CHECK_EQ(bide_file_seek(f, places[i], SEEK_SET), places[i]);
        CHECK_EQ(bide_file_read(f, buf, 1), 1);
        CHECK_EQ(buf[0], data[places[i]]);
        CHECK_EQ(bide_file_tell(f), places[i] + 1);
    }
    CHECK_EQ(bide_file_seek(f, -1, SEEK_CUR), 1499999);
    CHECK_EQ(bide_file_seek(f, -3, SEEK_END), LARGE - 3);
    CHECK_EQ(bide_file_read(f, buf, 8), 3);
    CHECK_MEM(buf, data + LARGE - 3, 3);
    CHECK_EQ(bide_file_seek(f, 7, SEEK_END), LARGE + 7);
    CHECK_EQ(bide_file_read(f, buf, 8), 0);
    CHECK_EQ(bide_file_seek(f, -1, SEEK_SET), BIDE_EINVAL);
    CHECK_EQ(bide_file_seek(f, INT64_MAX, SEEK_CUR), -EOVERFLOW);
    CHECK_EQ(bide_file_seek(f, 0, 77), BIDE_EINVAL);
    CHECK_EQ(bide_file_tell(f), LARGE + 7);
    free(data);
}

FILE_TEST(after_a_large_read_a_place_is_the_right_one)
{
    char *data = place_bytes(LARGE), *got = malloc(LARGE);
    place_put("a", data, LARGE);
    bide_auto(file) f = bide_file_open("a", "r");
    CHECK_EQ(bide_file_read(f, got, 100), 100);
    CHECK_EQ(bide_file_read(f, got, 1000000), 1000000);
    CHECK_EQ(bide_file_seek(f, -50, SEEK_CUR), 1000050);
    CHECK_EQ(bide_file_read(f, got, 100), 100);
    CHECK_MEM(got, data + 1000050, 100);
    free(data);
    free(got);
}

FILE_TEST(reading_and_writing_take_turns)
{
    char buf[8];
    bide_auto(file) f = bide_file_open("a", "w+");
    CHECK_EQ(bide_file_write(f, "abcdef", 6), 0);
    CHECK_EQ(bide_file_seek(f, 1, SEEK_SET), 1);
    CHECK_EQ(bide_file_read(f, buf, 2), 2);
    CHECK_MEM(buf, "bc", 2);
    CHECK_EQ(bide_file_write(f, "D", 1), 0);
    CHECK_EQ(bide_file_read(f, buf, 8), 2);
    CHECK_MEM(buf, "ef", 2);
    CHECK_EQ(bide_file_finish(f), 0);
    place_holds_text("a", "abcDef");
}

FILE_TEST(cutting_and_extending)
{
    char buf[8];
    place_put_text("a", "abcdef");
    bide_auto(file) f = bide_file_open("a", "r+");
    CHECK_EQ(bide_file_read(f, buf, 2), 2);
    CHECK_EQ(bide_file_truncate(f, 3), 0);
    CHECK_EQ(bide_file_read(f, buf, 8), 1);
    CHECK_EQ(bide_file_truncate(f, 5), 0);
    CHECK_EQ(bide_file_read(f, buf, 8), 2);
    CHECK_MEM(buf, "\0\0", 2);
    CHECK_EQ(bide_file_truncate(f, -1), BIDE_EINVAL);
    CHECK_EQ(bide_file_size(f), 5);
}

FILE_TEST(beyond_four_gigabytes_there_is_room)
{
    const int64_t far = (INT64_C(5) << 30) + 3;
    char buf[8], *line;
    bide_auto(file) f = bide_file_open("sparse", "w+");
    CHECK_EQ(bide_file_seek(f, far, SEEK_SET), far);
    CHECK_EQ(bide_file_write(f, "far\n", 4), 0);
    CHECK_EQ(bide_file_size(f), far + 4);
    CHECK_EQ(bide_file_read_at(f, buf, 8, far), 4);
    CHECK_MEM(buf, "far\n", 4);
    CHECK_EQ(bide_file_seek(f, -4, SEEK_END), far);
    CHECK_EQ(bide_file_line(f, &line), 4);
    CHECK_STR(line, "far\n");
    CHECK_EQ(bide_file_write_at(f, "FAR", 3, far), 0);
    CHECK_EQ(bide_file_seek(f, 0, SEEK_DATA) <= far, 1);
}
