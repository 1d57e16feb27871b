/* bide/resolve.h -- addresses, and which of them a name has.
 *
 * Numbers and localhost are known at once, and so is what stands in /etc/hosts; other names are
 * asked of the name servers, without threads, or, where bide was built without c-ares or the
 * system's configuration (nsswitch.conf) names a source that only it knows, by getaddrinfo() on
 * threads.  Each loop remembers answers for as long as they are good for; tasks that ask for one
 * name at a time share one look-up, which ends when the last of them is cancelled. */
#ifndef BIDE_RESOLVE_H
#define BIDE_RESOLVE_H
#include <bide/base.h>
#include <netinet/in.h>
#include <sys/socket.h>
BIDE_BEGIN_

/* How many addresses of a name are kept. */
#define BIDE_ADDRESSES_MAX 16
/* Room for an address as text, "[::1]:80", with its NUL. */
#define BIDE_ADDRESS_TEXT 64
/* Room for a name with its NUL. */
#define BIDE_NAME_TEXT 256

/* An IP address and a port, as the system's calls want it. */
struct bide_address {
    socklen_t size;             /* of what `is` holds; 0: nothing */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } is;
};
/* What a name has. */
struct bide_addresses { int count; struct bide_address list[BIDE_ADDRESSES_MAX]; };

/* Options of bide_resolve(). */
struct bide_resolve_opts {
    size_t abi_;
    struct bide_addresses *found;       /* where the addresses go */
    int family;                 /* AF_INET or AF_INET6 alone; default both */
    uint16_t port;              /* goes into each of them; default 0 */
    bool fresh;                 /* nothing that is remembered will do */
};
/* bide_resolve("example.org", &found, .port = 80): the addresses of a name, the likeliest to
 * work first (RFC 6724), at least one: 0.  If those of one family have come and the other's
 * have not, it goes on with them after 50 ms.  < 0: BIDE_EDNS with the reason, BIDE_EINVAL (no
 * such family), BIDE_ENOMEM, BIDE_ECANCELED.  Counterpart: loop.getaddrinfo(). */
#define bide_resolve(name_, ...) \
    bide_resolve_opts(name_, BIDE_OPTS_(bide_resolve_opts, .found = __VA_ARGS__))
BIDE_WAITS int bide_resolve_opts(const char *name, const struct bide_resolve_opts *opts);

/* Options of bide_resolver_set(). */
struct bide_resolver_opts {
    size_t abi_;
    const char *servers;        /* "9.9.9.9 [::1]:5353": name servers, at most 8; default: those
                                   of /etc/resolv.conf */
    const char *search;         /* "corp.example example": domains to try with a short name; "":
                                   none; default: those of /etc/resolv.conf */
    const char *hosts;          /* a file like /etc/hosts, which is the default; "": none */
    bool system;                /* asks getaddrinfo() on threads, at most 4 per process */
    double timeout;             /* seconds for a server's answer, doubled each round; default 2 */
    int tries;                  /* rounds of all servers; default 3 */
    double ttl_max;             /* the longest that addresses are remembered, in seconds; default
                                   300.  getaddrinfo's have no time of their own: at most 10 */
    double negative_ttl_max;    /* the same for "there is no such name"; default 10 */
    size_t names_max;           /* names remembered; the one unused longest goes; default 1000 */
    bool no_cache;              /* remembers nothing */
};
/* Sets how this loop looks names up from now on, and forgets what it remembers; what is not
 * named is the default.  0; BIDE_EINVAL (a server that is no address), BIDE_EPERM outside of a
 * loop, BIDE_ENOMEM, -ENOSYS (servers or search, where bide was built without c-ares).
 * Counterpart: TCPConnector(resolver=, ttl_dns_cache=). */
#define bide_resolver_set(...) \
    bide_resolver_set_opts(BIDE_OPTS_(bide_resolver_opts, .servers = __VA_ARGS__))
int bide_resolver_set_opts(const struct bide_resolver_opts *opts);

/* Reads "127.0.0.1:80", "[::1]:80", or a number without port: 0, or BIDE_EINVAL. */
int bide_address_read(struct bide_address *address, const char *text);
/* Writes "127.0.0.1:80" or "[::1]:80" and returns text; "" for what is not IP. */
const char *bide_address_text(const struct bide_address *address, char text[BIDE_ADDRESS_TEXT]);

BIDE_END_
#endif
