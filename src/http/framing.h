/* Where a message's body ends (RFC 9112, section 6.3) and whether the connection
 * can carry another message behind it. */
#ifndef BIDE_HTTP_FRAMING_H
#define BIDE_HTTP_FRAMING_H

#include "http/head.h"

enum body_kind {
    BODY_NONE,
    BODY_LENGTH,
    BODY_CHUNKED,
    BODY_UNTIL_CLOSE,           /* responses only */
    BODY_TUNNEL,                /* no longer HTTP: CONNECT granted, or 101 */
};

struct framing {
    enum body_kind kind;
    bool keep_alive;            /* after the body another message may follow */
    uint64_t length;            /* BODY_LENGTH: more than 0 */
    const char *why;            /* after a refusal: a static sentence */
};

/* From a complete head.  0, or BIDE_EHTTP and ->why.  A request's cannot fail. */
void bide__framing_of_request(struct framing *framing, const struct head *head);
int bide__framing_of_response(struct framing *framing, const struct head *head,
                              enum method asked);

#endif
