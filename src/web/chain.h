/* How a request is answered: its route, the middlewares around it, its handler, and what becomes of
 * a failure. */
#ifndef BIDE_WEB_CHAIN_H
#define BIDE_WEB_CHAIN_H

#include <bide/app.h>

/* How far a request has come on its way through the middlewares; all zero: not begun. */
struct chain {
    unsigned now;               /* which one runs, from 1; 0: none */
    unsigned reached;           /* the innermost that has run */
};

/* Answers a request whose head has been read: when it returns 0 an answer was given, or streamed
 * to its end; < 0: it was cancelled, or the connection is of no use. */
BIDE_WAITS int bide__app_answer(bide_request *req);

#endif
