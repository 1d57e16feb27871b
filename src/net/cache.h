/* What a loop knows of names, and what it is asking: one table for both, so that who asks for a
 * name meanwhile joins in.
 *
 * A name has two halves, IPv4 and IPv6, which come apart and are good for as long as their own
 * answers say.  A half that was answered counts while its time lasts, and also while a question
 * of its name is under way, so that an answer that is good for no time at all still serves those
 * who waited for it.  The table is a loop's: no lock, times by the loop's clock, and nothing to
 * be asked of other threads; loops of one program ask once each. */
#ifndef NET_CACHE_H
#define NET_CACHE_H
#include "core/park.h"
#include "net/address.h"

struct resolver;
struct question;
struct name;

enum { HALF_V4, HALF_V6, HALVES, BOTH_HALVES = 3 };     /* a set of them: 1 << HALF_... */
struct half {
    struct question *asking;    /* NULL: nobody is asked */
    struct bide_address *list;
    int count;
    unsigned rank;              /* of its best address; between halves the lower goes first */
    bool answered;
    int code;                   /* why there is none, < 0 */
    const char *why;            /* the same in words; static */
    int64_t until_ns;           /* good until then */
};
struct name {
    struct name *next;          /* in its chain */
    struct name *older, *newer; /* by use */
    struct waitlist waiters;    /* struct want */
    struct half half[HALVES];
    bool late;                  /* what has come will do */
    char text[];                /* in lower case */
};
/* Who waits for a name; on its stack. */
struct want {
    struct wait wait;           /* first */
    unsigned halves;
    struct bide_addresses *found;
    int code;
    const char *why;
};
/* One question to the outside, for some halves of a name; the first member of what asks. */
struct question {
    struct name *name;          /* NULL: nobody wants the answer */
    unsigned halves;
    void (*stop)(struct question *q);   /* nobody waits any more; must not wait */
};

enum { CHAINS = 256 };
struct cache {
    struct name *chains[CHAINS], *oldest, *newest;
    size_t count, max;          /* max 0: what is not being asked for is forgotten */
};

/* The name, made if it is not there, as the one used last; NULL: out of memory. */
struct name *bide__cache_find(struct cache *c, const char *text);
/* Forgets it, if nobody waits and nothing is worth remembering; makes room where there are too
 * many. */
void bide__cache_settle(struct cache *c, struct name *n);
void bide__cache_clear(struct cache *c);

/* An answer: the addresses (copied; without ports), or none and why. */
void bide__half_answer(struct half *h, const struct bide_addresses *found, unsigned rank, int code,
                       const char *why, double seconds);
void bide__half_forget(struct half *h);
/* The halves of a set that are neither known nor asked for. */
unsigned bide__name_unknown(const struct name *n, unsigned halves);
/* Is what is known enough for these halves?  Then it is taken out into *w. */
bool bide__name_take(const struct name *n, struct want *w);
/* Something was answered: who has enough gets it. */
void bide__name_tell(struct name *n);
/* Nobody waits: ends its questions. */
void bide__name_stop(struct name *n);

#endif
