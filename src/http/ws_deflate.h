/* permessage-deflate (RFC 7692, section 7.2): a message's bytes are a piece of one deflate stream
 * each way, without the empty block at its end.
 *
 * Memory comes with the first message that needs it.  A side that begins anew with each message
 * gives it back in between (bide__ws_deflate_rest). */
#ifndef BIDE_HTTP_WS_DEFLATE_H
#define BIDE_HTTP_WS_DEFLATE_H

#include "http/coding_stage.h"
#include "http/ws_params.h"

/* A message that is shorter is sent as it is. */
enum { WS_DEFLATE_MIN = 32 };

struct ws_deflate;

/* Was zlib built in? */
bool bide__ws_deflate_is_there(void);
/* Both directions of a connection; NULL: out of memory. */
struct ws_deflate *bide__ws_deflate_new(const struct ws_params *params, bool is_server);
void bide__ws_deflate_free(struct ws_deflate *d);
/* Frees what is not needed between messages. */
void bide__ws_deflate_rest(struct ws_deflate *d);
/* Can we deflate, or only inflate?  (zlib makes no windows of 256 bytes.) */
bool bide__ws_deflate_can(const struct ws_deflate *d);
/* Can a message be deflated without regard to those before it, so that its bytes are good for
 * others with the same window too? */
bool bide__ws_deflate_forgets(const struct ws_deflate *d, uint8_t *bits);
/* Appends a piece of a message, or all of it; last: it ends the message.  0; BIDE_ENOMEM: the
 * writer is as it was, and the message must be given up. */
int bide__ws_deflate(struct ws_deflate *d, struct writer *w, const void *data, size_t size,
                     bool last);
/* What was deflated last will not reach the peer: nothing after it may refer to it. */
void bide__ws_deflate_anew(struct ws_deflate *d);
/* Inflates some of p->in into p->out, both of which move on; p->last: nothing of the message
 * follows.  1: the message is complete; 0: there is no more input, or no more room; < 0 with
 * p->why: BIDE_EWS, BIDE_ENOMEM. */
int bide__ws_inflate(struct ws_deflate *d, struct coding_pieces *p);

#endif
