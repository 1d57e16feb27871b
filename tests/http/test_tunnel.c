/* CONNECT against proxies that say one thing, good and bad. */
#include "script.h"

#include "http/tunnel.h"

#include <stdio.h>

static int open_with(struct script *script, const char *proxy, const struct bide_pair *headers)
{
    struct proxy p;
    const char *why = "";
    CHECK_EQ(bide__proxy_parse(&p, proxy, strlen(proxy), &why), 0);
    struct tunnel tunnel = { .proxy = &p, .headers = headers, .target = "example.org:443" };
    script->heard_size = 0;
    BIDE_GROUP(group);
    int rc = script_open(group, script);
    if (rc < 0)
        return rc;
    rc = bide__tunnel_open(script->ours, &tunnel);
    BIDE_KEEP_ERROR(held);
    bide_stream_close(script->ours);
    int waited = bide_group_wait(group);
    script->heard[script->heard_size] = '\0';
    return rc < 0 ? rc : waited;
}

/* The proxy says this. */
static int open_after(const char *reply, bool slowly)
{
    struct script script = { .steps = { { reply, strlen(reply) } }, .slowly = slowly,
                             .leaves = true };
    return open_with(&script, "http://p", NULL);
}

#define ALLOWED "HTTP/1.1 200 Connection established\r\n\r\n"

TASK_TEST(a_tunnel_is_asked_for)
{
    struct script script = { .steps = { { ALLOWED, strlen(ALLOWED) } } };
    CHECK_EQ(open_with(&script, "http://p", NULL), 0);
    CHECK_STR(script.heard, "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n");
}

TASK_TEST(who_we_are_is_said_at_once_and_to_the_proxy_alone)
{
    static const struct { const char *proxy, *value; } all[] = {
        { "http://a:@p", "Basic YTo=" }, { "http://ab:@p", "Basic YWI6" },
        { "http://ab:c@p", "Basic YWI6Yw==" }, { "http://Aladdin:open%20sesame@p",
                                                 "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct script script = { .steps = { { ALLOWED, strlen(ALLOWED) } } };
        char line[200];
        snprintf(line, sizeof line, "\r\nProxy-Authorization: %s\r\n\r\n", all[i].value);
        CHECK_EQ(open_with(&script, all[i].proxy, NULL), 0);
        CHECK_HAS(script.heard, line);
    }
}

TASK_TEST(headers_for_the_proxy_go_along)
{
    struct script script = { .steps = { { ALLOWED, strlen(ALLOWED) } } };
    CHECK_EQ(open_with(&script, "http://a:b@p",
                       BIDE_PAIRS({ "X-A", "1" }, { "Proxy-Authorization", "Bearer t" })), 0);
    CHECK_HAS(script.heard, "\r\nX-A: 1\r\nProxy-Authorization: Bearer t\r\n\r\n");
    CHECK(!strstr(script.heard, "Basic"));
    CHECK_EQ(open_with(&script, "http://p", BIDE_PAIRS({ "X-A", "1\r\nX-B: 2" })), BIDE_EINVAL);
}

TASK_TEST(what_stands_in_the_head_of_a_success_is_no_matter)
{
    CHECK_EQ(open_after(ALLOWED, false), 0);
    CHECK_EQ(open_after(ALLOWED, true), 0);
    CHECK_EQ(open_after("HTTP/1.0 204 x\r\n\r\n", false), 0);
    CHECK_EQ(open_after("HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n", false), 0);
    CHECK_EQ(open_after("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n", false), 0);
    CHECK_EQ(open_after("HTTP/1.1 100 Continue\r\n\r\n" ALLOWED, false), 0);
}

TASK_TEST(a_refusal_names_its_status)
{
    static const struct { const char *reply; int code; const char *why; } all[] = {
        { "HTTP/1.1 403 Forbidden\r\nContent-Length: 99999999999\r\n\r\nNo.", BIDE_EHTTP,
          "CONNECT example.org:443: 403 Forbidden" },
        { "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", BIDE_EHTTP,
          "407 Proxy Authentication Required" },
        { "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", BIDE_EHTTP, "302 Found" },
        { "HTTP/1.1 502 \r\n\r\n", BIDE_EHTTP, "502" },
        { "HTTP/1.1 101 Switching Protocols\r\n\r\n", BIDE_EHTTP, "101" },
        { ALLOWED "SSH-2.0", BIDE_EHTTP, "more than its reply's head" },
        { "SSH-2.0-OpenSSH\r\n", BIDE_EHTTP, "the proxy's reply: " },
        { "<html>\r\n\r\n", BIDE_EHTTP, "the proxy's reply: " },
        { "HTTP/2 200\r\n\r\n", BIDE_EHTTP, "the proxy's reply: " },
        { "\r\n\r\n", BIDE_EHTTP, "the proxy's reply: " },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        CHECK_EQ(open_after(all[i].reply, false), all[i].code);
        CHECK_HAS(bide_errmsg(), all[i].why);
        CHECK(strncmp(bide_errmsg(), "CONNECT example.org:443: ", 25) == 0);
    }
}

TASK_TEST(wherever_a_proxy_leaves_it_is_told)
{
    for (size_t cut = 1; cut < strlen(ALLOWED); cut++) {
        struct script script = { .steps = { { ALLOWED, strlen(ALLOWED) } }, .cut = cut };
        CHECK_EQ(open_with(&script, "http://p", NULL), BIDE_EEOF);
        CHECK_HAS(bide_errmsg(), "cut short in its head");
    }
    CHECK_EQ(open_after("x", false), BIDE_EEOF);
}

TASK_TEST(an_endless_reply_has_a_limit)
{
    static char reply[70000], interim[17 * 25 + 1];
    strcpy(reply, "HTTP/1.1 200 OK\r\n");
    while (strlen(reply) < sizeof reply - 100)
        strcat(reply, "X-Filler: 0123456789012345678901234567890123456789012345\r\n");
    CHECK_EQ(open_after(reply, false), BIDE_ELIMIT);
    for (int i = 0; i < 17; i++)
        strcat(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK_EQ(open_after(interim, false), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "interim");
}

static int ask_once(void *unused)
{
    struct script script = { .steps = { { ALLOWED, strlen(ALLOWED) } } };
    (void)unused;
    return open_with(&script, "http://a:b@p", NULL);
}

TEST(every_fault_is_an_error)
{
    CHECK(bide_test_each_allocation(ask_once, NULL) > 0);
    CHECK(bide_test_each_wait(ask_once, NULL) > 0);
    CHECK_EQ(bide_test_shuffled(ask_once, NULL, .count = 20), 0);
}
