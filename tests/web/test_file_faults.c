/* One conversation about files again and again, each time with another fault: the nth allocation is
 * refused, the nth system call is short or fails, the nth wait is cancelled.
 *
 * An answer that comes whole is the right one or a 500 or 503; nothing is left behind. */
#include "web/conformance/answer.h"
#include "web/files.h"
#include "web/site.h"

#include "web/file_cache.h"

enum { LARGE = FILE_WHOLE_MAX + 5000 };

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    int rc = app ? bide_use_compress(app) : bide_errcode();
    if (rc == 0)
        rc = bide_route_static(app, "/", place, .index = "index.html", .listing = true,
                               .precompressed = true);
    if (rc == 0)
        return app;
    bide_app_free(app);
    return NULL;
}

static const struct {
    const char *request;
    int status;
    bool bodiless;
} turns[] = {
    { "GET /small.txt" H "\r\n", 200, false },
    { "GET /large.bin" H "\r\n", 200, false },
    { "HEAD /large.bin" H "\r\n", 200, true },
    { "GET /large.bin" H "Range: bytes=1-5,70000-70009\r\n\r\n", 206, false },
    { "GET /sub/" H "\r\n", 200, false },
    { "GET /sub" H "\r\n", 301, false },
    { "GET /" H "Accept-Encoding: gzip\r\n\r\n", 200, false },
    { "GET /small.txt" H "Accept-Encoding: gzip\r\n\r\n", 200, false },
    { "GET /large.txt" H "Accept-Encoding: gzip\r\n\r\n", 200, false },
    { "GET /small.txt" H "If-None-Match: *\r\n\r\n", 304, true },
    { "GET /none" H "\r\n", 404, false },
};
enum { TURNS = sizeof turns / sizeof *turns };

static void make_files(void)
{
    make_place();
    put_large("small.txt", 3000);
    put_large("large.bin", LARGE);
    put_large("large.txt", LARGE);
    put_text("index.html", "<p>top");
    put_text("index.html.gz", "not really");
    put_directory("sub");
    put_text("sub/a", "a");
}

static int serve(void *listener)
{
    bide_auto(app) app = make_app();
    return app ? bide_app_run(app, NULL, .listener = listener, .grace = -1) : bide_errcode();
}

/* How many turns were answered as they should be. */
static int count_good(const char *text, size_t size)
{
    size_t at = 0;
    int good = 0;
    for (int turn = 0; at < size; turn++) {
        struct answer a;
        CHECK(turn < TURNS);
        if (!read_answer(&a, text + at, size - at, turns[turn].bodiless))
            return good;        /* it was cut, so the connection has ended there */
        if (a.status == turns[turn].status)
            good++;
        else if (a.status != 500 && a.status != 503)
            test_fail(__FILE__, __LINE__, "%s was answered by %d", turns[turn].request, a.status);
        at += a.size;
    }
    return good;
}

static int talk(const char *address)
{
    static char text[5 * LARGE];
    size_t size = 0;
    bide_auto(stream) s = bide_connect(address);
    if (!s)
        return bide_errcode();
    for (int i = 0; i < TURNS; i++) {
        int rc = bide_write(s, turns[i].request, strlen(turns[i].request));
        if (rc < 0)
            return rc;
    }
    int rc = bide_write_end(s);
    for (ssize_t got = 1; rc == 0 && got > 0; size += (size_t)(got > 0 ? got : 0)) {
        got = bide_read(s, text + size, sizeof text - 1 - size);
        rc = got < 0 ? (int)got : 0;
    }
    text[size] = '\0';
    int good = count_good(text, size);
    if (rc < 0)
        return rc;
    return good == TURNS ? 0 : bide_fail(BIDE_EEOF, "only %d good answers came", good);
}

static int converse(void *unused)
{
    (void)unused;
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    if (!listener)
        return bide_errcode();
    BIDE_GROUP(server);
    bide_spawn(server, serve, listener);
    int rc = talk(bide_listener_address(listener));
    bide_group_cancel(server);
    return rc;
}

static void unheard(const bide_task *task, const struct bide_error *why)
{
    (void)task;
    CHECK(why->code < 0);
}

static void survives(int faults, int at_least)
{
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    if (faults < at_least)
        test_fail(__FILE__, __LINE__, "only %d faults", faults);
}

TEST(every_allocation_may_be_refused)
{
    make_files();
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_each_allocation(converse, NULL, .on_failure = unheard), 20);
    end_place();
}

TEST(every_call_may_be_short_or_refused)
{
    make_files();
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_each_call(converse, NULL, .fault = BIDE_TEST_SHORT,
                                 .on_failure = unheard), 5);
    survives(bide_test_each_call(converse, NULL, .on_failure = unheard), 20);
    end_place();
}

TEST(every_wait_may_be_cancelled)
{
    make_files();
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_each_wait(converse, NULL, .on_failure = unheard), 5);
    end_place();
}
