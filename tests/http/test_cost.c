/* What a request costs on a kept connection: one write, one read, and no memory. */
#include "cost.h"

#include <stdio.h>

enum { WARM = 3, COUNTED = 10 };

#define REPLY "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" \
              "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 13\r\n\r\nHello, World!"

/* A server that bide does nothing for: it hears a head, and answers. */
struct far {
    int listener;
    char url[64];
    const char *reply;
};

static void far_open(struct far *far)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof here;
    far->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(far->listener, (struct sockaddr *)&here, sizeof here), 0);
    CHECK_EQ(listen(far->listener, 5), 0);
    CHECK_EQ(getsockname(far->listener, (struct sockaddr *)&here, &size), 0);
    snprintf(far->url, sizeof far->url, "http://127.0.0.1:%d/a", ntohs(here.sin_port));
}

static int far_talk(void *arg)
{
    struct far *far = arg;
    char heard[1000] = "";
    int fd;
    while ((fd = accept(far->listener, NULL, NULL)) < 0)
        if (bide_yield() < 0)
            return bide_errcode();
    for (ssize_t n; (n = recv(fd, heard, sizeof heard - 1, MSG_DONTWAIT)) != 0;) {
        if (n > 0) {
            heard[n] = '\0';
            CHECK_HAS(heard, "\r\n\r\n");
            cost_say(fd, far->reply, strlen(far->reply));
        } else if (bide_yield() < 0) {
            break;
        }
    }
    return close(fd);
}

/* ---- */

static int (*ask)(bide_session *session, const char *url);
static const char *reply;
static struct cost counted;     /* of COUNTED exchanges */

static int run_exchanges(void *unused)
{
    (void)unused;
    struct far far = { .reply = reply };
    far_open(&far);
    BIDE_GROUP(server);
    bide_spawn(server, far_talk, &far);
    {
        bide_auto(session) session = bide_session_open(.limit = 10);
        for (int i = 0; i < WARM + COUNTED; i++) {
            if (i == WARM)
                cost_begin();
            CHECK_EQ(ask(session, far.url), 0);
        }
        counted = cost;
    }
    CHECK_EQ(bide_group_wait(server), 0);
    return close(far.listener);
}

static void count(int (*fn)(bide_session *, const char *), const char *with)
{
    ask = fn;
    reply = with;
    COST_COUNTED();
    CHECK_EQ(bide_run(run_exchanges, NULL, .jumping_clock = true), 0);
}

static void check_least(void)
{
    CHECK_EQ(counted.allocations, 0);
    CHECK_EQ(counted.reads, COUNTED);
    CHECK_EQ(counted.writes, COUNTED);
    CHECK_EQ(counted.others, 0);
}

static int get(bide_session *session, const char *url)
{
    bide_auto(response) res = bide_get(session, url, .timeout = 60);
    size_t size;
    if (!bide_response_text(res, &size))
        return bide_errcode();
    CHECK_EQ(size, 13);
    return 0;
}

TEST(a_get_on_a_kept_connection_is_one_write_and_one_read_and_no_memory)
{
    count(get, REPLY);
    check_least();
}

TEST(so_is_one_whose_answer_comes_in_chunks)
{
    count(get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          "d\r\nHello, World!\r\n0\r\n\r\n");
    check_least();
}

static int get_with_headers(bide_session *session, const char *url)
{
    static const struct bide_pair headers[] = { { "Accept", "application/json" },
                                                { "Authorization", "Bearer abc" }, { NULL, NULL } };
    bide_auto(response) res = bide_get(session, url, .headers = headers, .timeout = 60);
    return bide_response_check(res) < 0 || !bide_response_text(res, NULL) ? bide_errcode() : 0;
}

TEST(so_is_one_with_headers_of_its_own)
{
    count(get_with_headers, REPLY);
    check_least();
}

static int post(bide_session *session, const char *url)
{
    bide_auto(response) res = bide_post(session, url, .data = "a=b", .data_size = 3, .timeout = 60);
    return bide_response_text(res, NULL) ? 0 : bide_errcode();
}

TEST(so_is_a_small_body_that_is_sent)
{
    count(post, REPLY);
    check_least();
}

static int look_at_status(bide_session *session, const char *url)
{
    bide_auto(response) res = bide_get(session, url);
    return bide_response_check(res);
}

TEST(so_is_one_whose_body_nobody_reads)
{
    count(look_at_status, REPLY);
    check_least();
}
