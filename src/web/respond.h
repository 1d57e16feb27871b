/* Answers from inside: what middlewares and the end of a handler do with them. */
#ifndef BIDE_WEB_RESPOND_H
#define BIDE_WEB_RESPOND_H

#include "web/request.h"

/* Forgets the headers added so far: they were for another answer. */
void bide__respond_anew(struct bide_request *req);
/* Adds whole lines, each with its end, that are known to be right. */
int bide__respond_lines(struct bide_request *req, struct text lines);
/* Answers with an error page; where even that fails the connection is cut. */
void bide__respond_refusal(struct bide_request *req, int status, const char *why);
/* A piece of the body as it goes out, whatever it was coded with before. */
BIDE_WAITS int bide__respond_piece(struct bide_request *req, const void *data, size_t size);
/* The answer that is kept back, to be changed; NULL: none is. */
struct held *bide__respond_held(struct bide_request *req);
/* Keeps back no longer: hands on what was.  < 0: it cannot be answered so. */
BIDE_WAITS int bide__respond_release(struct bide_request *req);
/* Ends a response that was streamed, or none: after the handler. */
BIDE_WAITS int bide__respond_end(struct bide_request *req);

#endif
