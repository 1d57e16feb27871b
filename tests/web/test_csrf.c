/* What a page elsewhere makes a browser send. */
#include "web/asked.h"

static const char *others;

static int use(bide_app *app)
{
    return bide_use_csrf(app, .origins = others);
}

static int hello(bide_request *req)
{
    return bide_respond_text(req, 200, "hello");
}

TASK_TEST(a_page_elsewhere_changes_nothing)
{
    static const struct { const char *headers; int status; } cases[] = {
        { "", 200 }, { "Sec-Fetch-Site: same-origin\r\n", 200 },
        { "Sec-Fetch-Site: none\r\n", 200 },
        { "Sec-Fetch-Site: cross-site\r\n", 403 }, { "Sec-Fetch-Site: same-site\r\n", 403 },
        { "Sec-Fetch-Site: \r\n", 403 }, { "Sec-Fetch-Site: x\r\nOrigin: http://h\r\n", 403 },
        { "Origin: http://h\r\n", 200 }, { "Origin: https://H\r\n", 200 },
        { "Origin: http://h:81\r\n", 403 }, { "Origin: http://evil\r\n", 403 },
        { "Origin: null\r\n", 403 }, { "Origin: h\r\n", 403 }, { "Origin: \r\n", 403 },
        { "Origin: https://good\r\n", 200 },
        { "Sec-Fetch-Site: cross-site\r\nOrigin: https://good\r\n", 200 },
    };
    asked_use = use;
    others = "https://good";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        post(hello, "text/plain", cases[i].headers, "x");
        CHECK_ANSWER(cases[i].status, "");
        get(hello, cases[i].headers);
        CHECK_ANSWER(200, "hello");
    }
}

TEST(everybody_is_not_an_option)
{
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_use_csrf(app, .origins = "*"), BIDE_EINVAL);
    CHECK_EQ(bide_use_csrf(app, .origins = "x"), BIDE_EINVAL);
}

static int ask_all(void *unused)
{
    static const char text[] = "POST /" H "Origin: https://a.example\r\nContent-Length: 0\r\n\r\n";
    (void)unused;
    return try_asking(hello, text, sizeof text - 1, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    asked_use = use;
    others = "https://a.example, https://b.example";
    check_faults(ask_all, 10);
}
