/* tests/web/conformance/case.h -- what one case of the conformance suite is.
 *
 * A case is bytes on a connection and what must come of them; it knows nothing of how the server is
 * made.  The tables beside this file are read by two programs: test_conformance.c sends every case
 * whole, byte by byte and in two parts cut at every place, and page.c writes
 * docs/server-conformance.md.
 *
 * The server answers every method on every path of at most one segment with the request's body
 * (see site.h for the few paths that do otherwise), so whatever is not refused is executed, and
 * `seen` says what was. */
#ifndef CONFORMANCE_CASE_H
#define CONFORMANCE_CASE_H
#include <stdbool.h>
#include <stddef.h>

struct conformance {
    const char *name;           /* what must hold, as a sentence */
    const char *rule;           /* "9112 3.2": the RFC and its section */
    const char *sent;
    size_t size;                /* of sent, which may hold NULs */
    /* The statuses that come back, and what becomes of the connection:
     *   open    it stands at the end of a message: the next request is answered
     *   waits   it wants more of a message that has begun
     *   close   it ends, and the last answer says so
     *   drop    it ends without a word
     * "200-" is an answer that must not have a body, whatever it announces; "(100)" one that comes
     * only if the body was not there yet. */
    const char *answers;
    /* The requests that reached a handler: "POST /a=hello GET /b".  '!' instead of the body: it was
     * bad or did not come whole. */
    const char *seen;
    /* Seldom needed: */
    const char *has, *lacks;    /* a part of the answers, and what is none of it */
    bool end;                   /* the client ends its side behind what it sent */
    double silence;             /* seconds the client waits for the answers; 0: none */
    const char *again;          /* after `sent` come `times` copies of it, and then `rest` */
    unsigned times;
    const char *rest;
};

/* Bytes, NULs among them. */
#define SENT(text_) .sent = text_, .size = sizeof text_ - 1
/* The end of a request line, and the one header that must be there. */
#define H " HTTP/1.1\r\nHost: h\r\n"
/* A request of its own, for what must come next or must never run. */
#define NEXT "GET /b" H "\r\n"

#endif
