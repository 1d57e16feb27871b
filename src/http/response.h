/* A response: what the server said, and the connection while its body is still to come. */
#ifndef BIDE_HTTP_RESPONSE_H
#define BIDE_HTTP_RESPONSE_H

#include "http/body.h"
#include "http/lines.h"
#include "http/method.h"
#include "http/scratch.h"
#include "http/session.h"
#include "http/sse.h"

#include <bide/json.h>

/* For the request's head and a short reply's; one with longer headers takes a block more, when it
 * comes.  A request in flight has to be small. */
enum { RESPONSE_SPACE = 1024 };

/* What a body is being read as; it decides what may follow. */
enum reading { READING_NOT, READING_WHOLE, READING_PIECES, READING_EVENTS };

struct coded;                   /* a body that is decoded: response_decode.c */
struct known_link;

/* What few responses need; lies in the scratch memory of those that do. */
struct extras {
    struct lines lines;
    struct sse sse;
    struct text text;           /* the body in UTF-8, if it does not lie in `whole` as it is */
    char *text_memory;          /* to be freed; NULL: it is within `whole` */
    bide_json *json;
    struct bide_pair *trailers;
    struct known_link *links;   /* asked for before */
};

struct bide_response {
    struct bide_session *session;
    struct connection *connection;      /* NULL once the body is done or given up */
    struct bide_response *next_spare;
    struct scratch scratch;
    char *url;                  /* as asked, made absolute */
    char *text;                 /* the head: what offsets are into; names, values end in NUL */
    struct bide_pair *pairs;    /* made when first asked for */
    struct body body;
    struct coded *coded;        /* NULL: the body needs no decoding, or has not been begun */
    size_t pending;             /* of the body: handed out, to be taken by the next call */
    struct whole whole;         /* the body, once it has been read whole */
    struct extras *extras;      /* NULL: none yet */
    bool keep_alive, no_decoding;
    bool plain_text;            /* `whole` is UTF-8 as it is */
    bool over;                  /* all of the body has been read, and decoded */
    bool busy;                  /* a task waits in here */
    bool handed_out;            /* the program has it: the call itself is over */
    bool told;                  /* the trace knows how it ended */
    uint8_t reading;            /* enum reading */
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
/* The program gets it: from now on the trace is told how it ends. */
void bide__response_hand_out(struct bide_response *r);
/* Tells the trace about it, as long as there is one. */
void bide__response_trace(struct bide_response *r, enum bide_trace_kind kind, const char *text,
                          int64_t number);
/* The same for its end, once. */
void bide__response_tell_end(struct bide_response *r);
/* The extras; NULL: out of memory, with the error held. */
struct extras *bide__response_extras(struct bide_response *r);
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
