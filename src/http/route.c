/* Keys of routes. */
#include "http/route.h"

#include "tls/tls.h"

#include <bide/error.h>

#include <string.h>

struct key { char *at; size_t size; };

/* A letter that says what it is, the bytes, and a NUL: which is in none of them, or their size is
 * always the same. */
static void put(struct key *key, char what, const void *bytes, size_t size)
{
    if (key->size + size + 2 <= ROUTE_KEY_MAX) {
        key->at[key->size] = what;
        memcpy(key->at + key->size + 1, bytes, size);
        key->at[key->size + 1 + size] = '\0';
    }
    key->size += size + 2;
}

static void put_text(struct key *key, char what, const char *text)
{
    if (text)
        put(key, what, text, strlen(text));
}

static void put_proxy(struct key *key, const struct proxy *proxy)
{
    if (!proxy)
        return;
    put_text(key, (char)('0' + proxy->kind), proxy->address);
    if (!proxy->has_user)
        return;
    put(key, 'u', proxy->user, proxy->user_size);
    put(key, 'w', proxy->password, proxy->password_size);
}

struct text bide__route_key(const struct route *r, char space[ROUTE_KEY_MAX])
{
    struct key key = { .at = space, .size = r->url->origin_size };
    memcpy(space, r->url->origin, key.size);
    put_text(&key, 's', "");
    put_proxy(&key, r->proxy);
    uint64_t tls = bide__tls_id(r->tls);
    if (tls != 0)
        put(&key, 't', &tls, sizeof tls);
    put_text(&key, 'n', r->server_name);
    put_text(&key, 'x', r->unix_path);
    put_text(&key, 'l', r->local_address);
    if (r->tunnels && r->proxy)
        put_text(&key, 'c', "");
    if (r->family)
        put(&key, 'f', &r->family, sizeof r->family);
    if (key.size <= ROUTE_KEY_MAX)
        return text_of(space, key.size);
    bide_fail(BIDE_EINVAL, "what is said about the connection is longer than %d bytes",
              ROUTE_KEY_MAX);
    return text_of(NULL, 0);
}
