/* tests/net/test_dns.c -- names by a name server of our own: answers, none, late ones, the
 * two families, cancelling; what is remembered of them is in test_dns_cache.c. */
#include "net/dns.h"

#include "base/sys.h"
#include "net/address.h"

#include <fcntl.h>

static void expect(const struct bide_addresses *found, const char *texts)
{
    char all[1024] = "", text[BIDE_ADDRESS_TEXT];
    for (int i = 0; i < found->count; i++) {
        strcat(all, i ? " " : "");
        strcat(all, bide_address_text(&found->list[i], text));
    }
    CHECK_STR(all, texts);
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 200; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int resolve_one(void *arg)
{
    struct bide_addresses found;
    return bide_resolve(arg, &found);
}

/* ---- answers ---- */

NET_TEST(a_name_has_the_addresses_of_both_families)
{
    struct bide_addresses found;
    DNS(dns, { "both.example", 0, "127.0.0.2 127.0.0.3 ::1", 60 });
    CHECK_EQ(bide_resolve("both.example", &found, .port = 80), 0);
    CHECK_EQ(found.count, 3);
    CHECK_EQ(bide_resolve("both.example", &found, .port = 80, .family = AF_INET), 0);
    expect(&found, "127.0.0.2:80 127.0.0.3:80");
    CHECK_EQ(bide_resolve("both.example", &found, .port = 80, .family = AF_INET6), 0);
    expect(&found, "[::1]:80");
    CHECK_EQ(dns->asked, 2);
    CHECK_EQ(bide_resolve("both.example", &found, .family = 77), BIDE_EINVAL);
}

NET_TEST(one_family_alone_is_asked_alone)
{
    struct bide_addresses found;
    DNS(dns, { "six.example", DNS_AAAA, "2001:db8::1", 60 }, { "six.example", DNS_A, "127.0.0.1" });
    CHECK_EQ(bide_resolve("six.example", &found, .family = AF_INET6), 0);
    expect(&found, "[2001:db8::1]:0");
    CHECK_EQ(dns->asked_a, 0);
    CHECK_EQ(dns->asked_aaaa, 1);
    CHECK_EQ(bide_resolve("six.example", &found), 0);
    CHECK_EQ(found.count, 2);
    CHECK_EQ(dns->asked_a, 1);
    CHECK_EQ(dns->asked_aaaa, 1);
}

NET_TEST(a_family_without_addresses_is_no_failure)
{
    struct bide_addresses found;
    DNS(dns, { "four.example", DNS_A, "127.0.0.1", 60 },
        { "four.example", DNS_AAAA, .kind = DNS_NODATA });
    CHECK_EQ(bide_resolve("Four.EXAMPLE", &found), 0);
    expect(&found, "127.0.0.1:0");
    CHECK_EQ(bide_resolve("four.example", &found, .family = AF_INET6), BIDE_EDNS);
}

NET_TEST(an_alias_is_followed_and_lends_its_time)
{
    struct bide_addresses found;
    DNS(dns, { "www.example", 0, "127.0.0.1", 600, .alias = "host.example", .alias_ttl = 5 });
    CHECK_EQ(bide_resolve("www.example", &found, .family = AF_INET), 0);
    expect(&found, "127.0.0.1:0");
    CHECK_EQ(bide_sleep(4.9), 0);
    CHECK_EQ(bide_resolve("www.example", &found, .family = AF_INET), 0);
    CHECK_EQ(dns->asked, 1);
    CHECK_EQ(bide_sleep(0.2), 0);
    CHECK_EQ(bide_resolve("www.example", &found, .family = AF_INET), 0);
    CHECK_EQ(dns->asked, 2);
}

NET_TEST(an_answer_that_was_cut_is_asked_for_by_tcp)
{
    struct bide_addresses found;
    DNS(dns, { "large.example", 0, "127.0.0.1 127.0.0.2 ::1", 60, DNS_CUT });
    CHECK_EQ(bide_resolve("large.example", &found), 0);
    CHECK_EQ(found.count, 3);
    CHECK_EQ(dns->by_tcp, 2);
    CHECK_EQ(dns->asked, 4);
}

NET_TEST(more_addresses_than_are_kept_leave_room_for_both_families)
{
    struct bide_addresses found;
    DNS(dns, { "many.example", 0, "127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6 "
               "127.0.0.7 127.0.0.8 127.0.0.9 127.0.0.10 127.0.0.11 127.0.0.12 127.0.0.13 "
               "127.0.0.14 127.0.0.15 127.0.0.16 127.0.0.17 127.0.0.18 ::1 ::2", 60 });
    CHECK_EQ(bide_resolve("many.example", &found), 0);
    CHECK_EQ(found.count, BIDE_ADDRESSES_MAX);
    CHECK_EQ(bide__addresses_of(&found, AF_INET6), 2);
}

static struct sys real;
static int no_ipv6(int fd, const struct sockaddr *address, socklen_t size)
{
    if (address->sa_family != AF_INET6)
        return real.connect(fd, address, size);
    errno = ENETUNREACH;
    return -1;
}

NET_TEST(where_there_is_no_way_by_ipv6_it_goes_last_but_has_its_places)
{
    struct bide_addresses found;
    DNS(dns, { "both.example", 0, "127.0.0.1 ::1", 60 },
        { "many.example", 0, "127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6 "
          "127.0.0.7 127.0.0.8 127.0.0.9 127.0.0.10 127.0.0.11 127.0.0.12 127.0.0.13 "
          "127.0.0.14 127.0.0.15 127.0.0.16 127.0.0.17 127.0.0.18 ::1 ::2", 60 });
    real = bide__sys;
    bide__sys.connect = no_ipv6;
    CHECK_EQ(bide_resolve("both.example", &found), 0);
    expect(&found, "127.0.0.1:0 [::1]:0");
    CHECK_EQ(bide_resolve("many.example", &found), 0);
    CHECK_EQ(found.count, BIDE_ADDRESSES_MAX);
    CHECK_EQ(found.list[0].is.any.sa_family, AF_INET);
    CHECK_EQ(bide__addresses_of(&found, AF_INET6), 2);
    bide__sys = real;
}

/* ---- no answer ---- */

NET_TEST(a_name_that_there_is_not_is_told_as_such)
{
    struct bide_addresses found;
    DNS(dns, { "other.example" });
    CHECK_EQ(bide_resolve("nobody.example", &found), BIDE_EDNS);
    CHECK_HAS(bide_errmsg(), "dns: nobody.example: ");
    CHECK_HAS(bide_errmsg(), "not found");
    CHECK_EQ(bide_resolve("nobody.invalid", &found), BIDE_EDNS);
    CHECK_STR(bide_errmsg(), "dns: nobody.invalid: there are no names in .invalid");
    CHECK_EQ(bide_resolve("", &found), BIDE_EDNS);
    CHECK_EQ(bide_resolve(NULL, &found), BIDE_EINVAL);
    CHECK_EQ(dns->asked, 2);
}

NET_TEST(a_name_that_is_none_is_refused)
{
    struct bide_addresses found;
    char label[100] = "";
    memset(label, 'x', 70);
    strcat(label, ".example");
    DNS(dns, { "other.example" });
    CHECK_EQ(bide_resolve(label, &found), BIDE_EDNS);
    CHECK_EQ(bide_resolve("a..example", &found), BIDE_EDNS);
    CHECK_EQ(dns->asked, 0);
}

NET_TEST(a_server_that_is_silent_is_asked_in_rounds_and_given_up)
{
    struct bide_addresses found;
    DNS(dns, { "silent.example", .kind = DNS_SILENT });
    double start = bide_now();
    CHECK_EQ(bide_resolve("silent.example", &found), BIDE_EDNS);
    CHECK_HAS(bide_errmsg(), "dns: silent.example: Timeout");
    CHECK_NEAR(bide_now() - start, 2 + 4 + 8, 0.01);
    CHECK_EQ(dns->asked, 6);
    CHECK_EQ(bide_resolver_set(dns->address, .search = "", .timeout = 0.5, .tries = 1), 0);
    start = bide_now();
    CHECK_EQ(bide_resolve("silent.example", &found), BIDE_EDNS);
    CHECK_NEAR(bide_now() - start, 0.5, 0.01);
}

static void two_servers(enum dns_kind kind, double expected)
{
    struct bide_addresses found;
    DNS(bad, { "a.example", .kind = kind });
    DNS(good, { "a.example", 0, "127.0.0.1 ::1", 60 });
    char both[80];
    snprintf(both, sizeof both, "%s %s", bad->address, good->address);
    CHECK_EQ(bide_resolver_set(both, .search = ""), 0);
    double start = bide_now();
    CHECK_EQ(bide_resolve("a.example", &found), 0);
    CHECK_EQ(found.count, 2);
    CHECK_NEAR(bide_now() - start, expected, 0.01);
    CHECK_EQ(bad->asked, 2);
    CHECK_EQ(good->asked, 2);
}

NET_TEST(after_a_silent_server_the_next_is_asked) { two_servers(DNS_SILENT, 2); }
NET_TEST(after_a_failing_server_the_next_is_asked) { two_servers(DNS_SERVFAIL, 0); }
NET_TEST(after_a_refusing_server_the_next_is_asked) { two_servers(DNS_REFUSED, 0); }

NET_TEST(where_no_server_is_the_next_is_asked)
{
    struct bide_addresses found;
    char both[80];
    DNS(dns, { "a.example", 0, "127.0.0.1 ::1", 60 });
    snprintf(both, sizeof both, "127.0.0.1:1, %s", dns->address);
    CHECK_EQ(bide_resolver_set(both, .search = ""), 0);
    double start = bide_now();
    CHECK_EQ(bide_resolve("a.example", &found), 0);
    CHECK_EQ(dns->asked, 2);
    CHECK_NEAR(bide_now(), start, 0.01);
}

NET_TEST(a_server_that_fails_alone_is_a_failure)
{
    struct bide_addresses found;
    DNS(dns, { "fail.example", .kind = DNS_SERVFAIL }, { "junk.example", .kind = DNS_GARBAGE });
    CHECK_EQ(bide_resolver_set(dns->address, .search = "", .tries = 1), 0);
    CHECK_EQ(bide_resolve("fail.example", &found), BIDE_EDNS);
    CHECK_HAS(bide_errmsg(), "dns: fail.example: DNS server returned general failure");
    CHECK_EQ(bide_resolve("junk.example", &found), BIDE_EDNS);
}

NET_TEST(a_late_answer_is_taken_in_the_next_round)
{
    struct bide_addresses found;
    DNS(dns, { "late.example", 0, "127.0.0.1", 60, .delay = 3 });
    double start = bide_now();
    CHECK_EQ(bide_resolve("late.example", &found, .family = AF_INET), 0);
    CHECK_NEAR(bide_now() - start, 2 + 3, 0.01);
    CHECK_EQ(dns->asked, 2);
}

NET_TEST(servers_that_are_no_addresses_are_refused)
{
    CHECK_EQ(bide_resolver_set("ns.example"), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "ns.example");
    CHECK_EQ(bide_resolver_set("1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 "
                               "1.1.1.1"), BIDE_EINVAL);
    CHECK_EQ(bide_resolver_set("[::1]:5353, 127.0.0.1 ::1"), 0);
}

TEST(a_resolver_is_set_inside_a_loop)
{
    CHECK_EQ(bide_resolver_set("127.0.0.1"), BIDE_EPERM);
}

/* ---- one family comes late ---- */

NET_TEST(a_family_that_comes_late_is_waited_for_a_moment)
{
    struct bide_addresses found;
    DNS(dns, { "a.example", DNS_A, "127.0.0.1", 60 },
        { "a.example", DNS_AAAA, "::1", 60, .delay = 0.04 });
    double start = bide_now();
    CHECK_EQ(bide_resolve("a.example", &found), 0);
    CHECK_EQ(found.count, 2);
    CHECK_NEAR(bide_now() - start, 0.04, 0.001);
}

NET_TEST(a_family_that_comes_too_late_is_for_the_next)
{
    struct bide_addresses found;
    DNS(dns, { "a.example", DNS_A, "127.0.0.1", 60 },
        { "a.example", DNS_AAAA, "::1", 60, .delay = 1 });
    double start = bide_now();
    CHECK_EQ(bide_resolve("a.example", &found), 0);
    expect(&found, "127.0.0.1:0");
    CHECK_NEAR(bide_now() - start, 0.05, 0.001);
    CHECK_EQ(bide_resolve("a.example", &found), 0);     /* nobody waits again */
    CHECK_EQ(found.count, 1);
    CHECK_NEAR(bide_now() - start, 0.05, 0.001);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_resolve("a.example", &found), 0);
    CHECK_EQ(found.count, 2);
    CHECK_EQ(dns->asked, 2);
}

NET_TEST(a_family_that_never_comes_is_not_asked_for_at_each_look_up)
{
    struct bide_addresses found;
    DNS(dns, { "a.example", DNS_A, "127.0.0.1", 60 },
        { "a.example", DNS_AAAA, .kind = DNS_SILENT });
    CHECK_EQ(bide_resolve("a.example", &found), 0);
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_EQ(dns->asked, 2);            /* given up, for nobody waits */
    double start = bide_now();
    CHECK_EQ(bide_resolve("a.example", &found), 0);
    CHECK_EQ(found.count, 1);
    CHECK_NEAR(bide_now(), start, 0.001);
    CHECK_EQ(dns->asked, 2);
    CHECK_EQ(bide_sleep(10), 0);
    CHECK_EQ(bide_resolve("a.example", &found), 0);
    CHECK_EQ(dns->asked, 3);
}

/* ---- several at a time, cancelling ---- */

NET_TEST(tasks_that_ask_for_one_name_share_its_questions)
{
    DNS(dns, { "a.example", 0, "127.0.0.1 ::1", 60, .delay = 0.5 });
    BIDE_GROUP(g);
    for (int i = 0; i < 50; i++)
        bide_spawn(g, resolve_one, (void *)(uintptr_t)"a.example");
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(dns->asked, 2);
}

NET_TEST(many_names_are_looked_up_at_once)
{
    static char names[100][20];
    struct dns_rule rules[101] = { { .name = NULL } };
    for (int i = 0; i < 100; i++) {
        snprintf(names[i], sizeof names[i], "n%d.example", i);
        rules[i] = (struct dns_rule){ names[i], 0, "127.0.0.1 ::1", 60, .delay = 1 };
    }
    DNS(dns, { "none.example" });
    dns->rules = rules;
    double start = bide_now();
    BIDE_GROUP(g);
    for (int i = 0; i < 100; i++)
        bide_spawn(g, resolve_one, names[i]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_NEAR(bide_now() - start, 1, 0.1);
    CHECK_EQ(dns->asked, 200);
}

NET_TEST(the_last_who_is_cancelled_ends_the_question)
{
    DNS(dns, { "silent.example", .kind = DNS_SILENT });
    CHECK_EQ(bide_sleep(0.01), 0);
    int before = open_descriptors();
    bide_task *tasks[3];
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, resolve_one, (void *)(uintptr_t)"silent.example", .handle = &tasks[i]);
    CHECK_EQ(bide_sleep(0.5), 0);
    CHECK_EQ(open_descriptors(), before + 1);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(open_descriptors(), before + 1);
        bide_cancel(tasks[i]);
        CHECK_EQ(bide_join(tasks[i]), 0);
        CHECK_EQ(bide_task_result(tasks[i]), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_sleep(0), 0);
    CHECK_EQ(open_descriptors(), before);
    CHECK_EQ(bide_sleep(20), 0);
    CHECK_EQ(dns->asked, 2);
}

NET_TEST(a_cancelled_task_asks_nobody)
{
    struct bide_addresses found;
    DNS(dns, { "a.example", 0, "127.0.0.1", 60 });
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(bide_resolve("a.example", &found), BIDE_ECANCELED);
        CHECK_EQ(bide_resolve("127.0.0.1", &found), BIDE_ECANCELED);
    }
    CHECK_EQ(dns->asked, 0);
}

NET_TEST(a_look_up_of_a_name_has_a_time_limit)
{
    struct bide_addresses found;
    DNS(dns, { "silent.example", .kind = DNS_SILENT });
    BIDE_TIMEOUT(t, 0.7);
    CHECK_EQ(bide_scope_result(t, bide_resolve("silent.example", &found)), BIDE_ETIMEDOUT);
}

struct cancelling { struct dns *dns; double after; };
static int cancelled_then(void *arg)
{
    struct cancelling *c = arg;
    struct bide_addresses found;
    BIDE_TIMEOUT(t, c->after);
    int rc = bide_resolve("a.example", &found);
    CHECK(rc == 0 || rc == BIDE_ECANCELED);
    return 0;
}

NET_TEST(cancelled_at_any_moment_it_leaves_nothing_behind)
{
    DNS(dns, { "a.example", DNS_A, "127.0.0.1", 0, .delay = 0.3 },
        { "a.example", DNS_AAAA, "::1", 0, DNS_CUT, .delay = 0.33 });
    CHECK_EQ(bide_sleep(0.01), 0);
    int before = open_descriptors();
    for (double after = 0; after < 0.4; after += 0.007) {
        struct cancelling c = { dns, after };
        CHECK_EQ(cancelled_then(&c), 0);
        CHECK_EQ(bide_sleep(5), 0);
        CHECK_EQ(open_descriptors(), before);
    }
}

static int told;
static void count_lines(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level, (void)text;
    told++;
}

NET_TEST(the_loop_ends_though_a_family_is_still_asked_for)
{
    struct bide_addresses found;
    bide_log_to(count_lines, NULL, BIDE_LOG_WARNING);
    DNS(dns, { "a.example", DNS_A, "127.0.0.1", 60 },
        { "a.example", DNS_AAAA, .kind = DNS_SILENT });
    CHECK_EQ(bide_resolve("a.example", &found), 0);
    CHECK_EQ(told, 0);
}

static int end_early(void *unused)
{
    struct bide_addresses found;
    (void)unused;
    DNS(dns, { "a.example", DNS_A, "127.0.0.1", 60 },
        { "a.example", DNS_AAAA, .kind = DNS_SILENT });
    return bide_resolve("a.example", &found);
}

TEST(a_loop_that_ends_meanwhile_warns_of_nothing_and_leaves_nothing)
{
    int before = open_descriptors();
    bide_log_to(count_lines, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(end_early, NULL, .jumping_clock = true), 0);
    CHECK_EQ(bide_run(end_early, NULL, .jumping_clock = true, .poller = "poll"), 0);
    CHECK_EQ(told, 0);
    CHECK_EQ(open_descriptors(), before);
}

/* ---- the search list ---- */

NET_TEST(a_short_name_is_tried_with_the_domains_first)
{
    struct bide_addresses found;
    DNS(dns, { "short.two.example", 0, "127.0.0.2", 60 }, { "short", 0, "127.0.0.9", 60 },
        { "a.b", 0, "127.0.0.3", 60 }, { "long.er.two.example", 0, "127.0.0.4", 60 });
    CHECK_EQ(bide_resolver_set(dns->address, .search = "one.example two.example"), 0);
    CHECK_EQ(bide_resolve("short", &found), 0);
    expect(&found, "127.0.0.2:0");
    CHECK_EQ(dns->asked, 4);
    CHECK_EQ(bide_resolve("a.b", &found), 0);
    expect(&found, "127.0.0.3:0");
    CHECK_EQ(dns->asked, 6);
    CHECK_EQ(bide_resolve("long.er", &found), 0);
    expect(&found, "127.0.0.4:0");
    CHECK_EQ(bide_resolve("short.", &found), 0);
    expect(&found, "127.0.0.9:0");
    int asked = dns->asked;
    CHECK_EQ(bide_resolve("gone.", &found), BIDE_EDNS);
    CHECK_HAS(bide_errmsg(), "not found");
    CHECK_EQ(dns->asked, asked + 2);
}

/* IPv6 alone of the same name elsewhere would be another machine. */
NET_TEST(both_families_are_those_of_one_domain)
{
    struct bide_addresses found;
    DNS(dns, { "h.one.example", DNS_A, "127.0.0.1", 60 },
        { "h.one.example", DNS_AAAA, .kind = DNS_NODATA },
        { "h.two.example", 0, "127.0.0.2 ::1", 60 });
    CHECK_EQ(bide_resolver_set(dns->address, .search = "one.example two.example"), 0);
    CHECK_EQ(bide_resolve("h", &found), 0);
    expect(&found, "127.0.0.1:0");
    CHECK_EQ(bide_resolve("h", &found, .fresh = true, .family = AF_INET6), BIDE_EDNS);
}

/* ---- connecting ---- */

NET_TEST(a_connection_is_made_to_a_name)
{
    DNS(dns, { "here.example", 0, "127.0.0.1", 60 });
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    char address[80];
    snprintf(address, sizeof address, "here.example%s", strrchr(bide_listener_address(l), ':'));
    bide_auto(stream) s = bide_connect(address);
    CHECK(s);
    CHECK_STR(bide_stream_peer(s), bide_listener_address(l));
    CHECK(!bide_connect("nobody.example:80"));
    CHECK_EQ(bide_errcode(), BIDE_EDNS);
}
