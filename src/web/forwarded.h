/* What proxies tell of a request: Forwarded (RFC 7239), and the X-Forwarded-... that came before.
 *
 * Each proxy appends who it got the request from.  So the last entry is by the peer; an entry is to
 * be believed if all behind it name proxies that are trusted.  Entries further left may be the
 * client's own words. */
#ifndef BIDE_WEB_FORWARDED_H
#define BIDE_WEB_FORWARDED_H

#include "web/networks.h"

enum { HOPS_MAX = 32 };         /* of more, the last ones count */

/* One entry; what it does not tell has `at` NULL. */
struct hop {
    bool known;                 /* it has an address */
    struct ip from;
    struct text proto, host;    /* of quoted strings: what is between the quotes */
};

struct hops {
    size_t count, begin;        /* how many; where in the ring the first is */
    struct hop ring[HOPS_MAX];  /* in the order of the header */
};

static inline const struct hop *hop_at(const struct hops *hops, size_t i)
{
    return &hops->ring[(hops->begin + i) % HOPS_MAX];
}

/* Appends the entries of a Forwarded header; false: it is malformed, and nothing of it counts. */
bool bide__forwarded_read(struct hops *hops, struct text value);
/* Appends those of X-Forwarded-For; what is no address is an entry that is not known. */
void bide__forwarded_for_read(struct hops *hops, struct text value);
/* "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80", "2001:db8::1": false, it is none of them. */
bool bide__forwarded_node(struct ip *ip, struct text node);
/* The one at that place, from 0, in a list with commas; at NULL: there is none.  *count: how many
 * there are. */
struct text bide__forwarded_item(struct text list, size_t place, size_t *count);

/* Whom to believe: the place of the entry that is the client's, which is the last one that is not
 * of a trusted proxy, or the first; `count` if there is none that can be believed. */
size_t bide__hops_client(const struct hops *hops, const struct networks *trusted);

#endif
