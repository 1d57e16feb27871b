/* tests/net/test_order.c -- which address goes first, RFC 6724. */
#include "test.h"

#include "base/sys.h"
#include "net/address.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A system that has these addresses of its own: which one it would send from. */
static const char *const *sources;
static struct sys real;

static int fake_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    struct bide_address from;
    for (const char *const *s = sources; *s; s++) {
        CHECK_EQ(bide_address_read(&from, *s), 0);
        if (from.is.any.sa_family == address->sa_family)
            return real.connect(fd, address, size);
    }
    errno = ENETUNREACH;
    return -1;
}

static void sorted(const char *const *own, const char *texts, const char *expected)
{
    struct bide_addresses list = { .count = 0 };
    char all[512] = "", text[BIDE_ADDRESS_TEXT], copy[512], *state;
    sources = own;
    real = bide__sys;
    bide__sys.connect = fake_connect;
    snprintf(copy, sizeof copy, "%s", texts);
    for (char *word = strtok_r(copy, " ", &state); word; word = strtok_r(NULL, " ", &state))
        CHECK_EQ(bide_address_read(&list.list[list.count++], word), 0);
    bide__addresses_sort(list.list, list.count);
    bide__sys = real;
    for (int i = 0; i < list.count; i++) {
        bide_address_text(&list.list[i], text);
        strcat(strcat(all, i ? " " : ""), text);
    }
    CHECK_STR(all, expected);
}

TEST(a_family_that_cannot_be_reached_goes_last)
{
    static const char *const four[] = { "127.0.0.1", NULL }, *const six[] = { "::1", NULL };
    sorted(four, "[::1]:1 127.0.0.1:1", "127.0.0.1:1 [::1]:1");
    sorted(six, "127.0.0.1:1 [::1]:1", "[::1]:1 127.0.0.1:1");
}

TEST(where_both_are_reached_ipv6_goes_first)
{
    static const char *const both[] = { "127.0.0.1", "::1", NULL };
    sorted(both, "127.0.0.1:1 [::1]:1", "[::1]:1 127.0.0.1:1");
}

TEST(equals_stay_as_the_name_server_dealt_them)
{
    static const char *const both[] = { "127.0.0.1", "::1", NULL };
    sorted(both, "127.0.0.3:1 127.0.0.1:1 127.0.0.2:1", "127.0.0.3:1 127.0.0.1:1 127.0.0.2:1");
}

TEST(without_any_source_precedence_and_scope_decide)
{
    static const char *const none[] = { NULL };
    sorted(none, "192.0.2.1:1 [2001:db8::1]:1 [fd00::1]:1 [2002::1]:1 [2001::1]:1 [::1]:1",
           "[::1]:1 [2001:db8::1]:1 192.0.2.1:1 [2002::1]:1 [2001::1]:1 [fd00::1]:1");
    sorted(none, "[2001:db8::1]:1 [fe80::1]:1", "[fe80::1]:1 [2001:db8::1]:1");
}

static int no_socket(int family, int type, int protocol)
{
    (void)family, (void)type, (void)protocol;
    errno = EMFILE;
    return -1;
}

TEST(out_of_descriptors_precedence_is_left)
{
    struct bide_addresses list = { .count = 2 };
    CHECK_EQ(bide_address_read(&list.list[0], "127.0.0.1"), 0);
    CHECK_EQ(bide_address_read(&list.list[1], "::1"), 0);
    bide__sys.socket = no_socket;
    bide__addresses_sort(list.list, 2);
    CHECK_EQ(list.list[0].is.any.sa_family, AF_INET6);
}
