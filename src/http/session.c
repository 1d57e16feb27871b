/* Opening and closing. */
#include "http/session.h"

#include "base/memory.h"
#include "http/cookies.h"
#include "http/call.h"
#include "http/session_options.h"

#include <bide/run.h>

static void free_session(struct bide_session *s)
{
    bide__pool_free(&s->pool);
    bide__response_free_spares(s);
    while (s->spare_calls) {
        struct call *call = s->spare_calls;
        s->spare_calls = call->next_spare;
        bide__free(call);
    }
    bide__scratch_end(&s->memory);
    bide__memo_end(&s->memo);
    bide__cookies_unref(s->cookies);
    bide__auth_cache_end(&s->auths);
    bide__free(s->netrc);
    bide__free(s);
}

static int set_cookies(struct bide_session *s)
{
    if (s->o.no_cookies)
        return 0;
    s->cookies = s->o.cookies ? bide__cookies_ref(s->o.cookies) : bide_cookies_new();
    return s->cookies ? 0 : BIDE_ENOMEM;
}

bide_session *bide_session_open_opts(const struct bide_session_opts *opts)
{
    struct bide_session *s = bide__zalloc(sizeof *s);
    if (!s) {
        bide_fail(BIDE_ENOMEM, "out of memory for a session");
        return NULL;
    }
    s->users = 1;
    s->random = (uint64_t)(uintptr_t)s ^ (uint64_t)(bide_now() * 1e9);
    bide__scratch_start(&s->memory, s->space, sizeof s->space);
    int rc = bide__session_take_options(s, opts);
    if (rc == 0)
        rc = set_cookies(s);
    s->pool.on_wait = s->o.trace ? bide__call_tell_queued : NULL;
    if (rc == 0 && bide__pool_open(&s->pool) < 0)
        rc = bide_fail(BIDE_ENOMEM, "out of memory for a session");
    if (rc == 0)
        return s;
    free_session(s);
    return NULL;
}

/* ---- visits ---- */

void bide__session_enter(struct bide_session *s, struct visit *visit, bide_scope *scope)
{
    visit->scope = scope;
    visit->ended = false;
    visit->prev = NULL;
    visit->next = s->visits;
    if (s->visits)
        s->visits->prev = visit;
    s->visits = visit;
}

int bide__session_leave(struct bide_session *s, struct visit *visit, int rc)
{
    *(visit->prev ? &visit->prev->next : &s->visits) = visit->next;
    if (visit->next)
        visit->next->prev = visit->prev;
    if (visit->ended && rc == BIDE_ECANCELED)
        return bide_fail(BIDE_ECLOSED, "the session was closed");
    return rc;
}

void bide__session_release(struct bide_session *s)
{
    if (--s->users == 0)
        free_session(s);
}

bide_cookies *bide_session_cookies(const bide_session *s)
{
    return s ? s->cookies : NULL;
}

size_t bide_session_connections(const bide_session *s)
{
    return s ? s->pool.open : 0;
}

void bide_session_close(bide_session *s)
{
    if (!s || s->closed)
        return;
    s->closed = true;
    bide__pool_close(&s->pool);
    for (struct visit *visit = s->visits; visit; visit = visit->next) {
        visit->ended = true;
        bide_scope_cancel(visit->scope);
    }
    bide__session_release(s);
}
