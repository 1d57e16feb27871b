/* What an answer costs on a kept connection: one read, one write, and no memory; several requests
 * that come together share both. */
#include "cost.h"
#include "web/files.h"
#include "web/site.h"

enum { WARM = 3, COUNTED = 10 };

static int say_hello(bide_request *req)
{
    return bide_respond(req, 200, "text/plain", "Hello, World!", 13);
}

static int greet(bide_request *req)
{
    return bide_respond_text(req, 200, "hello, %s\n", bide_request_param(req, "name"));
}

static int say_json(bide_request *req)
{
    bide_auto(json) reply = bide_json_new();
    bide_json_set(reply, "message", bide_value("Hello, World!"));
    return bide_respond_json(req, 200, reply);
}

static int count_body(bide_request *req)
{
    char piece[16];
    ssize_t n, size = 0;
    while ((n = bide_request_read(req, piece, sizeof piece)) > 0)
        size += n;
    return bide_respond_text(req, 200, "%zd\n", size);
}

static int tell_text(bide_request *req)
{
    size_t size;
    const char *text = bide_request_text(req, &size);
    return text ? bide_respond(req, 200, "text/plain", text, size) : bide_errcode();
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/plain", say_hello), 0);
    CHECK_EQ(bide_route(app, "GET", "/hello/{name}", greet), 0);
    CHECK_EQ(bide_route(app, "GET", "/json", say_json), 0);
    CHECK_EQ(bide_route(app, "POST", "/body", count_body), 0);
    CHECK_EQ(bide_route(app, "POST", "/text", tell_text), 0);
    CHECK_EQ(bide_route_static(app, "/static", in_place("public")), 0);
    return app;
}

static char heard[20000];

/* One exchange, whose answer is as long as the first time. */
static void exchange_once(int fd, const char *asked, size_t size)
{
    cost_say(fd, asked, strlen(asked));
    CHECK_EQ(cost_hear(fd, heard, size), size);
    CHECK(begins(heard, "HTTP/1.1 200 "));
}

/* How long an answer is: what comes until there is silence. */
static size_t length_of(int fd, const char *asked)
{
    size_t size = 0;
    cost_say(fd, asked, strlen(asked));
    for (int silent = 0; silent < 100; silent++) {
        CHECK_EQ(bide_yield(), 0);
        ssize_t n = recv(fd, heard + size, sizeof heard - size, MSG_DONTWAIT);
        if (n > 0)
            silent = 0;
        size += n > 0 ? (size_t)n : 0;
    }
    CHECK(begins(heard, "HTTP/1.1 200 "));
    return size;
}

static const char *asked;       /* what is sent, again and again */
static struct cost counted;     /* of COUNTED exchanges */

static int run_exchanges(void *unused)
{
    (void)unused;
    struct site site = { .opts = { .grace = 3 } };
    SITE(&site);
    int fd = cost_connect(site.address);
    size_t size = length_of(fd, asked);
    for (int i = 0; i < WARM + COUNTED; i++) {
        if (i == WARM)
            cost_begin();
        exchange_once(fd, asked, size);
    }
    counted = cost;
    close(fd);
    return 0;
}

static void count(const char *request)
{
    static char large[10000];
    asked = request;
    make_place();
    put_directory("public");
    put_text("public/a.css", "a{}");
    put_sized("public/large.bin", large, sizeof large);
    COST_COUNTED();
    CHECK_EQ(bide_run(run_exchanges, NULL, .jumping_clock = true), 0);
    end_place();
}

/* Nothing but one read and one write each time. */
static void check_least(void)
{
    CHECK_EQ(counted.allocations, 0);
    CHECK_EQ(counted.reads, COUNTED);
    CHECK_EQ(counted.writes, COUNTED);
    CHECK_EQ(counted.others, 0);
}

TEST(a_plain_answer_is_one_read_and_one_write_and_no_memory)
{
    count("GET /plain" H "\r\n");
    check_least();
}

TEST(so_is_one_to_all_the_headers_that_a_browser_sends)
{
    count("GET /plain" H "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0)\r\n"
          "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"
          "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
          "Connection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\nPriority: u=0, i\r\n\r\n");
    check_least();
}

TEST(so_is_one_that_is_formatted_from_the_name_in_a_path)
{
    count("GET /hello/world" H "\r\n");
    check_least();
}

TEST(one_in_json_takes_memory_once_for_the_document)
{
    count("GET /json" H "\r\n");
    CHECK_EQ(counted.allocations, COUNTED);
    counted.allocations = 0;
    check_least();
}

TEST(so_is_one_to_a_body_that_comes_with_its_head)
{
    count("POST /body" H "Content-Length: 40\r\n\r\n0123456789012345678901234567890123456789");
    check_least();
}

TEST(so_is_one_to_a_body_that_is_read_whole)
{
    count("POST /text" H "Content-Length: 40\r\n\r\n0123456789012345678901234567890123456789");
    check_least();
}

TEST(so_is_one_to_a_body_in_chunks)
{
    count("POST /text" H "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    check_least();
}

TEST(so_is_a_file_from_the_cache)
{
    count("GET /static/a.css" H "\r\n");
    check_least();
}

TEST(a_larger_file_from_the_cache_takes_no_memory)
{
    count("GET /static/large.bin" H "\r\n");
    CHECK_EQ(counted.allocations, 0);
    CHECK(counted.reads <= 2 * COUNTED);
    CHECK(counted.writes <= 2 * COUNTED);
    CHECK_EQ(counted.others, 0);
}

TEST(requests_that_come_together_share_one_read_and_one_write)
{
    count("GET /plain" H "\r\n" "GET /plain" H "\r\n" "GET /plain" H "\r\n"
          "GET /plain" H "\r\n");
    check_least();
}
