/* What happens to a request, phase by phase: for metrics, and to see where the time goes.
 * aiohttp's TraceConfig is its like. */
#include "demo.h"

static void tell(void *arg, const struct bide_trace_event *event)
{
    const double *start = arg;
    double time = event->time - *start;
    switch (event->kind) {
    case BIDE_TRACE_START:
    case BIDE_TRACE_CONNECT_END:
    case BIDE_TRACE_REDIRECT:
    case BIDE_TRACE_RETRY:
        printf("%4.1f s  %s: %s\n", time, bide_trace_name(event->kind), event->text);
        break;
    case BIDE_TRACE_REUSED:
    case BIDE_TRACE_END:
        printf("%4.1f s  %s\n", time, bide_trace_name(event->kind));
        break;
    case BIDE_TRACE_HEAD:
        printf("%4.1f s  %s: %d\n", time, bide_trace_name(event->kind), (int)event->number);
        break;
    default:                                /* names, TLS, pieces of bodies, ... */
        break;
    }
}

static int fetch(bide_session *session, const char *path)
{
    struct bide_report report;
    bide_auto(response) response = bide_get(session, path, .retries = 1, .report = &report,
                                            .retry = { .delay = 2, .jitter = -1 });
    if (!bide_response_text(response, NULL))
        return bide_errcode();
    printf("%s connection to %s; first byte after %.1f s, in all %.1f s\n\n",
           report.reused ? "a kept" : "a new", report.remote, report.first_byte, report.total);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    double start = bide_now();
    bide_auto(session) session = bide_session_open(.base_url = base, .trace = tell,
                                                   .trace_arg = &start);
    int rc = fetch(session, "/delay/1");
    return rc < 0 ? rc : fetch(session, "/redirect-to?url=/flaky/1");
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
