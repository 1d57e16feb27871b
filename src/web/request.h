/* A request while it is answered: what was asked, and what is being said.
 *
 * It is separate from the connection (web/connection.h): an idle connection has none, and what a
 * request wants of its connection goes through web/exchange.h.  Its texts are copies ended by NULs,
 * so they stay while the body is read over the same stream. */
#ifndef BIDE_WEB_REQUEST_H
#define BIDE_WEB_REQUEST_H

#include "http/body.h"
#include "http/head.h"
#include "http/scratch.h"
#include "web/chain.h"
#include "web/compress.h"
#include "web/disconnect.h"
#include "web/route.h"

struct body_forms;
struct lasting;
struct bide_worker;
struct exchange;
struct kept;

enum { REQUEST_SPACE = 2048 };

enum responded {
    NOT_YET,
    STREAMING,                  /* its head is out, the body follows piece by piece */
    HELD,                       /* given whole, and kept back until the middlewares are through */
    DONE,
};

/* Whether its applications' functions are called for the answer's head. */
enum prepare {
    TO_PREPARE,
    PREPARING,                  /* one runs now: it may not respond */
    UNPREPARED,                 /* one has failed: the page that tells so goes without */
};

/* An answer that is kept back. */
struct held {
    int status;
    char *type;                 /* NULL: none given */
    char *data;                 /* a copy, freed with the request */
    size_t size;
};

struct bide_request {
    struct bide_worker *worker;
    struct exchange *exchange;  /* with its connection */
    struct bide_request *next_spare;
    /* its route */
    struct text raw;            /* the path as it came, in `text`; empty: "*", or CONNECT */
    bide_app *app;              /* the one that answers; NULL: not looked for yet */
    struct route *route;        /* NULL: none matched */
    size_t route_at;            /* how many segments the prefixes of mounted applications took */
    int refused;                /* why none matched: a status */
    struct chain chain;
    bool in_page;               /* its error page is being written by the program */
    bool on_thread;             /* its handler runs there: only its own memory may be touched */
    bool late;                  /* its handler's time was over */
    struct disconnect disconnect;
    double began;               /* when its head had been read; where that is logged */
    bool timed;                 /* it is */
    /* its origin; made when first asked for */
    const char *remote, *scheme, *host, *url, *id;
    bool proxied;               /* it came from a trusted proxy */

    struct scratch scratch;
    char *text;                 /* the head */
    const char *target;         /* path and query, as they came */
    const char *path;           /* decoded; made when first asked for */
    struct bide_pair *headers, *query;  /* made when first asked for */
    struct body body;
    struct whole whole;
    bool read_whole, continued; /* the body was read whole; 100 Continue was sent */
    bool keep_alive;            /* after this one the connection goes on */
    bool failed;                /* its connection has: nothing can be answered */
    bool declared;              /* a Content-Length was given for the response */
    bool typed;                 /* a Content-Type was, as a header */
    uint8_t responded;          /* enum responded */
    bool chunked;               /* STREAMING: how */
    double waited;              /* seconds, for the slice of the body that comes now */
    size_t slice;               /* how much of it has come */
    int status;                 /* to answer with, after a failed read of the body */
    uint64_t length;            /* declared and not yet written */
    struct writer fields;       /* headers of the response */
    struct lasting *lasting;    /* those of them that stay, whatever the response becomes */
    struct body_forms *forms;   /* the body, as it was asked for; NULL: it was not */
    const struct bide_pair *cookies;    /* made when first asked for */
    const char *type;           /* the body's media type; likewise */
    struct bide_pair *trailers_in;      /* the request's; made when first asked for */
    struct writer trailers;     /* fields that go behind its body */
    struct held held;
    uint8_t prepare;            /* enum prepare */
    bool hold;                  /* a whole answer is kept back: middlewares may still change it */
    int answered;               /* the response's status; 0: none yet */
    uint64_t sent;              /* bytes of its body */
    struct compressing compressing;
    bool gone;                  /* the client has gone away */
    struct kept *kept;          /* by bide_request_set() */
    struct bide_ws *ws;         /* what it has become; NULL: it has not */
    struct path segments;
    struct head head;
    char space[REQUEST_SPACE];
};

/* From the head just parsed, which begins at data.  0, or the status to refuse it with. */
int bide__request_read(struct bide_request *req, const char *data);
/* Bytes of a body that may be read whole. */
size_t bide__request_body_max(const struct bide_request *req);
/* Reads it whole, at most so many bytes: 0, also where it was read before. */
BIDE_WAITS int bide__request_read_whole(struct bide_request *req, size_t max);
/* Frees what it holds, not the struct. */
void bide__request_end(struct bide_request *req);

#endif
