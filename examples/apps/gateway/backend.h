/* backend.h -- one service behind the gateway, and one call of it.
 *
 * A backend has room for so many calls at once; who finds none waits in line, within its time.
 * So one slow service fills its own room, and not the whole gateway. */
#ifndef BACKEND_H
#define BACKEND_H
#include <bide.h>

struct backend {
    const char *name, *url;     /* "orders", "http://10.0.0.7:9000" */
    size_t limit;               /* calls at once */
    bide_semaphore room;
    size_t answered, failed;
};

/* What is asked, and what came of it. */
struct call {
    struct backend *backend;
    bide_session *session;
    const char *user, *request_id;
    double seconds;             /* the caller's patience */
    bide_response *response;
    const bide_json *answer;    /* the response's; NULL: there is none, and why says it */
    const char *why;            /* for whoever asked the gateway: nothing of the inside */
};

/* Makes the call, as a task of its own: 0, or why there is no answer. */
BIDE_WAITS int call_make(void *call);
void call_end(struct call *call);

/* "orders=http://10.0.0.7:9000", which is taken apart in place; false: it is none. */
bool backend_read(struct backend *backend, char *text, size_t limit);
/* Calls that run now. */
size_t backend_running(const struct backend *backend);

#endif
