/* A session: its options, its pool, and who is inside one of its calls.
 *
 * Closing never waits and may come while calls run or responses are open: it cancels the
 * calls (they fail with BIDE_ECLOSED), and the memory goes with the last of them. */
#ifndef BIDE_HTTP_SESSION_H
#define BIDE_HTTP_SESSION_H

#include "http/auth.h"
#include "http/head_memo.h"
#include "http/pool.h"
#include "http/scratch.h"

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
    SESSION_SPARE_MAX = 64,     /* responses, and calls, kept for the next */
    SESSION_REDIRECT_MAX = 10,
};

struct bide_session {
    struct pool pool;
    struct bide_session_opts o; /* with every default filled in; its texts lie in memory */
    struct head_limits limits;
    struct url_known known;     /* of the last call */
    struct url base;            /* of o.base_url, if there is one */
    struct bide_pair *headers;  /* sent with every request; ends with {NULL, NULL} */
    bool has_secrets;           /* some of them stay with their origin */
    struct scratch memory;
    struct head_memo memo;      /* of replies */
    struct bide_cookies *cookies;       /* the jar; NULL: none */
    struct auth_cache auths;    /* what servers have told of how to ask them */
    char *netrc;                /* its text, once it was needed */
    struct call *spare_calls;   /* for the next ones */
    struct bide_response *spare;
    size_t spare_count, spare_call_count;
    struct visit *visits;
    size_t users;               /* open responses, and one for the session itself */
    uint64_t random;            /* for retry delays */
    uint64_t calls;             /* so far: the number of each */
    bool closed;
    char space[512];            /* where memory begins */
};

void bide__session_enter(struct bide_session *s, struct visit *visit, bide_scope *scope);
/* Ends the visit.  rc, or BIDE_ECLOSED if that is why the call was cancelled. */
int bide__session_leave(struct bide_session *s, struct visit *visit, int rc);
/* From its options: the proxy, and how connections are made; 0, or < 0. */
int bide__session_set_ways(struct bide_session *s);
/* One user less; the last one frees it. */
void bide__session_release(struct bide_session *s);
/* Calls the session's trace function, which there must be. */
void bide__session_tell(struct bide_session *s, uint64_t call, enum bide_trace_kind kind,
                        const char *text, int64_t number);

/* Tells what happens to a call, if anybody wants to know; nobody does once the session was closed,
 * for what the function works on need not outlive that. */
static inline void session_trace(struct bide_session *s, uint64_t call, enum bide_trace_kind kind,
                                 const char *text, int64_t number)
{
    if (s->o.trace && !s->closed)
        bide__session_tell(s, call, kind, text, number);
}

#endif
