/* What applications add to every answer, just before its head goes out. */
#ifndef BIDE_WEB_PREPARE_H
#define BIDE_WEB_PREPARE_H

#include "web/app.h"
#include "web/request.h"

/* Calls the functions of the request's application, and of those around it, for an answer with that
 * status.  0, or what one of them failed with. */
int bide__prepare_run(bide_request *req, int status);

/* The same, where the usual application has none. */
static inline int prepare_answer(bide_request *req, int status)
{
    return req->app && req->app->prepared ? bide__prepare_run(req, status) : 0;
}

#endif
