/* The request on its way out. */
#include "http/call.h"

#include <sys/uio.h>

int bide__call_send(struct call *call, struct connection *c, struct text head)
{
    struct text data = call_data(call);
    struct iovec pieces[2] = {
        { .iov_base = (void *)(uintptr_t)head.at, .iov_len = head.size },
        { .iov_base = (void *)(uintptr_t)data.at, .iov_len = data.size },
    };
    double start = call_now(call);
    call->phase = "send";
    int rc = bide_writev(c->stream, pieces, data.size > 0 ? 2 : 1);
    call->report.send = call_now(call) - start;
    if (rc < 0)
        return rc != BIDE_ECANCELED ? bide_within("send") : rc;
    call->report.sent = head.size + data.size;
    call_trace(call, BIDE_TRACE_SENT_HEAD, call->method.at, (int64_t)head.size);
    if (data.size > 0)
        call_trace(call, BIDE_TRACE_SENT_BODY, NULL, (int64_t)data.size);
    return 0;
}
