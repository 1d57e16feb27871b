/* What proxies tell, and whom to believe. */
#include "test.h"

#include "base/memory.h"
#include "web/forwarded.h"

#include <bide/error.h>
#include <stdio.h>
#include <string.h>

static const char *address(const struct hop *hop)
{
    static char text[ADDRESS_TEXT];
    if (!hop->known)
        return "-";
    bide__ip_write(text, &hop->from);
    return text;
}

/* The entries of a header as "address address ...", "!" if it is refused. */
static const char *told(const char *value)
{
    static char out[400];
    struct hops hops = { .count = 0 };
    out[0] = '\0';
    if (!bide__forwarded_read(&hops, text_from(value)))
        return hops.count == 0 ? "!" : "refused, and something stays";
    for (size_t i = 0; i < hops.count; i++) {
        strcat(out, i > 0 ? " " : "");
        strcat(out, address(hop_at(&hops, i)));
    }
    return out;
}

TEST(forwarded_is_read_as_rfc_7239_has_it)
{
    static const struct {
        const char *value, *told;
    } cases[] = {
        { "for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60" },
        { "for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17" },
        { "For=\"192.0.2.43:47011\", for=198.51.100.17", "192.0.2.43 198.51.100.17" },
        { "for=192.0.2.43,for=\"[2001:db8:cafe::17]\",for=unknown",
          "192.0.2.43 2001:db8:cafe::17 -" },
        { "for=_gazonk", "-" }, { "FOR=192.0.2.1 ; Host=example.org", "192.0.2.1" },
        { "proto=https", "-" }, { "", "" }, { " , ,", "" }, { "for=1.2.3.4;", "1.2.3.4" },
        { "for=1.2.3.4;,for=5.6.7.8", "1.2.3.4 5.6.7.8" },
        { "for=[2001:db8::1]:80", "2001:db8::1" },  /* quotes forgotten */
        { "for", "!" }, { "for=", "!" }, { "for=\"1.2.3.4", "!" }, { "=1.2.3.4", "!" },
        { "for =1.2.3.4", "!" }, { "for= 1.2.3.4", "!" }, { "for=1.2.3.4 for=2.3.4.5", "!" },
        { "for=\"1.2.3.4\\\"", "!" }, { "for=1.2.3.4;;proto=http", "!" },
        { "for=\"1.2\\.3.4\"", "-" }, { "for=1.2.3.4\x01", "!" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(told(cases[i].value), cases[i].told);
}

TEST(an_entry_tells_scheme_and_host_too)
{
    struct hops hops = { .count = 0 };
    CHECK(bide__forwarded_read(&hops, text_from("for=a;proto=https;host=\"h:81\", for=1.2.3.4")));
    CHECK_EQ(hops.count, 2);
    CHECK(bide__text_is(hop_at(&hops, 0)->proto, "https"));
    CHECK(bide__text_is(hop_at(&hops, 0)->host, "h:81"));
    CHECK(hop_at(&hops, 1)->proto.at == NULL);
}

TEST(nodes_are_addresses_with_or_without_a_port)
{
    static const char *const good[] = {
        "1.2.3.4", "1.2.3.4:80", "[::1]", "[::1]:65535", "::1", "2001:db8::1", "::ffff:1.2.3.4",
    };
    static const char *const bad[] = {
        "", "1.2.3", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "[::1", "[::1]x", "[1.2.3.4]:80x",
        "::1]", "unknown", "_x", "1.2.3.4 ", "01.2.3.4.5", "[]", ":80", "1.2.3.4.5.6.7.8.9.1.2.3.4",
    };
    struct ip ip;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(bide__forwarded_node(&ip, text_from(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!bide__forwarded_node(&ip, text_from(bad[i])));
}

TEST(of_many_hops_the_last_ones_count)
{
    struct hops hops = { .count = 0 };
    char text[20];
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "10.0.0.%d", i);
        bide__forwarded_for_read(&hops, text_from(text));
    }
    CHECK_EQ(hops.count, HOPS_MAX);
    CHECK_STR(address(hop_at(&hops, 0)), "10.0.0.68");
    CHECK_STR(address(hop_at(&hops, HOPS_MAX - 1)), "10.0.0.99");
}

/* ---- networks ---- */

static bool has(const struct networks *networks, const char *text)
{
    struct ip ip;
    CHECK(bide__ip_read(&ip, text_from(text)));
    return bide__networks_have(networks, &ip);
}

TEST(networks_hold_what_begins_as_they_do)
{
    struct networks *n = bide__networks_read("127.0.0.1, 10.0.0.0/8 192.168.4.0/22,fd00::/8, "
                                             "2001:db8::/33,, unix");
    CHECK(n != NULL);
    CHECK(n->unix_too && !n->forwarded);
    CHECK_EQ(n->count, 5);
    CHECK(has(n, "127.0.0.1") && !has(n, "127.0.0.2"));
    CHECK(has(n, "10.255.0.1") && !has(n, "11.0.0.0"));
    CHECK(has(n, "192.168.7.255") && !has(n, "192.168.8.0") && !has(n, "192.168.3.255"));
    CHECK(has(n, "fdff::1") && !has(n, "fe00::1"));
    CHECK(has(n, "2001:db8:7fff::") && !has(n, "2001:db8:8000::"));
    CHECK(has(n, "::ffff:10.1.2.3"));   /* as a socket for both families tells it */
    CHECK(!has(n, "::10.1.2.3"));
    bide__free(n);
}

TEST(whole_families_and_no_network_at_all)
{
    struct networks *all = bide__networks_read("0.0.0.0/0");
    CHECK(has(all, "9.9.9.9") && !has(all, "::1"));
    bide__free(all);
    all = bide__networks_read("::/0,forwarded");
    CHECK(has(all, "9.9.9.9") && has(all, "::1") && all->forwarded);
    bide__free(all);
    all = bide__networks_read("");
    CHECK(all && all->count == 0);
    bide__free(all);
}

TEST(what_is_no_network_is_refused_with_what_is_wrong)
{
    static const struct {
        const char *list, *why;
    } cases[] = {
        { "localhost", "not an address" }, { "10.0.0.0/33", "length of a prefix" },
        { "10.0.0.0/", "length of a prefix" }, { "::/129", "length of a prefix" },
        { "10.0.0.0/x", "length of a prefix" }, { "10.0.0.1/8", "behind its prefix" },
        { "127.0.0.1, /8", "not an address" }, { "1.2.3.4:80", "not an address" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_PTR(bide__networks_read(cases[i].list), NULL);
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), cases[i].why);
    }
}

TEST(no_more_networks_than_allowed)
{
    static char list[8 * (NETWORKS_MAX + 1) + 1];
    for (int i = 0; i < NETWORKS_MAX; i++)
        strcat(list, "1.1.1.1,");
    struct networks *n = bide__networks_read(list);
    CHECK(n != NULL);
    bide__free(n);
    strcat(list, "1.1.1.1,");
    CHECK_PTR(bide__networks_read(list), NULL);
    CHECK_HAS(bide_errmsg(), "more than 1024");
}

/* ---- whom to believe ---- */

TEST(the_client_is_the_last_one_that_no_trusted_proxy_is)
{
    static const struct {
        const char *list, *client;
    } cases[] = {
        { "9.9.9.9", "9.9.9.9" }, { "6.6.6.6, 9.9.9.9", "9.9.9.9" },
        { "6.6.6.6, 9.9.9.9, 10.0.0.1, 10.0.0.2", "9.9.9.9" }, { "10.0.0.1, 10.0.0.2", "10.0.0.1" },
        { "6.6.6.6, unknown, 10.0.0.2", "10.0.0.2" }, { "6.6.6.6, unknown", "-" },
        { "6.6.6.6,", "-" }, { "", "-" },
    };
    struct networks *trusted = bide__networks_read("10.0.0.0/8");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hops hops = { .count = 0 };
        bide__forwarded_for_read(&hops, text_from(cases[i].list));
        size_t client = bide__hops_client(&hops, trusted);
        CHECK_STR(client < hops.count ? address(hop_at(&hops, client)) : "-", cases[i].client);
    }
    bide__free(trusted);
}

TEST(items_of_a_list_are_found_by_place)
{
    size_t count;
    CHECK(bide__text_is(bide__forwarded_item(text_from(" a ,b,, c"), 0, &count), "a"));
    CHECK_EQ(count, 4);
    CHECK(bide__text_is(bide__forwarded_item(text_from(" a ,b,, c"), 3, &count), "c"));
    CHECK(bide__forwarded_item(text_from("a"), 1, &count).at == NULL);
    CHECK_EQ(count, 1);
}
