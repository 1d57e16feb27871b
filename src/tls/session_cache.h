/* Sessions of servers met before, for resumption; a client's. */
#ifndef TLS_SESSION_CACHE_H
#define TLS_SESSION_CACHE_H
#include <bide/strings.h>
#include <openssl/ssl.h>
#include <pthread.h>

struct session_cache {
    pthread_mutex_t lock;
    bide_strmap *by_key;        /* a list of sessions each; NULL: not open */
    size_t count, max;
};

/* 0, BIDE_ENOMEM. */
int bide__sessions_open(struct session_cache *cache, size_t max);
void bide__sessions_close(struct session_cache *cache);
/* Keeps a session, whose reference it takes over; the oldest go. */
void bide__sessions_put(struct session_cache *cache, const char *key, SSL_SESSION *session);
/* The newest of the key that is still good, for the caller to free; NULL: none.  One of TLS 1.3 is
 * used once only (RFC 8446, C.4), one of TLS 1.2 stays. */
SSL_SESSION *bide__sessions_take(struct session_cache *cache, const char *key);

#endif
