/* tests/net/test_address.c -- addresses taken apart and written down. */
#include "test.h"

#include "net/address.h"

#include <bide/error.h>
#include <stdio.h>
#include <string.h>

TEST(host_and_port_are_taken_apart)
{
    static const struct { const char *text, *host; int port; } good[] = {
        { "example.org:80", "example.org", 80 },
        { "127.0.0.1:0", "127.0.0.1", 0 },
        { "[::1]:65535", "::1", 65535 },
        { "[fe80::1%lo]:1", "fe80::1%lo", 1 },
        { "a:00080", "a", 80 },
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char host[HOST_SIZE];
        uint16_t port;
        CHECK_EQ(bide__address_split(good[i].text, host, &port), 0);
        CHECK_STR(host, good[i].host);
        CHECK_EQ(port, good[i].port);
    }
}

TEST(what_is_no_address_is_refused_by_name)
{
    static const char *const bad[] = {
        "", "example.org", ":80", "a:", "a:b", "a:65536", "a:99999999999", "a:-1", "a:+1", "a: 1",
        "::1:80", "[::1:80", "[::1]80", "[::1]", "[]:80", "[", "]:1", "a:1 ", "1:2:3", NULL,
    };
    char host[HOST_SIZE], expected[80], large[400];
    uint16_t port;
    for (int i = 0; bad[i]; i++) {
        if (strcmp(bad[i], "]:1") == 0)
            continue;           /* a host like any other; it will not resolve */
        CHECK_EQ(bide__address_split(bad[i], host, &port), BIDE_EINVAL);
        snprintf(expected, sizeof expected, "address '%s': ", bad[i]);
        CHECK_HAS(bide_errmsg(), expected);
    }
    CHECK_EQ(bide__address_split(NULL, host, &port), BIDE_EINVAL);
    memset(large, 'a', sizeof large);
    memcpy(large + 256, ":80", 4);
    CHECK_EQ(bide__address_split(large, host, &port), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "too long");
    memcpy(large + 255, ":80", 4);
    CHECK_EQ(bide__address_split(large, host, &port), 0);
}

TEST(numbers_are_written_as_they_are_read)
{
    static const struct { const char *host, *text; } same[] = {
        { "127.0.0.1", "127.0.0.1:8080" }, { "255.255.255.255", "255.255.255.255:8080" },
        { "::1", "[::1]:8080" }, { "::", "[::]:8080" }, { "2001:DB8::0:1", "[2001:db8::1]:8080" },
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct bide_address a;
        char text[SOCKADDR_TEXT];
        CHECK(bide__address_of_number(same[i].host, 8080, &a));
        CHECK_EQ(bide__sockaddr_format(&a.is.any, text), strlen(same[i].text));
        CHECK_STR(text, same[i].text);
    }
}

TEST(other_ways_of_writing_numbers_are_none)
{
    static const char *const names[] = { "127.1", "0x7f000001", "127.0.0.1.", "1.2.3.256", "1",
                                         "::g", "[::1]", "", "010.0.0.1" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct bide_address a;
        CHECK(!bide__address_of_number(names[i], 1, &a));
    }
}

TEST(localhost_is_this_machine)
{
    struct bide_addresses list;
    char text[SOCKADDR_TEXT];
    static const char *const names[] = { "localhost", "LocalHost", "localhost.", "a.localhost" };
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(bide__address_local(names[i], 7, &list), 2);
        bide__sockaddr_format(&list.list[0].is.any, text);
        CHECK_STR(text, "127.0.0.1:7");
        bide__sockaddr_format(&list.list[1].is.any, text);
        CHECK_STR(text, "[::1]:7");
    }
    CHECK_EQ(bide__address_local("notlocalhost", 7, &list), 0);
    CHECK_EQ(bide__address_local("localhost.org", 7, &list), 0);
    CHECK_EQ(bide__address_local("", 7, &list), 0);
    CHECK_EQ(bide__address_local("10.0.0.1", 7, &list), 1);
}
