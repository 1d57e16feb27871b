/* What is remembered of a client, in a signed cookie. */
#include "web/asked.h"

#include "base/sys.h"

#ifdef BIDE_TLS
#define KEY "0123456789abcdef0123456789abcdef"
#define OTHER "another key of thirty-two bytes."

static struct bide_session_cookie_opts opts;
static const char *const one_key[] = { KEY, NULL };

static int use(bide_app *app)
{
    opts.abi_ = sizeof opts;
    opts.keys = opts.keys ? opts.keys : one_key;
    return bide_use_session_opts(app, &opts);
}

/* ---- a time of day that tests set ---- */

static int64_t today;
static int (*real_clock)(clockid_t, struct timespec *);

static int set_clock(clockid_t clock, struct timespec *now)
{
    if (clock != CLOCK_REALTIME)
        return real_clock(clock, now);
    *now = (struct timespec){ .tv_sec = today };
    return 0;
}

static void begin(void)
{
    asked_use = use;
    opts = (struct bide_session_cookie_opts){ 0 };
    today = 1700000000;
    real_clock = bide__sys.clock_gettime;
    bide__sys.clock_gettime = set_clock;
}

/* ---- handlers ---- */

static int count(bide_request *req)
{
    bide_json *s = bide_request_session(req);
    if (!s)
        return bide_errcode();
    int64_t times = bide_json_int(s, "times", 0) + 1;
    bide_json_set(s, "times", bide_value(times));
    return bide_respond_text(req, 200, "[%lld]", (long long)times);
}

static int look(bide_request *req)
{
    bide_json *s = bide_request_session(req);
    return s ? bide_respond_text(req, 200, "[%lld]", (long long)bide_json_int(s, "times", 0))
             : bide_errcode();
}

static int log_out(bide_request *req)
{
    return bide_request_session_new(req) ? bide_respond_text(req, 200, "gone") : bide_errcode();
}

static int log_in(bide_request *req)
{
    bide_json *s = bide_request_session_new(req);
    bide_json_set(s, "user", bide_value("ann"));
    return bide_respond_text(req, 200, "in");
}

static int stay_out(bide_request *req)
{
    return bide_respond_text(req, 200, "hello");
}

static int fail(bide_request *req)
{
    bide_json_set(bide_request_session(req), "times", bide_value(7));
    return bide_fail(-7, "broken");
}

/* ---- cookies ---- */

static char kept[5000];         /* as the client would send it */

static bool is_set(void)
{
    return strstr(asked_answer, "\r\nSet-Cookie: ") != NULL;
}

static void keep(void)
{
    const char *at = strstr(asked_answer, "\r\nSet-Cookie: ");
    CHECK(at != NULL);
    at += strlen("\r\nSet-Cookie: ");
    snprintf(kept, sizeof kept, "Cookie: %.*s\r\n", (int)strcspn(at, ";"), at);
}

TASK_TEST(a_session_lasts_from_request_to_request)
{
    begin();
    get(count, "");
    CHECK_ANSWER(200, "[1]");
    CHECK(strstr(asked_answer, "\r\nSet-Cookie: session=") &&
          strstr(asked_answer, "; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax\r\n"));
    keep();
    get(count, kept);
    CHECK_ANSWER(200, "[2]");
    keep();
    get(look, kept);
    CHECK_ANSWER(200, "[2]");
    CHECK(!is_set());
    get(look, "");
    CHECK_ANSWER(200, "[0]");
    CHECK(!is_set());
    get(stay_out, kept);
    CHECK(!is_set());
}

TASK_TEST(a_session_ends_at_its_time_and_is_renewed_before)
{
    begin();
    opts.max_age = 100;
    get(count, "");
    keep();
    today += 49;
    get(look, kept);
    CHECK(!is_set());
    today += 2;
    get(look, kept);
    CHECK_ANSWER(200, "[1]");
    CHECK(is_set());
    today += 49;
    get(look, kept);
    CHECK_ANSWER(200, "[0]");
    CHECK(strstr(asked_answer, "session=; Path=/; Max-Age=0;"));
}

TASK_TEST(what_was_tampered_with_is_no_session)
{
    begin();
    get(count, "");
    keep();
    for (size_t i = strlen("Cookie: session="); i < strlen(kept) - 2; i += 3) {
        char bad[sizeof kept];
        memcpy(bad, kept, sizeof kept);
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        get(look, bad);
        CHECK_ANSWER(200, "[0]");
    }
    char other[sizeof kept];
    snprintf(other, sizeof other, "Cookie: __Host-session=%s", kept + strlen("Cookie: session="));
    get(look, other);
    CHECK_ANSWER(200, "[0]");
}

TASK_TEST(keys_may_be_changed)
{
    static const char *const both[] = { OTHER, KEY, NULL }, *const other[] = { OTHER, NULL };
    begin();
    get(count, "");
    keep();
    opts.keys = both;
    get(look, kept);
    CHECK_ANSWER(200, "[1]");
    keep();                             /* signed anew */
    opts.keys = other;
    get(look, kept);
    CHECK_ANSWER(200, "[1]");
    opts.keys = one_key;
    get(look, kept);
    CHECK_ANSWER(200, "[0]");
}

TASK_TEST(a_session_is_ended_or_begun_anew)
{
    begin();
    get(count, "");
    keep();
    get(log_out, kept);
    CHECK(strstr(asked_answer, "\r\nSet-Cookie: session=; Path=/; Max-Age=0;"));
    get(log_out, "");
    CHECK(!is_set());
    get(log_in, kept);
    keep();
    get(look, kept);
    CHECK_ANSWER(200, "[0]");
    opts.browser = true;
    get(log_in, "");
    CHECK(is_set() && !strstr(asked_answer, "Max-Age"));
}

TASK_TEST(a_handler_that_fails_changes_nothing)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    begin();
    get(fail, "");
    CHECK_ANSWER(500, "");
    CHECK(!is_set());
}

/* ---- streams, and what is too large ---- */

static int stream(bide_request *req)
{
    bide_json_set(bide_request_session(req), "times", bide_value(5));
    int rc = bide_request_session_save(req);
    return rc < 0 ? rc : bide_respond_write(req, "x", 1);
}

static int grow(bide_request *req)
{
    static char text[4000];
    memset(text, 'x', sizeof text - 1);
    bide_json_set(bide_request_session(req), "text", bide_value(text));
    CHECK_EQ(bide_request_session_save(req), BIDE_ELIMIT);
    return bide_respond_text(req, 200, "%s", bide_errmsg());
}

TASK_TEST(a_session_is_saved_before_a_stream)
{
    begin();
    get(stream, "");
    keep();
    get(look, kept);
    CHECK_ANSWER(200, "[5]");
}

TASK_TEST(a_session_that_no_browser_would_keep_fails)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    begin();
    get(grow, "");
    CHECK_ANSWER(500, "");
    CHECK(!is_set());
}

/* ---- options ---- */

TEST(options_without_secrets_are_refused)
{
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_use_session(app, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_use_session(app, BIDE_KEYS("short")), BIDE_EINVAL);
    CHECK_EQ(bide_use_session(app, BIDE_KEYS(KEY, "short")), BIDE_EINVAL);
    CHECK_EQ(bide_use_session(app, BIDE_KEYS(KEY), .name = "a b"), BIDE_EINVAL);
    CHECK_EQ(bide_use_session(app, BIDE_KEYS(KEY), .max_age = -1), BIDE_EINVAL);
    CHECK_EQ(bide_use_session(app, BIDE_KEYS(KEY), .max_age = BIDE_FOREVER), BIDE_EINVAL);
    CHECK_EQ(bide_use_session(app, BIDE_KEYS(KEY)), 0);
}

static int without(bide_request *req)
{
    CHECK(!bide_request_session(req) && bide_errcode() == BIDE_EINVAL);
    CHECK(!bide_request_session_new(req));
    CHECK_EQ(bide_request_session_save(req), BIDE_EINVAL);
    return bide_respond_text(req, 200, "none");
}

TASK_TEST(without_the_middleware_there_is_no_session)
{
    get(without, "");
    CHECK_ANSWER(200, "none");
}

static int ask_all(void *unused)
{
    char text[6000];
    (void)unused;
    int size = snprintf(text, sizeof text, "GET /" H "%s\r\n", kept);
    return try_asking(count, text, (size_t)size, ASKED_AT_ONCE);
}

static int get_cookie(void *unused)
{
    (void)unused;
    get(count, "");
    keep();
    return 0;
}

TEST(every_allocation_and_wait_may_fail)
{
    begin();
    CHECK_EQ(bide_test(get_cookie, NULL), 0);
    check_faults(ask_all, 20);
}
#else
TEST(without_openssl_there_are_no_sessions)
{
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_use_session(app, BIDE_KEYS("0123456789abcdef0123456789abcdef")), -ENOSYS);
}
#endif
