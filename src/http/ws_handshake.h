/* The opening handshake (RFC 6455, section 4): what a server asks of a request, what it
 * answers, and what a client checks.  Texts in, texts and a verdict out. */
#ifndef BIDE_HTTP_WS_HANDSHAKE_H
#define BIDE_HTTP_WS_HANDSHAKE_H

#include "http/write.h"

enum {
    WS_KEY_SIZE = 24,           /* 16 bytes in base64 */
    WS_ACCEPT_SIZE = 28,        /* 20 bytes in base64 */
};

/* A request, as far as it matters; a header that is not there has NULL at .at. */
struct ws_asked {
    bool is_get;                /* GET in HTTP/1.1 */
    bool upgrades;              /* "upgrade" is among the words of Connection */
    struct text upgrade, key, version, host, origin;
};

/* May the connection become a WebSocket?  0; or the status to refuse it with, 400, 403 or 426, and
 * *why.  origins: those that may, apart by spaces; "*": any; NULL: the host's own.  A request
 * without Origin is no browser's and may. */
int bide__ws_check(const struct ws_asked *asked, const char *origins, const char **why);
/* The first of our protocols, "a, b", that is in theirs; at NULL: none.  It points into ours. */
struct text bide__ws_protocol_choose(const char *ours, struct text theirs);
/* Is it one of the protocols in a list like ours? */
bool bide__ws_protocol_is(const char *ours, struct text protocol);
/* Is it a list of tokens? */
bool bide__ws_protocols_are(const char *list);
/* Is "websocket" among the words of Upgrade? */
bool bide__ws_upgrade_is(struct text upgrade);
/* The value of Sec-WebSocket-Key for 16 random bytes. */
void bide__ws_key(char key[WS_KEY_SIZE], const uint8_t random[16]);
/* The value of Sec-WebSocket-Accept that goes with a key. */
void bide__ws_accept(char accept[WS_ACCEPT_SIZE], struct text key);

#endif
