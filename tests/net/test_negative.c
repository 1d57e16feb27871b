/* tests/net/test_negative.c -- how long "no such name" is good for. */
#include "test.h"

#include "net/negative.h"

#include <string.h>

/* NXDOMAIN for a.b, with a SOA record of b: TTL 60, minimum 5. */
static const uint8_t answer[] = {
    0, 1, 0x81, 0x83, 0, 1, 0, 0, 0, 1, 0, 0,
    1, 'a', 1, 'b', 0, 0, 1, 0, 1,
    0xc0, 14, 0, 6, 0, 1, 0, 0, 0, 60, 0, 25,
    1, 'n', 0xc0, 14, 0,
    0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 5,
};

TEST(the_smaller_of_time_and_minimum_counts)
{
    uint8_t m[sizeof answer];
    memcpy(m, answer, sizeof m);
    CHECK_EQ(bide__negative_ttl(m, sizeof m), 5);
    m[sizeof m - 1] = 90;
    CHECK_EQ(bide__negative_ttl(m, sizeof m), 60);
    m[sizeof m - 4] = 0xff;
    m[27] = 0xff;
    CHECK_EQ(bide__negative_ttl(m, sizeof m), 0);       /* more than RFC 2181 allows */
}

TEST(what_is_cut_short_is_good_for_no_time)
{
    uint8_t m[sizeof answer];
    memcpy(m, answer, sizeof m);
    for (size_t size = 0; size < sizeof m; size++)
        CHECK_EQ(bide__negative_ttl(m, size), 0);
}

TEST(a_soa_record_among_the_answers_does_not_count)
{
    uint8_t m[sizeof answer];
    memcpy(m, answer, sizeof m);
    m[7] = 1;
    m[9] = 0;
    CHECK_EQ(bide__negative_ttl(m, sizeof m), 0);
}
