/* A response: what the server said, and the connection while its body is still to come. */
#ifndef BIDE_HTTP_RESPONSE_H
#define BIDE_HTTP_RESPONSE_H

#include "http/body.h"
#include "http/method.h"
#include "http/scratch.h"
#include "http/session.h"

enum { RESPONSE_SPACE = 2048 };

struct bide_response {
    struct bide_session *session;
    struct connection *connection;      /* NULL once the body is done or given up */
    struct bide_response *next_spare;
    struct scratch scratch;
    char *url;                  /* as asked, made absolute */
    char *text;                 /* the head: what offsets are into; names, values end in NUL */
    struct bide_pair *pairs;    /* made when first asked for */
    struct body body;
    struct whole whole;         /* the body, once it has been read whole */
    bool whole_in_scratch;      /* whole.text is not to be freed */
    bool read_whole, keep_alive;
    uint8_t asked;              /* enum method */
    double idle, deadline;      /* seconds; bide_now() at which the call's total time is over */
    double total;               /* what that time was, for the sentence */
    size_t body_max;
    const char *type;           /* made when first asked for */
    uint64_t call;              /* its number in the session */
    struct bide_hop *history;   /* NULL: there were no redirects */
    struct head head;
    char space[RESPONSE_SPACE];
};

/* An empty one, from the session's spares if there are any; NULL: out of memory. */
struct bide_response *bide__response_new(struct bide_session *s);
void bide__response_free_spares(struct bide_session *s);
/* The body ends here: its connection goes back to the pool.  BIDE_EHTTP: more bytes came
 * than the reply had. */
int bide__response_finish(struct bide_response *r);
/* The connection is of no further use. */
void bide__response_drop(struct bide_response *r);
/* Reads the rest of the body, if that is short, so that the connection can be used again. */
BIDE_WAITS int bide__response_drain(struct bide_response *r);
struct hop;
/* Copies the redirects that led here.  0, or BIDE_ENOMEM. */
int bide__response_keep_history(struct bide_response *r, const struct hop *hops);
/* "get http://..." before the held error; returns its code. */
int bide__response_within(const struct bide_response *r);

#endif
