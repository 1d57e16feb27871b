/* tests/net/test_faults.c -- one conversation, again and again: with the nth system call
 * failing, and cancelled at the nth stop.  It must end, say why, and leave nothing behind. */
#include "net/both.h"

#include <string.h>

/* --- the conversation: a server, a client, two lines, two ends --- */

static int converse(bide_stream *s, void *arg)
{
    char *line;
    ssize_t n;
    (void)arg;
    while ((n = bide_read_until(s, "\n", &line)) > 0)
        if (bide_write(s, line, (size_t)n) < 0)
            return bide_errcode();
    return n < 0 ? (int)n : bide_write_end(s);
}

static int serve(void *listener)
{
    return bide_serve(listener, converse, NULL);
}

static int talk(bide_listener *l)
{
    char *line, c;
    bide_auto(stream) s = bide_connect(bide_listener_address(l));
    if (!s || bide_write(s, "one\ntwo\n", 8) < 0)
        return bide_errcode();
    for (int i = 0; i < 2; i++) {
        ssize_t n = bide_read_until(s, "\n", &line);
        if (n < 0)
            return (int)n;
        if (n != 4)
            return bide_fail(BIDE_EEOF, "only %zd bytes", n);
        CHECK_STR(line, i ? "two\n" : "one\n");
    }
    int rc = bide_write_end(s);
    return rc < 0 ? rc : (int)bide_read(s, &c, 1);
}

static int conversation(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    if (!l)
        return bide_errcode();
    BIDE_TIMEOUT(t, 60);
    BIDE_GROUP(g);
    bide_spawn(g, serve, l);
    int rc = talk(l);
    bide_group_cancel(g);
    int served = bide_group_wait(g);
    return bide_scope_result(t, rc < 0 ? rc : served);
}

static void hush(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level, (void)text;
}

/* Under each poller, with the 1st, 2nd, 3rd ... call of a name failing; it is called. */
static void refuse(const char *call, int code)
{
    bide_log_to(hush, NULL, BIDE_LOG_ERROR);
    for (int i = 0; i < 2; i++) {
        const char *poller = i ? "poll" : "epoll";
        int faults = bide_test_each_call(conversation, NULL, .call = call, .code = code,
                                         .poller = poller);
        if (faults < 0)
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
        CHECK(faults > 0 || (i && strncmp(call, "epoll", 5) == 0));
    }
}

#define FAULT_TEST(call_, error_) \
    TEST(it_survives_that_##call_##_fails_with_##error_) { refuse(#call_, -error_); }

FAULT_TEST(recv, ECONNRESET)
FAULT_TEST(sendmsg, EPIPE)
FAULT_TEST(socket, EMFILE)
FAULT_TEST(connect, ENETUNREACH)
FAULT_TEST(bind, EACCES)
FAULT_TEST(listen, EADDRINUSE)
FAULT_TEST(accept4, EMFILE)
FAULT_TEST(accept4, ECONNABORTED)
FAULT_TEST(shutdown, ENOTCONN)
FAULT_TEST(getsockopt, ENOBUFS)
FAULT_TEST(setsockopt, ENOPROTOOPT)
FAULT_TEST(eventfd, EMFILE)
FAULT_TEST(epoll_create1, EMFILE)
FAULT_TEST(epoll_ctl, ENOMEM)

/* Not failures at all. */
TEST(an_interrupted_call_is_repeated)
{
    CHECK(bide_test_each_call(conversation, NULL, .fault = BIDE_TEST_INTERRUPT) > 0);
    CHECK(bide_test_each_call(conversation, NULL, .fault = BIDE_TEST_INTERRUPT,
                              .poller = "poll") > 0);
}

TEST(a_short_call_is_continued)
{
    CHECK(bide_test_each_call(conversation, NULL, .fault = BIDE_TEST_SHORT) > 0);
}

TEST(cancelled_at_any_stop_it_leaves_nothing_behind)
{
    CHECK(bide_test_each_wait(conversation, NULL, .poller = "epoll") > 5);
    CHECK(bide_test_each_wait(conversation, NULL, .poller = "poll") > 5);
    CHECK(bide_test_each_wait(conversation, NULL, .seed = 4) > 5);
}
