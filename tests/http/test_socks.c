/* SOCKS5 against proxies that say one thing, good and bad. */
#include "script.h"

#include "http/socks.h"

#define BYTES(text) { "" text, sizeof text - 1 }

static struct proxy proxy_of(const char *text)
{
    struct proxy p;
    const char *why = "";
    if (bide__proxy_parse(&p, text, strlen(text), &why) < 0)
        test_fail(__FILE__, __LINE__, "%s: %s", text, why);
    return p;
}

/* Opens a connection to example.org:80 or to an address through the script's proxy. */
static int open_through(struct script *script, const char *proxy, const char *address)
{
    struct proxy p = proxy_of(proxy);
    struct bide_address a;
    struct socks_target target = { .name = "example.org", .port = 0x1234 };
    if (address && bide_address_read(&a, address) == 0)
        target.address = &a;
    script->heard_size = 0;
    BIDE_GROUP(group);
    int rc = script_open(group, script);
    if (rc < 0)
        return rc;
    rc = bide__socks_open(script->ours, &p, &target);
    BIDE_KEEP_ERROR(held);
    bide_stream_close(script->ours);
    int waited = bide_group_wait(group);
    return rc < 0 ? rc : waited;
}

#define GRANTED BYTES("\5\0\0\1\1\2\3\4\0\1")

TASK_TEST(a_name_is_asked_for)
{
    struct script script = { .steps = { BYTES("\5\0"), GRANTED } };
    CHECK_EQ(open_through(&script, "socks5h://p", NULL), 0);
    CHECK_EQ(script.heard_size, 3 + 7 + 11);
    CHECK_MEM(script.heard, "\5\1\0" "\5\1\0\3\13example.org\x12\x34", 21);
}

TASK_TEST(an_address_is_asked_for)
{
    struct script v4 = { .steps = { BYTES("\5\0"), GRANTED } }, v6 = v4;
    CHECK_EQ(open_through(&v4, "socks5://p", "192.0.2.1:80"), 0);
    CHECK_EQ(v4.heard_size, 3 + 10);
    CHECK_MEM(v4.heard + 3, "\5\1\0\1\xc0\0\2\1\0\x50", 10);
    CHECK_EQ(open_through(&v6, "socks5://p", "[2001:db8::1]:443"), 0);
    CHECK_EQ(v6.heard_size, 3 + 22);
    CHECK_MEM(v6.heard + 3, "\5\1\0\4\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\1\xbb", 22);
}

TASK_TEST(a_user_is_named_only_if_the_proxy_wants_it)
{
    struct script wants = { .steps = { BYTES("\5\2"), BYTES("\1\0"), GRANTED } };
    struct script not = { .steps = { BYTES("\5\0"), GRANTED } };
    CHECK_EQ(open_through(&wants, "socks5h://me:secret@p", NULL), 0);
    CHECK_MEM(wants.heard, "\5\2\0\2" "\1\2me\6secret" "\5\1\0\3", 4 + 11 + 4);
    CHECK_EQ(open_through(&not, "socks5h://me:secret@p", NULL), 0);
    CHECK_EQ(not.heard_size, 4 + 18);
}

TASK_TEST(every_kind_of_address_may_stand_in_the_answer)
{
    struct script v6 = { .steps = { BYTES("\5\0"),
                                    BYTES("\5\0\0\4" "0123456789abcdef" "\0\1") } };
    struct script name = { .steps = { BYTES("\5\0"), BYTES("\5\0\0\3\5proxy\0\1") } };
    struct script none = { .steps = { BYTES("\5\0"), BYTES("\5\0\0\3\0\0\1") } };
    CHECK_EQ(open_through(&v6, "socks5h://p", NULL), 0);
    CHECK_EQ(open_through(&name, "socks5h://p", NULL), 0);
    CHECK_EQ(open_through(&none, "socks5h://p", NULL), 0);
}

TASK_TEST(each_refusal_has_its_sentence)
{
    static const struct { const char *reply; int code; const char *why; } all[] = {
        { "\5\1", -ECONNABORTED, "SOCKS: the proxy failed" },
        { "\5\2", -EACCES, "does not allow" }, { "\5\3", -ENETUNREACH, "that network" },
        { "\5\4", -EHOSTUNREACH, "that host" }, { "\5\5", -ECONNREFUSED, "was refused" },
        { "\5\6", -EHOSTUNREACH, "TTL" }, { "\5\7", -EOPNOTSUPP, "CONNECT" },
        { "\5\10", -EAFNOSUPPORT, "such addresses" }, { "\5\11", -EPROTO, "reason 9" },
        { "\5\377", -EPROTO, "reason 255" }, { "\4\1", -EPROTO, "no SOCKS5 proxy" },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct script script = { .steps = { BYTES("\5\0"), { all[i].reply, 2 } } };
        CHECK_EQ(open_through(&script, "socks5h://p", NULL), all[i].code);
        CHECK_HAS(bide_errmsg(), all[i].why);
    }
}

TASK_TEST(a_proxy_that_does_not_know_us_refuses)
{
    static const struct {
        const char *proxy, *method, *answer;
        int code;
        const char *why;
    } all[] = {
        { "socks5h://p", "\5\377", "", -EACCES, "wants a user and a password" },
        { "socks5h://a:b@p", "\5\377", "", -EACCES, "another way" },
        { "socks5h://p", "\5\2", "", -EPROTO, "not offered (2)" },
        { "socks5h://a:b@p", "\5\1", "", -EPROTO, "not offered (1)" },
        { "socks5h://a:b@p", "\5\2", "\1\1", -EACCES, "this user and password" },
        { "socks5h://a:b@p", "\5\2", "\5\0", -EPROTO, "no SOCKS5 proxy" },
        { "socks5h://p", "HT", "", -EPROTO, "no SOCKS5 proxy" },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct script script = { .steps = { { all[i].method, 2 }, { all[i].answer, 2 } } };
        if (!*all[i].answer)
            script.steps[1].size = 0;
        CHECK_EQ(open_through(&script, all[i].proxy, NULL), all[i].code);
        CHECK_HAS(bide_errmsg(), all[i].why);
    }
}

TASK_TEST(an_answer_that_is_none_is_refused)
{
    struct script kind = { .steps = { BYTES("\5\0"), BYTES("\5\0\0\2\1\2\3\4\0\1") } };
    struct script more = { .steps = { BYTES("\5\0"), BYTES("\5\0\0\1\1\2\3\4\0\1!") } };
    CHECK_EQ(open_through(&kind, "socks5h://p", NULL), -EPROTO);
    CHECK_HAS(bide_errmsg(), "unknown kind (2)");
    CHECK_EQ(open_through(&more, "socks5h://p", NULL), -EPROTO);
    CHECK_HAS(bide_errmsg(), "more than its answer");
}

TASK_TEST(wherever_a_proxy_leaves_it_is_told)
{
    struct script script = { .steps = { BYTES("\5\2"), BYTES("\1\0"), GRANTED } };
    for (size_t cut = 1; cut < 14; cut++) {
        script.cut = cut;
        CHECK_EQ(open_through(&script, "socks5h://a:b@p", NULL), BIDE_EEOF);
        CHECK_HAS(bide_errmsg(), "SOCKS: the proxy closed the connection");
    }
    struct script gone = { .leaves = true };
    CHECK_EQ(open_through(&gone, "socks5h://p", NULL), BIDE_EEOF);
}

TASK_TEST(a_slow_proxy_is_waited_for)
{
    struct script script = { .steps = { BYTES("\5\2"), BYTES("\1\0"), GRANTED }, .slowly = true };
    double start = bide_now();
    CHECK_EQ(open_through(&script, "socks5h://a:b@p", NULL), 0);
    CHECK_NEAR(bide_now() - start, 14, 0.1);
}

static int ask_once(void *unused)
{
    struct script script = { .steps = { BYTES("\5\2"), BYTES("\1\0"), GRANTED } };
    (void)unused;
    return open_through(&script, "socks5h://a:b@p", NULL);
}

TEST(every_fault_is_an_error)
{
    CHECK(bide_test_each_allocation(ask_once, NULL) >= 0);
    CHECK(bide_test_each_wait(ask_once, NULL) > 2);
    CHECK_EQ(bide_test_shuffled(ask_once, NULL, .count = 20), 0);
}
