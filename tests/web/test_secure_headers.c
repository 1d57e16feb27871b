/* Headers that keep browsers from doing what nobody wants. */
#include "web/asked.h"

static struct bide_secure_headers_opts opts;

static int use(bide_app *app)
{
    opts.abi_ = sizeof opts;
    return bide_use_secure_headers_opts(app, &opts);
}

static int hello(bide_request *req)
{
    return bide_respond_text(req, 200, "hello");
}

static int own(bide_request *req)
{
    int rc = bide_respond_header_set(req, "Content-Security-Policy", "default-src 'none'");
    return rc < 0 ? rc : bide_respond_text(req, 200, "hello");
}

static int stream(bide_request *req)
{
    return bide_respond_write(req, "x", 1);
}

static int fail(bide_request *req)
{
    (void)req;
    return bide_fail(-7, "broken");
}

TASK_TEST(every_answer_has_them)
{
    static bide_handler *const handlers[] = { hello, stream, fail };
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    asked_use = use;
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        get(handlers[i], "");
        CHECK(has_line("Content-Security-Policy: default-src 'self'; base-uri 'self'; "
                       "form-action 'self'; frame-ancestors 'self'; object-src 'none'"));
        CHECK(has_line("X-Content-Type-Options: nosniff"));
        CHECK(has_line("X-Frame-Options: SAMEORIGIN"));
        CHECK(has_line("Referrer-Policy: strict-origin-when-cross-origin"));
        CHECK(has_line("Cross-Origin-Opener-Policy: same-origin"));
        CHECK(has_line("Cross-Origin-Resource-Policy: same-origin"));
        CHECK(!strstr(asked_answer, "Strict-Transport") && !strstr(asked_answer, "Permissions"));
    }
}

TASK_TEST(each_can_be_changed_or_left_out)
{
    asked_use = use;
    opts = (struct bide_secure_headers_opts){ .frame_options = "", .permissions_policy = "usb=()" };
    get(own, "");
    CHECK(has_line("Content-Security-Policy: default-src 'none'"));
    CHECK(!strstr(asked_answer, "default-src 'self'") && !strstr(asked_answer, "X-Frame"));
    CHECK(has_line("Permissions-Policy: usb=()"));
}

TEST(what_is_no_header_is_refused)
{
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_use_secure_headers(app, .referrer_policy = "a\r\nb"), BIDE_EINVAL);
}

static int ask_all(void *unused)
{
    static const char text[] = "GET /" H "\r\n";
    (void)unused;
    return try_asking(hello, text, sizeof text - 1, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    asked_use = use;
    check_faults(ask_all, 10);
}
