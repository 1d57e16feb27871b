/* What two sides agree on about permessage-deflate (RFC 7692, section 7.1), in
 * Sec-WebSocket-Extensions. */
#ifndef BIDE_HTTP_WS_PARAMS_H
#define BIDE_HTTP_WS_PARAMS_H

#include "http/write.h"

enum { WS_BITS_MIN = 8, WS_BITS_MAX = 15 };
/* What a server asks for: windows of 4 KiB, so that one that deflates holds 32 KiB in all and not
 * 256; texts become longer by a few per cent. */
enum { WS_BITS_SERVER = 12 };

/* The agreement, alike on both sides. */
struct ws_params {
    bool deflate;               /* it is in use */
    bool server_resets, client_resets;  /* that side forgets between messages */
    uint8_t server_bits, client_bits;   /* of that side's window, at most */
};

/* A server's: reads one header's value, which may offer many, and takes the first offer that
 * can be kept, unless *p has one already.  resets: messages are to be independent.  0, or -1:
 * it is no list of extensions. */
int bide__ws_params_choose(struct ws_params *p, struct text offers, bool resets);
/* The value of the answer's header, if deflate is in use. */
void bide__ws_params_answer(struct writer *w, const struct ws_params *p);
/* A client's: the value of its header. */
void bide__ws_params_offer(struct writer *w, bool resets);
/* A client's: reads one header's value of the answer.  0; -1 and *why: it is not what was offered.
 * offered: deflate was; resets: as it was. */
int bide__ws_params_agree(struct ws_params *p, struct text answer, bool offered, bool resets,
                          const char **why);

#endif
