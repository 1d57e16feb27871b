/* Which of several addresses goes first: RFC 6724, section 6.
 *
 * The rules that look at source and destination together (can it be reached, do scope and label
 * fit) decide between IPv6 and IPv4 and between private and public ones; then precedence, which
 * prefers IPv6, then the smaller scope.  Rule 9, the longest common prefix, is left out: it would
 * undo the order in which a name server deals out its machines.  The source is what the system
 * gives to a UDP socket that is connected there, which sends nothing. */
#include "base/sys.h"
#include "net/address.h"
#include <string.h>

/* RFC 6724, section 2.1: the longest prefix that matches. */
static const struct policy {
    uint8_t prefix[16];
    unsigned bits, precedence, label;
} policies[] = {
    { { [15] = 1 }, 128, 50, 0 },                               /* ::1 */
    { { [10] = 0xff, [11] = 0xff }, 96, 35, 4 },                /* IPv4 */
    { { 0 }, 96, 1, 3 },                                        /* ::/96, IPv4-compatible */
    { { 0x20, 0x01, 0, 0 }, 32, 5, 5 },                         /* Teredo */
    { { 0x20, 0x02 }, 16, 30, 2 },                              /* 6to4 */
    { { 0x3f, 0xfe }, 16, 1, 12 },                              /* 6bone */
    { { 0xfe, 0xc0 }, 10, 1, 11 },                              /* site-local, once */
    { { 0xfc }, 7, 3, 13 },                                     /* private */
    { { 0 }, 0, 40, 1 },
};
enum { LINK_LOCAL = 2, SITE_LOCAL = 5, GLOBAL = 14 };

static void as_v6(const struct bide_address *a, uint8_t to[16])
{
    memset(to, 0, 16);
    if (a->is.any.sa_family == AF_INET6) {
        memcpy(to, &a->is.v6.sin6_addr, 16);
        return;
    }
    to[10] = to[11] = 0xff;
    memcpy(to + 12, &a->is.v4.sin_addr, 4);
}

static bool matches(const uint8_t a[16], const uint8_t prefix[16], unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(a, prefix, whole) != 0)
        return false;
    return !rest || ((a[whole] ^ prefix[whole]) & (0xff << (8 - rest) & 0xff)) == 0;
}

static const struct policy *policy_of(const uint8_t a[16])
{
    const struct policy *p = policies;
    while (!matches(a, p->prefix, p->bits))
        p++;
    return p;
}

/* IPv4's loopback and 169.254/16 are link-local, RFC 6724, section 3.2. */
static unsigned scope_of_address(const uint8_t a[16])
{
    if (matches(a, policies[1].prefix, policies[1].bits))
        return a[12] == 127 || (a[12] == 169 && a[13] == 254) ? LINK_LOCAL : GLOBAL;
    if (a[0] == 0xff)
        return a[1] & 0xf;
    if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80)
        return LINK_LOCAL;
    if (matches(a, policies[0].prefix, 128))
        return LINK_LOCAL;
    return a[0] == 0xfe && (a[1] & 0xc0) == 0xc0 ? SITE_LOCAL : GLOBAL;
}

/* What the system would send from; false: it would not at all. */
static bool find_source(const struct bide_address *to, struct bide_address *source)
{
    struct bide_address there = *to;
    source->size = sizeof source->is;
    if (!there.is.v4.sin_port)
        bide__address_set_port(&there, 53);
    int fd = bide__sys.socket(to->is.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool found = bide__sys.connect(fd, &there.is.any, there.size) == 0 &&
                 getsockname(fd, &source->is.any, &source->size) == 0;
    bide__sys.close(fd);
    return found;
}

unsigned bide__address_rank(const struct bide_address *a)
{
    struct bide_address source;
    uint8_t to[16], from[16];
    as_v6(a, to);
    const struct policy *policy = policy_of(to);
    unsigned scope = scope_of_address(to);
    unsigned rank = (63 - policy->precedence) << 4 | scope;
    if (!find_source(a, &source))
        return rank | 1 << 14;
    as_v6(&source, from);
    rank |= (unsigned)(scope_of_address(from) != scope) << 13;
    return rank | (unsigned)(policy_of(from)->label != policy->label) << 12;
}

unsigned bide__addresses_sort(struct bide_address *list, int count)
{
    unsigned ranks[BIDE_ADDRESSES_MAX] = { 0 };
    for (int i = 0; i < count && i < BIDE_ADDRESSES_MAX; i++) {
        struct bide_address a = list[i];
        unsigned rank = bide__address_rank(&a);
        int to = i;
        for (; to > 0 && ranks[to - 1] > rank; to--) {
            ranks[to] = ranks[to - 1];
            list[to] = list[to - 1];
        }
        ranks[to] = rank;
        list[to] = a;
    }
    return ranks[0];
}
