/* Sessions of servers met before: per key a short list, the newest first.
 *
 * A server of TLS 1.3 gives two tickets or more with each handshake, so a few connections at once
 * can resume.  A lock, for the settings are shared between threads; nothing waits under it. */
#include "tls/session_cache.h"

#include "base/memory.h"

#include <bide/error.h>
#include <time.h>

enum { PER_KEY_MAX = 128 };      /* as many connections as one server may well have at once */

struct kept { struct kept *next; SSL_SESSION *session; };
struct list { struct kept *first; size_t count; struct session_cache *cache; };

static void drop_first(struct list *list)
{
    struct kept *gone = list->first;
    list->first = gone->next;
    list->count--;
    list->cache->count--;
    SSL_SESSION_free(gone->session);
    bide__free(gone);
}

static void drop_list(void *arg)
{
    struct list *list = arg;
    while (list->first)
        drop_first(list);
    bide__free(list);
}

int bide__sessions_open(struct session_cache *cache, size_t max)
{
    cache->by_key = bide_strmap_new(.drop = drop_list);
    if (!cache->by_key)
        return bide_errcode();
    pthread_mutex_init(&cache->lock, NULL);
    cache->max = max;
    return 0;
}

void bide__sessions_close(struct session_cache *cache)
{
    if (!cache->by_key)
        return;
    bide_strmap_free(cache->by_key);
    pthread_mutex_destroy(&cache->lock);
}

static struct list *list_of(struct session_cache *cache, const char *key)
{
    struct list *list = bide_strmap_get(cache->by_key, key);
    if (list)
        return list;
    list = bide__zalloc(sizeof *list);
    if (list && bide_strmap_set(cache->by_key, key, list) < 0) {
        bide__free(list);
        return NULL;
    }
    if (list)
        list->cache = cache;
    return list;
}

/* Those of the key that came first; also its list, if it is the key in use. */
static void make_room(struct session_cache *cache)
{
    while (cache->count >= cache->max) {
        uint64_t at = 0;
        const char *oldest = bide_strmap_next(cache->by_key, &at, NULL);
        if (!oldest)
            return;
        bide_strmap_remove(cache->by_key, oldest);
    }
}

static void drop_last(struct list *list)
{
    struct kept **at = &list->first;
    while ((*at)->next)
        at = &(*at)->next;
    struct list rest = { .first = *at, .count = 1, .cache = list->cache };
    *at = NULL;
    list->count--;
    drop_first(&rest);
}

static bool put(struct session_cache *cache, const char *key, SSL_SESSION *session)
{
    make_room(cache);
    struct list *list = list_of(cache, key);
    struct kept *kept = list ? bide__alloc(sizeof *kept) : NULL;
    if (!kept)
        return false;
    *kept = (struct kept){ .next = list->first, .session = session };
    list->first = kept;
    cache->count++;
    if (++list->count > PER_KEY_MAX)
        drop_last(list);
    return true;
}

void bide__sessions_put(struct session_cache *cache, const char *key, SSL_SESSION *session)
{
    BIDE_KEEP_ERROR(held);
    pthread_mutex_lock(&cache->lock);
    bool kept = cache->by_key && put(cache, key, session);
    pthread_mutex_unlock(&cache->lock);
    if (!kept)
        SSL_SESSION_free(session);
}

/* Its lifetime is the server's word; what it stands for ends with the certificate. */
static bool is_good(SSL_SESSION *session)
{
    X509 *peer = SSL_SESSION_get0_peer(session);
    return SSL_SESSION_is_resumable(session) &&
           SSL_SESSION_get_time(session) + SSL_SESSION_get_timeout(session) > (long)time(NULL) &&
           (!peer || X509_cmp_current_time(X509_get0_notAfter(peer)) > 0);
}

static SSL_SESSION *take(struct session_cache *cache, const char *key)
{
    struct list *list = bide_strmap_get(cache->by_key, key);
    while (list && list->first && !is_good(list->first->session))
        drop_first(list);
    SSL_SESSION *found = list && list->first ? list->first->session : NULL;
    if (found) {
        SSL_SESSION_up_ref(found);
        if (SSL_SESSION_get_protocol_version(found) >= TLS1_3_VERSION)
            drop_first(list);
    }
    if (list && !list->first)
        bide_strmap_remove(cache->by_key, key);
    return found;
}

SSL_SESSION *bide__sessions_take(struct session_cache *cache, const char *key)
{
    if (!cache->by_key)
        return NULL;
    pthread_mutex_lock(&cache->lock);
    SSL_SESSION *found = take(cache, key);
    pthread_mutex_unlock(&cache->lock);
    return found;
}
