/* cli/frontier.h -- every URL that a crawl has found, and which of them is to be fetched
 * next.
 *
 * Each is known by its index, in the order in which they were found, and is found once.
 * They wait by origin ("http://example.org:80"); of the origins that may be asked now, the
 * one whose first URL was found first is next.  So with one job at a time the order is
 * breadth first, and an origin that must not be asked yet holds nobody up.
 *
 * Memory for a URL is its text and about 80 bytes, for the whole crawl; for an origin a
 * few hundred and its robots.txt.  Pure: no tasks, and time is handed in. */
#ifndef CLI_FRONTIER_H
#define CLI_FRONTIER_H
#include "cli/robots.h"
#include <bide/error.h>
#include <bide/strings.h>

/* URLs deeper than this are never found. */
#define FRONTIER_DEPTH_MAX 65534
/* As a limit of depth: none. */
#define FRONTIER_ANY_DEPTH SIZE_MAX

/* One URL. */
struct frontier_url {
    const char *text;           /* the set's */
    uint32_t next;              /* of the same origin: its index + 1 */
    uint16_t depth;             /* links from a start */
    bool done;
};
enum frontier_state {
    FRONTIER_NEW,               /* nothing is known of it */
    FRONTIER_OPENING,           /* robots.txt is being fetched; nothing else is handed out */
    FRONTIER_OPEN
};
/* One origin. */
struct frontier_host {
    char *name;
    enum frontier_state state;
    struct robots robots;
    struct bide_error error;    /* code < 0: robots.txt could not be had */
    double delay;               /* seconds between two beginnings */
    double next;                /* not before */
    size_t running;
    uint32_t first, last;       /* its waiting URLs: index + 1; 0: none */
    double key;                 /* its place in a heap depends on it */
    bool in_heap;
};
/* Origins by a key, the smallest first. */
struct frontier_heap { struct frontier_host **hosts; size_t count, room; };
/* All. */
struct frontier {
    bide_strset *seen;
    uint64_t cursor;            /* the last URL of the set */
    struct frontier_url *urls;
    size_t count, room;
    size_t waiting;             /* queued, not handed out */
    size_t running;             /* handed out, not done */
    bide_strmap *hosts;
    struct frontier_heap ready; /* by the index of their first URL */
    struct frontier_heap later; /* by when they may be asked again */
    size_t per_host;            /* at once from one origin */
    double delay;               /* of each origin, unless it has its own */
    size_t depth_max;           /* FRONTIER_ANY_DEPTH: no limit */
    size_t *left;               /* with a limit: URLs not done, by depth */
    size_t level;               /* the smallest depth of which some are left */
};

/* Begins with none: 0 or BIDE_ENOMEM.  With a limit of depth, no URL is handed out before
 * all that are less deep are done, so that each has the depth that is really its own. */
int frontier_open(struct frontier *f, size_t per_host, double delay, size_t depth_max);
/* Adds a URL, not queued: 1; 0: it was found before, or is too deep; < 0: BIDE_ENOMEM,
 * BIDE_ELIMIT (2^32 URLs). */
int frontier_add(struct frontier *f, const char *url, size_t size, size_t depth);
/* Was it found? */
bool frontier_has(const struct frontier *f, const char *url);
/* Its index, by looking at all; SIZE_MAX: it was not found. */
size_t frontier_find(const struct frontier *f, const char *url);
/* The origin of that name; NULL: none of its URLs was queued yet. */
const struct frontier_host *frontier_host(const struct frontier *f, const char *origin);
/* Lets the URL wait for its turn at that origin, also one that was done before: 0 or
 * BIDE_ENOMEM. */
int frontier_queue(struct frontier *f, size_t index, const char *origin);
/* Hands out the next URL that may be fetched at that time: 1; 0: none may, now. */
int frontier_take(struct frontier *f, double now, size_t *index, struct frontier_host **host);
/* When the next one may, unless something is done before; BIDE_FOREVER: not before. */
double frontier_next(const struct frontier *f);
/* The origin's robots.txt has been seen to; its first URL is being fetched. */
void frontier_opened(struct frontier *f, struct frontier_host *host, double now);
/* The URL that was handed out is done. */
void frontier_done(struct frontier *f, size_t index, struct frontier_host *host);
/* Frees what it holds. */
void frontier_close(struct frontier *f);

#endif
