/* Asking one service: its room, the caller's deadline, and what to say when it fails. */
#include "backend.h"
#include <stdio.h>
#include <string.h>

/* A deadline travels as the seconds that are left, not as a time of day: clocks differ. */
BIDE_WAITS static int get(struct call *call)
{
    char url[512], left[32];
    bide_auto(permit) permit = bide_semaphore_acquire(&call->backend->room);
    if (!permit)
        return bide_errcode();
    snprintf(url, sizeof url, "%s/%s/%s", call->backend->url, call->backend->name, call->user);
    snprintf(left, sizeof left, "%.3f", bide_time_left());
    call->response = bide_get(call->session, url,
                              .headers = BIDE_PAIRS({ "X-Request-Timeout", left },
                                                    { "X-Request-Id", call->request_id }));
    if (bide_response_check(call->response) < 0)
        return bide_errcode();
    const bide_json *answer = bide_response_json(call->response);
    if (!answer)
        return bide_errcode();
    call->answer = answer;
    return 0;
}

static const char *reason(const struct call *call, int code)
{
    if (code == BIDE_ETIMEDOUT)
        return "it took too long";
    if (call->response && bide_response_status(call->response) >= 400)
        return "it answered with an error";
    if (call->response)
        return "its answer makes no sense";
    return "it cannot be reached";
}

int call_make(void *arg)
{
    struct call *call = arg;
    BIDE_TIMEOUT(deadline, call->seconds);
    int rc = bide_scope_result(deadline, get(call));
    if (rc == BIDE_ECANCELED)
        return rc;                      /* nobody waits any more; that is not the service's fault */
    call->backend->answered += rc == 0;
    call->backend->failed += rc < 0;
    if (rc < 0) {
        call->why = reason(call, rc);
        bide_log(BIDE_LOG_WARNING, "%s: %s: %s", call->request_id, call->backend->name,
                 bide_errmsg());
    }
    return rc;
}

void call_end(struct call *call)
{
    bide_response_close(call->response);
}

bool backend_read(struct backend *backend, char *text, size_t limit)
{
    char *mark = strchr(text, '=');
    if (!mark || mark == text || strncmp(mark + 1, "http", 4) != 0)
        return false;
    *mark = '\0';
    *backend = (struct backend){ .name = text, .url = mark + 1, .limit = limit,
                                 .room = BIDE_SEMAPHORE(limit) };
    return true;
}

size_t backend_running(const struct backend *backend)
{
    return backend->limit - bide_semaphore_free(&backend->room);
}
