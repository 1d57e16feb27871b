/* bide/sse.h -- server-sent events: what one of them holds.
 *
 *     struct bide_sse_event event;
 *     while ((rc = bide_response_event(res, &event)) == 1)
 *         printf("%s: %s\n", event.type, event.data);
 *
 * Source: the HTML standard, 9.2.  Counterpart: none in aiohttp; aiohttp-sse-client. */
#ifndef BIDE_SSE_H
#define BIDE_SSE_H
#include <bide/base.h>
BIDE_BEGIN_

/* One event.  Its texts are as they came, in UTF-8 if the server keeps the rules, with a NUL
 * behind them, and valid until the next is asked for. */
struct bide_sse_event {
    const char *type;           /* "message" if it names none */
    const char *data;           /* its data lines, with LF between them */
    size_t data_size;           /* bytes of data, which may have a NUL in it */
    const char *id;             /* the last one that was sent, now or before: what goes into
                                   Last-Event-ID to go on from here; "" if there was none */
    double retry;               /* seconds to wait before one connects again, as last sent;
                                   < 0: never sent */
};

BIDE_END_
#endif
