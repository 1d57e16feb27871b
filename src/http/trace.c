/* Telling a session's trace function what happens. */
#include "http/session.h"

#include <bide/run.h>

void bide__session_tell(struct bide_session *s, uint64_t call, enum bide_trace_kind kind,
                        const char *text, int64_t number)
{
    struct bide_trace_event event = {
        .kind = kind, .call = call, .time = bide_now(), .text = text, .number = number,
    };
    BIDE_KEEP_ERROR(held);
    s->o.trace(s->o.trace_arg, &event);
}

const char *bide_trace_name(enum bide_trace_kind kind)
{
    static const char *const names[] = {
        "start", "queued", "reused", "dns_start", "dns_end", "connect_start", "connect_end",
        "proxy_start", "proxy_end", "tls_start", "tls_end", "sent_head", "sent_body", "head",
        "body", "redirect", "retry", "end", "fail",
    };
    return (unsigned)kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}
