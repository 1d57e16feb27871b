/* One conversation with the server again and again, each time with another fault: the nth
 * allocation fails, the nth system call is short, interrupted or refused, the nth wait is
 * cancelled.
 *
 * A client that sends raw bytes sees what a library would hide.  Every answer that comes is read
 * strictly and is the right one for its request, or a 500 or 503; an answer that is not whole is
 * the last; and nothing is left behind. */
#include "web/conformance/answer.h"
#include "web/hostile.h"

/* ---- the conversation ---- */

static const struct {
    const char *request;
    int status;
    const char *body;           /* NULL: none is to come */
} turns[] = {
    { "GET /ok" H "\r\n", 200, "ok" },
    { "POST /echo" H "Content-Length: 5\r\n\r\nhello", 200, "hello" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n"
      "3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n", 200, "hello" },
    { "POST /count" H "Content-Length: 5\r\n\r\nhello", 200, "5" },
    { "HEAD /ok" H "\r\n", 200, NULL },
    { "GET /large/1" H "\r\n", 200, "" },
    { "POST /unread" H "Content-Length: 5\r\n\r\nhello", 200, "unread" },
    { "POST /echo" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", 200, "hello" },
    { "GET /nothing" H "\r\n", 404, "404 Not Found\nThere is nothing at this path.\n" },
    { "GET /slow" H "\r\n", 200, "slept" },
    { "nonsense\r\n\r\n", 400, "400 Bad Request\nthe request line has no proper method\n" },
};
enum { TURNS = sizeof turns / sizeof *turns };

static int serve(void *listener)
{
    bide_auto(app) app = bide_app_new(NULL);
    int rc = add_routes(app);
    return rc < 0 ? rc : bide_app_run(app, NULL, .listener = listener, .grace = -1);
}

/* What came, until the server has ended it; < 0: the client itself has failed. */
static int hear(bide_stream *s, char *out, size_t room, size_t *size)
{
    for (;;) {
        BIDE_TIMEOUT(limit, 200);
        ssize_t got = bide_read(s, out + *size, room - 1 - *size);
        if (got < 0)
            return bide_scope_result(limit, (int)got);
        if (got == 0)
            return 0;
        *size += (size_t)got;
        CHECK(*size + 1 < room);
        out[*size] = '\0';
    }
}

/* How many turns were answered as they should be.  What does not hold at all ends the test. */
static int count_good(const char *text, size_t size)
{
    size_t at = 0;
    int good = 0;
    for (int turn = 0; at < size; turn++) {
        struct answer a;
        CHECK(turn < TURNS);
        if (strncmp(text + at, "HTTP/1.1 100 Continue\r\n\r\n", 25) == 0)
            at += 25;
        if (!read_answer(&a, text + at, size - at, !turns[turn].body))
            return good;        /* it was cut, so the connection has ended there */
        size_t body = turns[turn].body ? strlen(turns[turn].body) : 0;
        if (a.status == turns[turn].status) {
            CHECK_MEM(text + at + a.size - body, turns[turn].body ? turns[turn].body : "", body);
            good++;
        } else if (a.status != 500 && a.status != 503) {
            test_fail(__FILE__, __LINE__, "%s was answered by %d", turns[turn].request, a.status);
        }
        at += a.size;
    }
    return good;
}

static int talk(const char *address)
{
    static char text[200000];
    char all[2000] = "";
    size_t size = 0;
    for (int i = 0; i < TURNS; i++)
        strcat(all, turns[i].request);
    bide_auto(stream) s = bide_connect(address);
    if (!s)
        return bide_errcode();
    int rc = bide_write(s, all, strlen(all));
    if (rc == 0)
        rc = hear(s, text, sizeof text, &size);
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

/* ---- faults ---- */

static void survives(int faults, int at_least)
{
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    if (faults < at_least)
        test_fail(__FILE__, __LINE__, "only %d faults", faults);
}

TEST(it_succeeds_without_faults_whatever_the_order)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_shuffled(converse, NULL, .count = 50), 0);
}

TEST(every_allocation_may_fail)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_each_allocation(converse, NULL, .on_failure = unheard), 10);
}

TEST(every_wait_may_be_cancelled)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_each_wait(converse, NULL, .on_failure = unheard), 5);
    survives(bide_test_each_wait(converse, NULL, .seed = 12, .poller = "poll"), 5);
}

TEST(short_and_interrupted_calls_are_not_noticed)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_each_call(converse, NULL, .fault = BIDE_TEST_SHORT), 3);
    survives(bide_test_each_call(converse, NULL, .fault = BIDE_TEST_INTERRUPT), 5);
}

TEST(refused_calls_end_one_connection_at_most)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_each_call(converse, NULL, .on_failure = unheard), 10);
    survives(bide_test_each_call(converse, NULL, .code = -EPIPE, .call = "sendmsg",
                                 .on_failure = unheard), 3);
    survives(bide_test_each_call(converse, NULL, .code = -ENOBUFS, .call = "sendmsg",
                                 .on_failure = unheard), 3);
    survives(bide_test_each_call(converse, NULL, .code = -EMFILE, .call = "accept4",
                                 .on_failure = unheard), 1);
}
