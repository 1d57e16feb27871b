/* Handlers whose client goes away while they run: cancelled, or told. */
#ifndef BIDE_WEB_DISCONNECT_H
#define BIDE_WEB_DISCONNECT_H

#include <bide/request.h>
#include <bide/scope.h>

/* A request's part in it; all zero: nobody looks. */
struct disconnect {
    bide_scope *scope;          /* around the handler, to be cancelled; or NULL */
    bide_event *event;          /* by bide_request_gone(); in the request's memory */
    struct bide_request *next, *prev;   /* among the worker's that have an event */
    bool listed;
};

/* Runs a handler by run(), watching its client as its route says. */
BIDE_WAITS int bide__disconnect_guard(bide_request *req, bide_handler *run);
/* Sets the events of all requests: the worker stops. */
void bide__disconnect_stopping(bide_worker *worker);
/* The request is over. */
void bide__disconnect_forget(bide_request *req);

#endif
