/* A request's own memory, and what is kept in it. */
#include "web/exchange.h"
#include "web/kept.h"

#include <stdarg.h>
#include <stdio.h>

void *bide_request_alloc(bide_request *req, size_t size)
{
    void *memory = bide__scratch_take(&req->scratch, size ? size : 1);
    if (!memory)
        bide_fail(BIDE_ENOMEM, "out of memory for %zu bytes of a request", size);
    return memory;
}

const char *bide_request_printf(bide_request *req, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (size < 0) {
        bide_fail(BIDE_EINVAL, "a text that cannot be written");
        return NULL;
    }
    char *text = bide_request_alloc(req, (size_t)size + 1);
    if (!text)
        return NULL;
    va_start(args, fmt);
    vsnprintf(text, (size_t)size + 1, fmt, args);
    va_end(args);
    return text;
}

static struct kept *find(struct kept *kept, const void *key)
{
    while (kept && kept->key != key)
        kept = kept->next;
    return kept;
}

static void drop(const struct kept *kept)
{
    if (kept->drop)
        kept->drop(kept->value);
}

int bide_request_set(bide_request *req, const void *key, void *value, bide_drop_fn *dropped)
{
    struct kept *kept = find(req->kept, key);
    if (kept) {
        drop(kept);
    } else if ((kept = bide_request_alloc(req, sizeof *kept))) {
        kept->next = req->kept;
        req->kept = kept;
        kept->key = key;
    } else {
        if (dropped)
            dropped(value);
        return BIDE_ENOMEM;
    }
    kept->value = value;
    kept->drop = dropped;
    return 0;
}

void *bide_request_get(const bide_request *req, const void *key)
{
    const struct kept *kept = find(req->kept, key);
    return kept ? kept->value : bide_worker_get(req->worker, key);
}

void bide__kept_end(struct kept *kept)
{
    for (; kept; kept = kept->next)
        drop(kept);
}
