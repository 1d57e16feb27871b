/* A session: its options, its pool, and who is inside one of its calls.
 *
 * Closing never waits and may come while calls run or responses are open: it cancels the
 * calls (they fail with BIDE_ECLOSED), and the memory goes with the last of them. */
#ifndef BIDE_HTTP_SESSION_H
#define BIDE_HTTP_SESSION_H

#include "http/head.h"
#include "http/pool.h"

#include <bide/http.h>
#include <bide/scope.h>

/* One call that is inside the session; lies on the caller's stack. */
struct visit {
    struct visit *next, *prev;
    bide_scope *scope;          /* around all that the call waits for */
    bool ended;                 /* the session was closed meanwhile */
};

enum {
    SESSION_LIMIT = 100,
    SESSION_BODY_MAX = 64 << 20,
    SESSION_SPARE_MAX = 64,     /* responses kept for the next calls */
};

struct bide_session {
    struct pool pool;
    struct bide_timeouts timeouts;
    struct head_limits limits;
    size_t body_max;
    char *base_text;            /* what base points into */
    struct url base;
    struct bide_pair *headers;  /* sent with every request; ends with {NULL, NULL} */
    struct bide_response *spare;
    size_t spare_count;
    struct visit *visits;
    size_t users;               /* open responses, and one for the session itself */
    uint64_t random;            /* for retry delays */
    bool closed;
};

void bide__session_enter(struct bide_session *s, struct visit *visit, bide_scope *scope);
/* Ends the visit.  rc, or BIDE_ECLOSED if that is why the call was cancelled. */
int bide__session_leave(struct bide_session *s, struct visit *visit, int rc);
/* One user less; the last one frees it. */
void bide__session_release(struct bide_session *s);

#endif
