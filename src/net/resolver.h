/* A loop's resolver: what it was told, what it knows, and the two ways of asking.
 *
 * c-ares (net/resolve_ares.c) asks the name servers itself, in tasks of the loop.  getaddrinfo
 * (net/resolve_threads.c) knows every source that the system has, but blocks for many seconds and
 * cannot be interrupted: so on threads, RESOLVER_THREADS per process at most, started when there
 * is something to ask and ended when there is nothing more.  Either takes a question, answers
 * the halves of its name one by one, and ends. */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H
#include "net/cache.h"
#include "net/hosts.h"

enum { RESOLVER_THREADS = 4, SERVERS_MAX = 8 };
struct resolver {
    struct loop_part part;      /* first; the loop's */
    struct cache cache;
    struct hosts_file hosts;
    struct nameservice services;
    bool system;
    double timeout, ttl_max, negative_ttl_max;
    int tries;
    int server_count;           /* 0: the system's */
    struct bide_address servers[SERVERS_MAX];
    char *search;               /* NULL: the system's */
};

/* Asks for these halves of a name: 0, or < 0 with the error held. */
int bide__ask_threads(struct name *n, unsigned halves);
#ifdef BIDE_CARES
enum { KNOWS_SERVERS = 1 };
int bide__ask_servers(struct resolver *r, struct name *n, unsigned halves);
#else
enum { KNOWS_SERVERS = 0 };     /* getaddrinfo takes its own */
static inline int bide__ask_servers(struct resolver *r, struct name *n, unsigned halves)
{
    (void)r;
    return bide__ask_threads(n, halves);
}
#endif
/* Was bide__resolve_with() called? */
bool bide__resolves_with(void);

/* From who asks, on the loop: one half's answer and how many seconds it is good for (limited
 * here); who has enough gets it. */
void bide__resolver_answer(struct question *q, int half, const struct bide_addresses *found,
                           unsigned rank, double seconds);
/* There is none: why in static words; seconds as above. */
void bide__resolver_refuse(struct question *q, int half, int code, const char *why,
                           double seconds);
/* The question is over; its halves that were not answered have failed with this. */
void bide__resolver_end(struct question *q, int code, const char *why);

#endif
