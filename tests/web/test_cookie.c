/* Cookies that come in. */
#include "web/asked.h"

static int tell(bide_request *req)
{
    char out[2000] = "";
    size_t at = 0;
    const struct bide_pair *pairs = bide_request_cookies(req);
    CHECK(bide_request_cookies(req) == pairs);
    for (; pairs->name; pairs++)
        at += (size_t)snprintf(out + at, sizeof out - at, "%s=%s;", pairs->name, pairs->value);
    const char *a = bide_request_cookie(req, "a");
    return bide_respond_text(req, 200, "[%s] %s", out, a ? a : "none");
}

TASK_TEST(cookies_are_read_as_the_world_writes_them)
{
    static const char *const cases[][2] = {
        { "", "[] none" },
        { "Cookie: a=b\r\n", "[a=b;] b" },
        { "Cookie: a=b; c=d;a=e\r\n", "[a=b;c=d;a=e;] b" },
        { "Cookie: c = d ;; ; e;=f; a=x=y\r\n", "[c=d;a=x=y;] x=y" },
        { "Cookie: a=\"q r\"; b=\"\"; c=\"\r\n", "[a=q r;b=;c=\";] q r" },
        { "Cookie: a=%20+\\x\r\nCookie: b=c\r\n", "[a=%20+\\x;b=c;] %20+\\x" },
        { "Cookie: A=b\r\n", "[A=b;] none" },
        { "Cookie: ;;;;\r\n", "[] none" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        get(tell, cases[i][0]);
        CHECK_ANSWER(200, cases[i][1]);
    }
}

static int ask_all(void *unused)
{
    static const char text[] = "GET /" H "Cookie: a=b; c=d\r\n\r\n";
    (void)unused;
    return try_asking(tell, text, sizeof text - 1, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    check_faults(ask_all, 10);
}
