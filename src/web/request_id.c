/* A proxy's id, so that one request has one name in all logs; else a random one.  It is no secret,
 * so it costs no system call: each worker draws from a generator that began with a random
 * number. */
#include "web/request_id.h"

#include "base/random.h"
#include "web/request.h"
#include "web/worker.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static bool is_id(const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        char c = char_lower(text[i]);
        if (!char_is(c, CHAR_DIGIT) && (c < 'a' || c > 'z') && !strchr("-_.", c))
            return false;
    }
    return size > 0 && size <= REQUEST_ID_MAX;
}

static uint64_t draw(struct bide_worker *worker)
{
    uint64_t *state = &worker->lifecycle.ids;
    if (*state == 0 && getrandom(state, sizeof *state, GRND_NONBLOCK) != sizeof *state)
        *state = (uint64_t)(uintptr_t)worker ^ (uint64_t)(bide_now() * 1e9);
    return bide__random(state);
}

const char *bide_request_id(bide_request *req)
{
    enum { SIZE = 33 };
    if (req->id)
        return req->id;
    const char *given = req->text ? bide_request_header(req, "X-Request-Id") : NULL;
    if (given && is_id(given) && bide__request_is_proxied(req))
        return req->id = given;
    char *id = bide__scratch_take(&req->scratch, SIZE);
    if (!id)
        return "";
    snprintf(id, SIZE, "%016llx%016llx", (unsigned long long)draw(req->worker),
             (unsigned long long)draw(req->worker));
    return req->id = id;
}
