/* Server-sent events: a clock that any page can follow with new EventSource("/clock").
 *
 * Who goes away ends its stream: with BIDE_DISCONNECT_CANCEL the next wait fails.  In Python:
 *
 *     async with sse_response(request) as resp:           # aiohttp-sse, another package
 *         await resp.send(str(tick), event="tick") */
#include "serve.h"

static int clock_of(bide_request *req)
{
    bide_interval second = BIDE_INTERVAL(1);
    int rc = 0;
    for (int tick = 1; rc == 0 && !bide_request_stopping(req); tick++) {
        if (bide_interval_wait(&second) < 0)
            return bide_errcode();
        rc = bide_respond_event(req, bide_request_printf(req, "tick %d", tick), .type = "tick",
                                .id = bide_request_printf(req, "%d", tick), .retry = 5);
    }
    return rc;
}

static int follow(bide_session *session, int count)
{
    struct bide_sse_event event;
    double start = bide_now();
    bide_auto(response) response = bide_get(session, "/clock", .timeout = BIDE_FOREVER);
    printf("%s\n", bide_response_type(response));
    for (int i = 0; i < count; i++) {
        int rc = bide_response_event(response, &event);
        if (rc <= 0)
            return rc < 0 ? rc : bide_fail(BIDE_EEOF, "the clock has stopped");
        printf("%.0f s: %s, id %s: %s\n", bide_now() - start, event.type, event.id, event.data);
    }
    return 0;                               /* closing the response ends the stream */
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    bide_app *app = bide_app_new(NULL);
    bide_route(app, "GET", "/clock", clock_of, .on_disconnect = BIDE_DISCONNECT_CANCEL);
    bide_auto(session) session = bide_session_open(.base_url = serve(server, app));
    return follow(session, 3);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
