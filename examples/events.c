/* Server-sent events, over more than one connection: after an end, or a failure, it asks again for
 * what comes behind the last one that it saw. */
#include "demo.h"

/* Follows the events until the server has no more: how many there were. */
static int follow(bide_session *session, const char *url, char *last, size_t size)
{
    int rc, count = 0;
    struct bide_sse_event event;
    struct bide_pair headers[] = { { *last ? "Last-Event-ID" : NULL, last }, { NULL, NULL } };
    bide_auto(response) response = bide_get(session, url, .headers = headers,
                                            .timeouts = { .total = BIDE_FOREVER });
    if (bide_response_check(response) < 0)
        return bide_errcode();
    while ((rc = bide_response_event(response, &event)) == 1) {
        printf("%s %s: %s\n", event.type, event.id, event.data);
        snprintf(last, size, "%s", event.id);
        count++;
    }
    return rc < 0 ? rc : count;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) session = bide_session_open(.base_url = base);
    char last[40] = "";
    int rc = follow(session, "/events?count=2&delay=1", last, sizeof last);
    while (rc > 0) {
        printf("once more, behind %s\n", last);
        rc = bide_sleep(1);
        if (rc == 0)
            rc = follow(session, "/events?count=4", last, sizeof last);
    }
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
