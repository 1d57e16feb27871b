/* Addresses that are trusted: numbers, networks, and Unix sockets as a whole. */
#ifndef BIDE_WEB_NETWORKS_H
#define BIDE_WEB_NETWORKS_H

#include "http/chars.h"

enum {
    ADDRESS_TEXT = 46,          /* an address as a text, with its NUL */
    NETWORKS_MAX = 1024,
};

/* An IPv6 address, or an IPv4 one as ::ffff:a.b.c.d. */
struct ip {
    uint8_t bytes[16];
};

struct network {
    struct ip first;
    unsigned bits;              /* of first that count */
};

struct networks {
    bool unix_too;              /* "unix": who comes through a Unix socket */
    bool forwarded;             /* "forwarded": the header Forwarded is the one to believe */
    size_t count;
    struct network list[];
};

/* "192.0.2.1", "2001:db8::1": false, it is neither. */
bool bide__ip_read(struct ip *ip, struct text text);
/* The shortest form; that of IPv4 where it is one. */
void bide__ip_write(char out[ADDRESS_TEXT], const struct ip *ip);
/* Reads "127.0.0.1, 10.0.0.0/8, fd00::/8, unix, forwarded": to be freed with bide__free().  NULL:
 * BIDE_EINVAL or BIDE_ENOMEM, held. */
struct networks *bide__networks_read(const char *list);
bool bide__networks_have(const struct networks *networks, const struct ip *ip);

#endif
