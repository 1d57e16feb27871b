/* Who may read answers: the CORS protocol. */
#include "web/asked.h"

static struct bide_cors_opts opts;

static int use(bide_app *app)
{
    opts.abi_ = sizeof opts;
    return bide_use_cors_opts(app, &opts);
}

static int hello(bide_request *req)
{
    return bide_respond_text(req, 200, "hello");
}

static int fail(bide_request *req)
{
    (void)req;
    return bide_fail(-7, "broken");
}

static void options(const char *headers)
{
    char text[2000];
    snprintf(text, sizeof text, "OPTIONS /any" H "%s\r\n", headers);
    ask(hello, text);
}

static bool has_cors(void)
{
    return strstr(asked_answer, "Access-Control-Allow") != NULL;
}

TASK_TEST(an_origin_of_the_list_may_read)
{
    asked_use = use;
    opts = (struct bide_cors_opts){ .origins = "https://a.example", .credentials = true,
                                    .expose = "X-Count" };
    get(hello, "Origin: https://a.example\r\n");
    CHECK_ANSWER(200, "hello");
    CHECK(has_line("Access-Control-Allow-Origin: https://a.example"));
    CHECK(has_line("Access-Control-Allow-Credentials: true"));
    CHECK(has_line("Access-Control-Expose-Headers: X-Count") && has_line("Vary: Origin"));
    static const char *const others[] = { "Origin: https://b.example\r\n", "Origin: null\r\n",
        "Origin: https://a.example.evil\r\n", "Origin: http://a.example\r\n", "Origin: *\r\n", "" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        get(hello, others[i]);
        CHECK_ANSWER(200, "hello");
        CHECK(!has_cors() && has_line("Vary: Origin"));
    }
}

TASK_TEST(everybody_is_told_by_a_star_and_never_back)
{
    asked_use = use;
    opts = (struct bide_cors_opts){ .origins = "*" };
    get(hello, "Origin: https://a.example\r\n");
    CHECK(has_line("Access-Control-Allow-Origin: *"));
    CHECK(!strstr(asked_answer, "a.example") && !strstr(asked_answer, "Vary") &&
          !strstr(asked_answer, "Credentials"));
}

TASK_TEST(an_error_page_may_be_read_too)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    asked_use = use;
    opts = (struct bide_cors_opts){ .origins = "https://a.example" };
    get(fail, "Origin: https://a.example\r\n");
    CHECK_ANSWER(500, "");
    CHECK(has_line("Access-Control-Allow-Origin: https://a.example"));
    ask(hello, "GET /none" H "Origin: https://a.example\r\n\r\n");
    CHECK_ANSWER(404, "");
    CHECK(has_line("Access-Control-Allow-Origin: https://a.example"));
}

#define PREFLIGHT "Origin: https://a.example\r\nAccess-Control-Request-Method: "
#define HEADERS "\r\nAccess-Control-Request-Headers: "

TASK_TEST(what_a_browser_asks_beforehand_is_answered)
{
    asked_use = use;
    opts = (struct bide_cors_opts){ .origins = "https://a.example", .methods = "PUT, delete",
                                    .headers = "Content-Type, x-token" };
    options(PREFLIGHT "PUT" HEADERS "content-type,X-Token, accept\r\n");
    CHECK_ANSWER(204, "");
    CHECK(has_line("Access-Control-Allow-Origin: https://a.example"));
    CHECK(has_line("Access-Control-Allow-Methods: PUT"));
    CHECK(has_line("Access-Control-Allow-Headers: content-type,X-Token, accept"));
    CHECK(has_line("Access-Control-Max-Age: 600"));
    CHECK(strstr(asked_answer, "Vary: Access-Control-Request-Method"));
    CHECK(!strstr(asked_answer, "Credentials"));
    options(PREFLIGHT "GET\r\n");
    CHECK_ANSWER(204, "");
    CHECK(!strstr(asked_answer, "Allow-Headers"));
}

TASK_TEST(what_is_not_allowed_is_said_to_be)
{
    static const char *const bad[][2] = {
        { PREFLIGHT "DELETE\r\n", "method" }, { PREFLIGHT "put\r\n", "method" },
        { PREFLIGHT "PUT" HEADERS "X-Other\r\n", "headers" },
        { PREFLIGHT "PUT" HEADERS "x-token, a b\r\n", "headers" },
        { "Origin: https://b.example\r\nAccess-Control-Request-Method: GET\r\n", "origin" },
    };
    asked_use = use;
    opts = (struct bide_cors_opts){ .origins = "https://a.example", .methods = "PUT, delete",
                                    .headers = "Content-Type, x-token" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options(bad[i][0]);
        CHECK_ANSWER(403, bad[i][1]);
        CHECK(!has_cors());
    }
    options("Origin: https://a.example\r\n");           /* no preflight: a plain OPTIONS */
    CHECK_ANSWER(404, "");
}

TASK_TEST(stars_allow_all_methods_and_headers)
{
    asked_use = use;
    opts = (struct bide_cors_opts){ .origins = "*", .methods = "*", .headers = "*",
                                    .max_age = -1 };
    options(PREFLIGHT "PATCH" HEADERS "authorization\r\n");
    CHECK_ANSWER(204, "");
    CHECK(has_line("Access-Control-Allow-Origin: *"));
    CHECK(has_line("Access-Control-Allow-Methods: PATCH"));
    CHECK(has_line("Access-Control-Allow-Headers: authorization"));
    CHECK(has_line("Access-Control-Max-Age: 0"));
}

TASK_TEST(a_browser_may_remember_for_ten_minutes_or_what_is_said_up_to_a_day)
{
    static const struct { double given; const char *told; } cases[] = {
        { 0, "600" }, { 30, "30" }, { 86400, "86400" }, { 1e9, "86400" },
        { BIDE_FOREVER, "86400" },
    };
    asked_use = use;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[100];
        opts = (struct bide_cors_opts){ .origins = "*", .max_age = cases[i].given };
        options(PREFLIGHT "GET\r\n");
        snprintf(line, sizeof line, "Access-Control-Max-Age: %s", cases[i].told);
        CHECK(has_line(line));
    }
}

TEST(options_that_open_everything_are_refused)
{
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_use_cors(app, "*", .credentials = true), BIDE_EINVAL);
    CHECK_EQ(bide_use_cors(app, ""), BIDE_EINVAL);
    CHECK_EQ(bide_use_cors(app, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_use_cors(app, "a.example"), BIDE_EINVAL);
}

static int ask_all(void *unused)
{
    static const char text[] = "GET /" H "Origin: https://a.example\r\n\r\n";
    (void)unused;
    return try_asking(hello, text, sizeof text - 1, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    asked_use = use;
    opts = (struct bide_cors_opts){ .origins = "https://a.example", .methods = "PUT" };
    check_faults(ask_all, 10);
}
