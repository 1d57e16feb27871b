/* Cookies that are set. */
#include "web/cookie.h"

#include "web/asked.h"

static int make(char out[6000], bool secure, const char *name,
                 const struct bide_respond_cookie_opts *opts)
{
    struct writer w = { .at = out, .room = 6000 };
    return bide__cookie_write(&w, name, opts, secure);
}

#define CHECK_COOKIE(want, secure, name, ...) \
    do { \
        char out_[6000]; \
        CHECK_EQ(make(out_, secure, name, BIDE_OPTS_(bide_respond_cookie_opts, __VA_ARGS__)), 0); \
        CHECK_STR(out_, want); \
    } while (0)
#define CHECK_NONE(code, secure, name, ...) \
    do { \
        char out_[6000]; \
        CHECK_EQ(make(out_, secure, name, BIDE_OPTS_(bide_respond_cookie_opts, __VA_ARGS__)), \
                 code); \
    } while (0)

TEST(a_cookie_says_what_it_was_given)
{
    CHECK_COOKIE("a=b; Path=/; HttpOnly; SameSite=Lax", false, "a", "b");
    CHECK_COOKIE("a=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; "
                 "SameSite=Lax", false, "a", "", .max_age = -1);
    CHECK_COOKIE("a=b=c; Path=/x; Domain=example.org; Max-Age=2; Secure; SameSite=None; "
                 "Partitioned", true, "a", "b=c", .path = "/x", .domain = "example.org",
                 .max_age = 1.5, .script = true, .same_site = BIDE_SAME_SITE_NONE,
                 .partitioned = true);
    CHECK_COOKIE("__Host-a=b; Path=/; Secure; HttpOnly; SameSite=Strict", true, "__Host-a", "b",
                 .same_site = BIDE_SAME_SITE_STRICT);
    CHECK_COOKIE("a=b; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax", false, "a", "b",
                 .max_age = 1e12);
}

TEST(what_a_browser_would_not_keep_is_refused)
{
    static const char *const names[] = { "", "a b", "a=", "a;", "\xc3\xa4", "a\r\n" };
    static const char *const values[] = { "a b", "a;b", "a,b", "\"a\"", "a\\", "a\r\nX: y",
                                          "\x7f" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_NONE(BIDE_EINVAL, false, names[i], "x");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        CHECK_NONE(BIDE_EINVAL, false, "a", values[i]);
    CHECK_NONE(BIDE_EINVAL, false, "a", NULL);
    CHECK_NONE(BIDE_EINVAL, false, "a", "b", .path = "x");
    CHECK_NONE(BIDE_EINVAL, false, "a", "b", .path = "/;x");
    CHECK_NONE(BIDE_EINVAL, false, "a", "b", .domain = "x;y");
    CHECK_NONE(BIDE_EINVAL, false, "a", "b", .domain = "x\ny");
    CHECK_NONE(BIDE_EINVAL, false, "a", "b", .max_age = __builtin_nan(""));
    CHECK_NONE(BIDE_EINVAL, false, "__Host-a", "b");
    CHECK_NONE(BIDE_EINVAL, false, "__secure-a", "b");
    CHECK_NONE(BIDE_EINVAL, true, "__HOST-a", "b", .path = "/x");
    CHECK_NONE(BIDE_EINVAL, true, "__Host-a", "b", .domain = "x");
    CHECK_NONE(BIDE_EINVAL, false, "a", "b", .same_site = BIDE_SAME_SITE_NONE);
    CHECK_NONE(BIDE_EINVAL, false, "a", "b", .partitioned = true);
}

TEST(a_cookie_has_4096_bytes_at_most)
{
    static char value[4097];
    memset(value, 'x', 4096);
    CHECK_NONE(BIDE_ELIMIT, false, "a", value);
    value[4095] = '\0';
    CHECK_NONE(0, false, "a", value);
}

static int set_two(bide_request *req)
{
    int rc = bide_respond_cookie(req, "a", "b");
    if (rc == 0)
        rc = bide_respond_cookie(req, "c", "d", .path = "/c");
    if (rc == 0)
        CHECK_EQ(bide_respond_cookie(req, "e", "\n"), BIDE_EINVAL);
    return rc < 0 ? rc : bide_respond_text(req, 200, "set");
}

TASK_TEST(several_cookies_are_set_at_once)
{
    get(set_two, "");
    CHECK_ANSWER(200, "set");
    CHECK(has_line("Set-Cookie: a=b; Path=/; HttpOnly; SameSite=Lax"));
    CHECK(has_line("Set-Cookie: c=d; Path=/c; HttpOnly; SameSite=Lax"));
    CHECK(!strstr(asked_answer, "Set-Cookie: e"));
}
