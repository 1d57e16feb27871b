/* tests/net/test_listen.c -- listening, accepting, serving; being out of descriptors or memory
 * meanwhile. */
#include "net/both.h"

#include "base/sys.h"

#include <bide/memory.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

NET_TEST(a_listener_knows_its_real_port)
{
    bide_auto(listener) l = bide_listen("localhost:0");
    CHECK(l);
    CHECK_HAS(bide_listener_address(l), "127.0.0.1:");
    CHECK(strcmp(bide_listener_address(l), "127.0.0.1:0") != 0);
    bide_auto(listener) second = bide_listen(bide_listener_address(l));
    CHECK(!second);
    CHECK_EQ(bide_errcode(), -EADDRINUSE);
    char expected[100];
    snprintf(expected, sizeof expected, "listen: %s: ", bide_listener_address(l));
    CHECK_HAS(bide_errmsg(), expected);
}

NET_TEST(several_listeners_may_share_a_port_if_all_want_it)
{
    bide_auto(listener) a = bide_listen("127.0.0.1:0", .reuse_port = true);
    CHECK(a);
    bide_auto(listener) b = bide_listen(bide_listener_address(a), .reuse_port = true);
    CHECK(b);
    bide_auto(listener) c = bide_listen(bide_listener_address(a));
    CHECK(!c);
}

NET_TEST(a_name_that_would_have_to_be_looked_up_is_refused)
{
    CHECK(!bide_listen("example.org:80"));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_listen("127.0.0.1"));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_listen("203.0.113.1:80"));
    CHECK(bide_errcode() == -EADDRNOTAVAIL || bide_errcode() == -EACCES);
    CHECK_STR(bide_listener_address(NULL), "");
    bide_listener_close(NULL);
    bide_fail(-ENOENT, "held");
    CHECK(!bide_accept(NULL));
    CHECK_EQ(bide_errcode(), -ENOENT);
}

static int accept_one(void *arg)
{
    bide_auto(stream) s = bide_accept(arg);
    return s ? 1 : bide_errcode();
}

NET_TEST(a_second_accept_is_refused_and_closing_ends_the_first)
{
    bide_listener *l = bide_listen("127.0.0.1:0");
    bide_task *first;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, accept_one, l, .handle = &first);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(!bide_accept(l));
    CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    bide_listener_close(l);
    CHECK_EQ(bide_join(first), 0);
    CHECK_EQ(bide_task_result(first), BIDE_ECLOSED);
    CHECK_STR(bide_task_error(first)->text, "accept: closed");
    bide_ignore(bide_group_wait(g));
}

NET_TEST(a_cancelled_accept_loses_no_connection)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    {
        BIDE_TIMEOUT(t, 1);
        CHECK(!bide_accept(l));
        CHECK_EQ(bide_scope_result(t, bide_errcode()), BIDE_ETIMEDOUT);
    }
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK(!bide_accept(l));
    }
    bide_auto(stream) b = bide_accept(l);
    CHECK(a && b);
}

/* --- out of descriptors --- */

static int told;
static void count_told(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level;
    CHECK_HAS(text, "accept: 127.0.0.1:");
    CHECK_HAS(text, "trying again every 0.1 s");
    told++;
}

static int free_descriptors(void *arg)
{
    int *fds = arg;
    CHECK_EQ(bide_sleep(0.95), 0);
    for (; *fds >= 0; fds++)
        close(*fds);
    return 0;
}

NET_TEST(out_of_descriptors_accepting_waits_and_says_so_once)
{
    static int fds[65];
    int count = 0;
    struct rlimit limit = { 64, 64 };
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    bide_auto(stream) b = bide_connect(bide_listener_address(l));
    CHECK(a && b);
    bide_log_to(count_told, NULL, BIDE_LOG_WARNING);
    int rc = setrlimit(RLIMIT_NOFILE, &limit);
    if (rc < 0 && test_is_slow())
        return;                         /* Valgrind wants to keep its own */
    CHECK_EQ(rc, 0);
    while ((fds[count] = dup(0)) >= 0)
        count++;
    BIDE_GROUP(g);
    double start = bide_now();
    bide_spawn(g, free_descriptors, fds);
    bide_auto(stream) first = bide_accept(l);
    CHECK(first);
    CHECK_NEAR(bide_now() - start, 1.0, 1e-6);
    CHECK_EQ(told, 1);
    bide_auto(stream) second = bide_accept(l);
    CHECK(second);
    CHECK_EQ(told, 1);
    CHECK_EQ(bide_group_wait(g), 0);
}

static struct sys real;
static int accepts;
static int failing_accept(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    static const int errors[] = { EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENFILE, ENOBUFS, ENOMEM };
    if (accepts < 7) {
        errno = errors[accepts++];
        return -1;
    }
    return real.accept4(fd, address, size, flags);
}

NET_TEST(accepting_survives_the_networks_errors)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    bide_log_to(count_told, NULL, BIDE_LOG_WARNING);
    real = bide__sys;
    bide__sys.accept4 = failing_accept;
    bide_auto(stream) b = bide_accept(l);
    CHECK(a && b);
    CHECK_EQ(accepts, 7);
    CHECK_EQ(told, 1);
    bide__sys = real;
}

/* --- serving --- */

static int running, failures;
static char failure[256];

static int converse(bide_stream *s, void *arg)
{
    char *line;
    ssize_t n;
    running++;
    while ((n = bide_read_until(s, "\n", &line)) > 0) {
        if (strcmp(line, "fail\n") == 0) {
            running--;
            return bide_fail(-EPROTO, "told to fail");
        }
        if (bide_printf(s, "%s %s", (const char *)arg, line) < 0)
            break;
    }
    running--;
    return n < 0 ? (int)n : 0;
}

struct serving { bide_listener *l; int rc; };
static int serve(void *arg)
{
    struct serving *s = arg;
    return s->rc = bide_serve(s->l, converse, (void *)(uintptr_t)"you said");
}

static void ask(bide_stream *s, const char *text, const char *wanted)
{
    char *line;
    CHECK_EQ(bide_printf(s, "%s", text), 0);
    CHECK(bide_read_until(s, "\n", &line) >= 0);
    CHECK_STR(line, wanted);
}

NET_TEST(each_connection_is_served_by_a_task_of_its_own)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    struct serving serving = { l, 0 };
    bide_stream *clients[50];
    BIDE_GROUP(g);
    bide_spawn(g, serve, &serving);
    for (int i = 0; i < 50; i++)
        CHECK((clients[i] = bide_connect(bide_listener_address(l))));
    for (int i = 49; i >= 0; i--)
        ask(clients[i], "hello\n", "you said hello\n");
    CHECK_EQ(running, 50);
    for (int i = 0; i < 49; i++)
        bide_stream_close(clients[i]);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(running, 1);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(running, 0);       /* joined, not only cancelled */
    CHECK_EQ(serving.rc, BIDE_ECANCELED);
    char c;
    CHECK_EQ(bide_read(clients[49], &c, 1), 0);
    bide_stream_close(clients[49]);
}

static int clean_up_slowly(bide_stream *s, void *arg)
{
    char c;
    int rc = (int)bide_read(s, &c, 1);
    BIDE_SHIELD(last_words, 5);
    CHECK_EQ(bide_sleep(1), 0);
    *(bool *)arg = true;
    return rc;
}

NET_TEST(serving_returns_when_its_last_connection_has_cleaned_up)
{
    bool clean = false;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_auto(stream) s = bide_connect(bide_listener_address(l));
    BIDE_TIMEOUT(t, 1);
    CHECK_EQ(bide_scope_result(t, bide_serve(l, clean_up_slowly, &clean)), BIDE_ETIMEDOUT);
    CHECK(clean);
    CHECK_STR(bide_errmsg(), "timed out after 1 s");
}

static void on_failure(const bide_task *task, const struct bide_error *why)
{
    (void)task;
    failures++;
    snprintf(failure, sizeof failure, "%s", why->text);
}

static int one_fails(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    struct serving serving = { l, 0 };
    BIDE_GROUP(g);
    bide_spawn(g, serve, &serving);
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    bide_auto(stream) b = bide_connect(bide_listener_address(l));
    ask(a, "fail\n", "");       /* its stream was closed */
    CHECK_EQ(failures, 1);
    CHECK_STR(failure, "told to fail");
    ask(b, "still there?\n", "you said still there?\n");
    bide_listener_close(bide_steal(l));
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_EQ(running, 0);
    return 0;
}

TEST(a_failing_connection_is_told_and_the_others_go_on)
{
    CHECK_EQ(bide_run(one_fails, NULL, .jumping_clock = true, .on_failure = on_failure), 0);
}

/* --- no memory, nowhere --- */

static int allowed;
static void *scarce_alloc(size_t size)
{
    return allowed-- > 0 ? malloc(size) : NULL;
}
static void *scarce_resize(void *memory, size_t size)
{
    return allowed-- > 0 ? realloc(memory, size) : NULL;
}

static int talk(bide_listener *l)
{
    char *line;
    bide_auto(stream) s = bide_connect(bide_listener_address(l));
    int rc = s ? bide_printf(s, "hello\n") : bide_errcode();
    ssize_t n = rc < 0 ? rc : bide_read_until(s, "\n", &line);
    return n > 0 ? 0 : n == 0 ? BIDE_EEOF : (int)n;
}

static int serve_and_talk(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    struct serving serving = { l, 0 };
    BIDE_GROUP(g);
    if (!l || bide_spawn(g, serve, &serving) < 0)
        return bide_errcode();
    BIDE_TIMEOUT(t, 30);
    int rc = bide_scope_result(t, talk(l));
    bide_group_cancel(g);
    int served = bide_group_wait(g);
    return rc < 0 ? rc : served;
}

static void hush(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level, (void)text;
}

static void without_the_nth_allocation(const char *poller)
{
    int rc = -1, n = 0;
    for (; rc < 0; n++) {
        allowed = n;
        rc = bide_run(serve_and_talk, NULL, .poller = poller, .jumping_clock = true);
        if (rc < 0 && rc != BIDE_ENOMEM && rc != BIDE_EEOF && rc != BIDE_ETIMEDOUT &&
            rc != BIDE_ECANCELED && rc != -ECONNRESET)
            test_fail(__FILE__, __LINE__, "allocation %d: %d %s", n, rc, bide_errmsg());
        CHECK(n < 200);
    }
    CHECK(n > 5);
}

TEST(without_memory_serving_fails_and_leaks_nothing)
{
    struct bide_allocator allocator = { scarce_alloc, scarce_resize, free };
    CHECK_EQ(bide_allocator_set(&allocator), 0);
    bide_log_to(hush, NULL, BIDE_LOG_ERROR);
    without_the_nth_allocation("epoll");
    without_the_nth_allocation("poll");
    CHECK_EQ(bide_allocator_set(NULL), 0);
}

static int serves_behind(void *listener)
{
    int rc = bide_serve(listener, converse, NULL);
    bide_listener_close(listener);
    return rc;
}

/* It closes its connections' group itself, also where nobody is left to wait for it. */
NET_TEST_LEAVING_TASKS(a_server_in_the_background_ends_with_the_main_task)
{
    bide_listener *l = bide_listen("127.0.0.1:0");
    CHECK(l);
    bide_spawn(NULL, serves_behind, l);
    CHECK_EQ(bide_sleep(1), 0);
}
