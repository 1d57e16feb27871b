/* What cli/input.c must hold: lines of any shape, in any pieces, handed out once and in order. */
#include "cli/input.c"
#include "test.h"
#include <stdio.h>

static struct input in;
static struct input_line line;
static char path[] = "/tmp/bide_test_input_XXXXXX";

static void open_text(const char *text, size_t size)
{
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_EQ((long long)write(fd, text, size), (long long)size);
    close(fd);
    CHECK_EQ(input_open(&in, NULL, 0, path), 0);
    unlink(path);
}

static void check_next(const char *expected)
{
    CHECK_EQ(input_next(&in, &line), 1);
    CHECK_STR(line.text, expected);
}

TASK_TEST(empty_lines_comments_and_blanks_are_passed_over)
{
    static const char text[] = "\n# no\n \t\n  a \r\n#\nb\r\n\t# no\n\nc d\n";
    open_text(text, sizeof text - 1);
    check_next("a");
    check_next("b");
    check_next("c d");
    CHECK_EQ(input_next(&in, &line), 0);
    CHECK_EQ(input_next(&in, &line), 0);
    input_close(&in);
}

TASK_TEST(the_last_line_needs_no_end)
{
    open_text("a\nb", 3);
    check_next("a");
    check_next("b");
    CHECK_EQ((long long)line.index, 1);
    CHECK_EQ(input_next(&in, &line), 0);
    input_close(&in);
}

TASK_TEST(urls_of_the_command_line_come_first)
{
    char a[] = "a", b[] = "# b";
    char *urls[] = { a, b };
    open_text("c\n", 2);
    in.urls = urls;
    in.url_count = 2;
    check_next("a");
    check_next("# b");
    check_next("c");
    CHECK_EQ((long long)line.index, 2);
    input_close(&in);
}

TASK_TEST(a_line_that_is_too_long_is_handed_out_cut_and_once)
{
    size_t size = 200000;
    char *text = malloc(size);
    memset(text, 'x', size);
    memcpy(text + size - 3, "\nb\n", 3);
    open_text(text, size);
    free(text);
    CHECK_EQ(input_next(&in, &line), 1);
    CHECK(line.too_long);
    CHECK_EQ((long long)line.size, INPUT_LINE_MAX);
    check_next("b");
    CHECK(!line.too_long);
    CHECK_EQ(input_next(&in, &line), 0);
    input_close(&in);
}

TASK_TEST(lines_may_straddle_blocks)
{
    size_t count = 50000, size = 0;
    char *text = malloc(count * 16), expected[16];
    for (size_t i = 0; i < count; i++)
        size += (size_t)sprintf(text + size, "u%zu\n", i * i);
    open_text(text, size);
    free(text);
    for (size_t i = 0; i < count; i++) {
        sprintf(expected, "u%zu", i * i);
        check_next(expected);
    }
    CHECK_EQ(input_next(&in, &line), 0);
    input_close(&in);
}

TASK_TEST(the_total_is_guessed_until_it_is_known)
{
    bool exact;
    open_text("aaaa\nbbbb\ncccc\ndddd\n", 20);
    CHECK_EQ((long long)input_total(&in, &exact), 0);
    check_next("aaaa");
    CHECK_EQ((long long)input_total(&in, &exact), 4);
    CHECK(!exact);
    check_next("bbbb");
    check_next("cccc");
    check_next("dddd");
    CHECK_EQ((long long)input_total(&in, &exact), 4);
    CHECK(exact);
    input_close(&in);
}

TASK_TEST(what_is_not_at_hand_is_not_waited_for)
{
    open_text("a\nb\n", 4);
    CHECK_EQ(input_next_nowait(&in, &line), 0);
    check_next("a");
    CHECK_EQ(input_next_nowait(&in, &line), 1);
    CHECK_STR(line.text, "b");
    CHECK_EQ(input_next_nowait(&in, &line), 0);
    input_close(&in);
}

TASK_TEST(a_file_that_is_not_there_is_an_error)
{
    CHECK_EQ(input_open(&in, NULL, 0, "/nowhere"), -ENOENT);
    CHECK_STR(bide_errmsg(), "/nowhere: No such file or directory");
    input_close(&in);
    CHECK_EQ(input_open(&in, NULL, 0, "/"), -EISDIR);
    input_close(&in);
}
