/* What cli/crawl_state.c must hold: what was written is read again, whatever the crash cut off; and
 * what is no such file is refused. */
#include "cli/crawl_state.c"
#include "test.h"

static char path[64], heard[4096];

static int found(void *arg, const char *url, size_t size, size_t depth)
{
    sprintf(heard + strlen(heard), "u%zu:%.*s ", depth, (int)size, url);
    return strcmp(url, "refuse") == 0 ? bide_fail(BIDE_EINVAL, "refused") : *(int *)arg;
}

static int done(void *arg, size_t number, uint64_t bytes, uint64_t printed)
{
    sprintf(heard + strlen(heard), "d%zu:%d:%d ", number, (int)bytes, (int)printed);
    return *(int *)arg;
}

static int skipped(void *arg, size_t number)
{
    sprintf(heard + strlen(heard), "x%zu ", number);
    return *(int *)arg;
}

static int open_state(struct crawl_state *s, const char *scope)
{
    static int fine;
    heard[0] = '\0';
    struct crawl_state_reader reader = { found, done, skipped, &fine };
    return crawl_state_open(s, path, scope, &reader);
}

static void put_file(const char *text)
{
    strcpy(path, "/tmp/bide-state-XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static int open_text(const char *text)
{
    struct crawl_state s;
    put_file(text);
    int rc = open_state(&s, "scope");
    crawl_state_close(&s);
    unlink(path);
    return rc;
}

TEST(what_was_written_is_read_again)
{
    struct crawl_state s;
    put_file("");
    CHECK_EQ(open_state(&s, "any host"), 0);
    crawl_state_found(&s, "http://a/", 0);
    crawl_state_found(&s, "http://a/b c", 12);
    crawl_state_skipped(&s, 1);
    size_t mark = crawl_state_mark(&s);
    crawl_state_done(&s, 0, 10, 200);
    CHECK_EQ(crawl_state_write(&s, mark), 0);
    CHECK_EQ(crawl_state_write(&s, crawl_state_mark(&s)), 0);
    crawl_state_close(&s);
    CHECK_EQ(open_state(&s, "any host"), 1);
    CHECK_STR(heard, "u0:http://a/ u12:http://a/b c x1 d0:10:200 ");
    crawl_state_found(&s, "http://c/", 1);
    CHECK_EQ(crawl_state_write(&s, crawl_state_mark(&s)), 0);
    crawl_state_close(&s);
    CHECK_EQ(open_state(&s, "any host"), 1);
    CHECK_HAS(heard, "d0:10:200 u1:http://c/ ");
    crawl_state_close(&s);
    unlink(path);
}

TEST(what_was_not_written_is_not_there)
{
    struct crawl_state s;
    put_file("");
    CHECK_EQ(open_state(&s, ""), 0);
    crawl_state_found(&s, "http://a/", 0);
    size_t mark = crawl_state_mark(&s);
    crawl_state_done(&s, 0, 1, 2);
    CHECK_EQ(crawl_state_write(&s, mark), 0);
    crawl_state_close(&s);
    CHECK_EQ(open_state(&s, ""), 1);
    CHECK_STR(heard, "u0:http://a/ ");
    crawl_state_close(&s);
    unlink(path);
}

TEST(a_file_cut_off_anywhere_is_a_state_that_was)
{
    static const char whole[] = "bide-crawl 1 scope\nu 0 http://a/\nu 1 http://a/b\nd 0 5 100\n"
                                "x 1\n";
    struct crawl_state s;
    for (size_t size = 0; size < sizeof whole; size++) {
        char text[sizeof whole];
        memcpy(text, whole, size);
        text[size] = '\0';
        put_file(text);
        char *end = strrchr(text, '\n');
        CHECK_EQ(open_state(&s, "scope"), end ? 1 : 0);
        crawl_state_found(&s, "http://new/", 7);
        CHECK_EQ(crawl_state_write(&s, crawl_state_mark(&s)), 0);
        crawl_state_close(&s);
        CHECK_EQ(open_state(&s, "scope"), 1);
        CHECK_HAS(heard, "u7:http://new/ ");
        crawl_state_close(&s);
        unlink(path);
    }
}

TEST(a_file_of_another_kind_or_scope_is_refused)
{
    CHECK_EQ(open_text("something\n"), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "is no state file of bide crawl");
    CHECK_EQ(open_text("bide-crawl 1 other\n"), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "'other', not 'scope'");
    CHECK_EQ(open_text("bide-crawl 1 scope\nu 0 refuse\n"), BIDE_EINVAL);
}

TEST(a_line_that_is_none_is_refused)
{
    static const char *const bad[] = {
        "", "u", "u ", "u 0", "u 0 ", "u x http://a/", "u -1 http://a/", "d 0", "d 0 1", "d 0 1 x",
        "d 0 1 2 3", "x", "x 1 2", "x 99999999999999999999999", "y 1", "u0 a", "d  0 1 2",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[128];
        sprintf(text, "bide-crawl 1 scope\nu 0 http://a/\n%s\nx 0\n", bad[i]);
        CHECK_EQ(open_text(text), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), "line 3 is none");
    }
}

TEST(two_cannot_have_it)
{
    struct crawl_state one, two;
    put_file("");
    CHECK_EQ(open_state(&one, ""), 0);
    CHECK_EQ(open_state(&two, ""), BIDE_EBUSY);
    crawl_state_close(&two);
    crawl_state_close(&one);
    CHECK_EQ(open_state(&two, ""), 1);
    crawl_state_close(&two);
    unlink(path);
}

TEST(without_a_file_everything_succeeds)
{
    struct crawl_state s;
    CHECK_EQ(crawl_state_open(&s, NULL, "", NULL), 0);
    crawl_state_found(&s, "http://a/", 0);
    CHECK_EQ(crawl_state_mark(&s), 0);
    CHECK_EQ(crawl_state_write(&s, 0), 0);
    crawl_state_close(&s);
}

TEST(a_failure_to_write_is_told_again_and_again)
{
    struct crawl_state s = { .fd = open("/dev/full", O_WRONLY | O_CLOEXEC), .name = "/dev/full" };
    crawl_state_found(&s, "http://a/", 0);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(crawl_state_write(&s, crawl_state_mark(&s)), -ENOSPC);
    CHECK_STR(bide_errmsg(), "/dev/full: No space left on device");
    crawl_state_close(&s);
}
