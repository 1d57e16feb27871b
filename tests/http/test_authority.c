/* Hosts and ports as requests name them. */
#include "test.h"

#include "http/authority.h"

#include <stdlib.h>
#include <string.h>

/* From memory of exactly its size, so that the address sanitizer sees a byte read too many. */
static const char *check(const char *host, size_t size, char *port)
{
    struct text digits;
    char *exact = malloc(size ? size : 1);
    memcpy(exact, host, size);
    const char *why = bide__authority_check(text_of(exact, size), &digits);
    CHECK(size == 0 || why == bide__host_check(text_of(exact, size)));
    strcpy(port, !why && digits.at ? "" : "none");
    if (!why && digits.at)
        strncat(port, digits.at, digits.size);
    free(exact);
    return why;
}

TEST(hosts_with_and_without_ports_are_good)
{
    static const struct { const char *host, *port; } cases[] = {
        { "h", "none" }, { "h:", "" }, { "h:0", "0" }, { "h:65535", "65535" },
        { "a-b.c_d.example.", "none" }, { "~h:080", "080" }, { "127.0.0.1:80", "80" },
        { "[::1]", "none" }, { "[::1]:", "" }, { "[2001:db8::1]:443", "443" },
        { "[::ffff:127.0.0.1]:1", "1" }, { "[fe80::1%eth0]:8080", "8080" },
        { "[fe80::1%25eth0]", "none" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char port[20];
        const char *why = check(cases[i].host, strlen(cases[i].host), port);
        if (why)
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i].host, why);
        CHECK_STR(port, cases[i].port);
    }
}

TEST(what_could_be_routed_elsewhere_is_no_host)
{
    static const struct { const char *host, *why; } cases[] = {
        { ":80", "forbidden" }, { "h:80:81", "port" }, { "h:65536", "port" }, { "h:x", "port" },
        { "h:-1", "port" }, { "h:18446744073709551696", "port" }, { "h:8 0", "port" },
        { "h/a", "forbidden" }, { "u@h", "forbidden" }, { "u:p@h", "port" }, { "h,i", "forbidden" },
        { "h i", "forbidden" }, { "h%2e", "forbidden" }, { "\xc3\xa4", "forbidden" },
        { "::1", "forbidden" }, { "[", "brackets" }, { "[]", "brackets" }, { "[::1", "brackets" },
        { "[::1%]", "brackets" }, { "[::1%e", "brackets" }, { "[host]", "brackets" },
        { "[1.2.3.4]", "brackets" }, { "[::1]x", "forbidden" }, { "[::1]]", "forbidden" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char port[20];
        const char *why = check(cases[i].host, strlen(cases[i].host), port);
        if (!why || !strstr(why, cases[i].why))
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i].host, why ? why : "is good");
    }
}

TEST(only_a_host_header_may_be_empty)
{
    char port[20];
    CHECK_STR(check("", 0, port), "there is no host");
    CHECK(bide__host_check(text_of("", 0)) == NULL);
    CHECK_HAS(check("h\0i", 3, port), "forbidden");
}
