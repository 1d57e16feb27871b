/* The rules for bodies, in the order in which RFC 9112 section 6.3 gives them.
 *
 * Replies that must not have a body but announce one (204 with a length, 1xx with
 * chunks) are refused: half of the world would read the announced bytes as the
 * next reply. */
#include "http/framing.h"

#include "bide/error.h"

/* HTTP/1.1 keeps the connection unless told otherwise, 1.0 drops it. */
static bool keeps_alive(const struct head *head)
{
    return !head->close && (head->minor == 1 || head->keep_alive);
}

static void set(struct framing *framing, enum body_kind kind, uint64_t length)
{
    framing->kind = kind;
    framing->length = length;
}

static void by_headers(struct framing *framing, const struct head *head, enum body_kind otherwise)
{
    if (head->chunked)
        set(framing, BODY_CHUNKED, 0);
    else if (head->has_length)
        set(framing, head->length > 0 ? BODY_LENGTH : BODY_NONE, head->length);
    else
        set(framing, otherwise, 0);
}

void bide__framing_of_request(struct framing *framing, const struct head *head)
{
    framing->why = NULL;
    framing->keep_alive = keeps_alive(head);
    by_headers(framing, head, BODY_NONE);
}

int bide__framing_of_response(struct framing *framing, const struct head *head,
                              enum method asked)
{
    unsigned status = head->status;
    bool granted = asked == METHOD_CONNECT && status / 100 == 2;
    framing->why = NULL;
    framing->keep_alive = keeps_alive(head);
    set(framing, BODY_NONE, 0);
    if (status == 101 || granted) {
        set(framing, BODY_TUNNEL, 0);
        framing->keep_alive = false;
    } else if (status / 100 == 1 || status == 204) {
        if (head->chunked || head->length > 0) {
            framing->why = "the reply has a status without a body but announces one";
            return BIDE_EHTTP;
        }
    } else if (asked != METHOD_HEAD && status != 304) {
        by_headers(framing, head, BODY_UNTIL_CLOSE);
        if (framing->kind == BODY_UNTIL_CLOSE)
            framing->keep_alive = false;
    }
    return 0;
}
