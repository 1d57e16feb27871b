/* cli/frontier.c -- see frontier.h.
 *
 * An origin is in one of the two heaps while it has URLs waiting and may be given another;
 * it leaves when it is handed out, and only then its numbers change, so nothing is ever
 * moved or taken from within a heap. */
#include "cli/frontier.h"
#include <bide/base.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory");
}

int frontier_open(struct frontier *f, size_t per_host, double delay, size_t depth_max)
{
    *f = (struct frontier){ .per_host = per_host, .delay = delay, .depth_max = depth_max };
    f->seen = bide_strset_new(.count_max = UINT32_MAX - 1);
    f->hosts = bide_strmap_new(.drop = NULL);
    if (depth_max != FRONTIER_ANY_DEPTH)
        f->left = calloc(depth_max + 2, sizeof *f->left);
    return f->seen && f->hosts && (f->left || depth_max == FRONTIER_ANY_DEPTH) ? 0 : no_memory();
}

static int make_room(struct frontier *f)
{
    if (f->count < f->room)
        return 0;
    size_t room = f->room ? f->room + f->room / 2 : 256;
    struct frontier_url *more = realloc(f->urls, room * sizeof *more);
    if (!more)
        return no_memory();
    f->urls = more;
    f->room = room;
    return 0;
}

int frontier_add(struct frontier *f, const char *url, size_t size, size_t depth)
{
    if (depth > FRONTIER_DEPTH_MAX || depth > f->depth_max)
        return 0;
    int rc = make_room(f);
    if (rc == 0)
        rc = bide_strset_add_sized(f->seen, url, size);
    if (rc <= 0)
        return rc;
    const char *text = bide_strset_next(f->seen, &f->cursor);
    f->urls[f->count++] = (struct frontier_url){ .text = text, .depth = (uint16_t)depth };
    return 1;
}

bool frontier_has(const struct frontier *f, const char *url)
{
    return bide_strset_has(f->seen, url);
}

size_t frontier_find(const struct frontier *f, const char *url)
{
    size_t index = f->count;
    while (index > 0 && strcmp(f->urls[index - 1].text, url) != 0)
        index--;
    return index - 1;           /* SIZE_MAX, if it was 0 */
}

const struct frontier_host *frontier_host(const struct frontier *f, const char *origin)
{
    return bide_strmap_get(f->hosts, origin);
}

/* ---- the heaps ---- */

static bool before(const struct frontier_host *a, const struct frontier_host *b)
{
    return a->key < b->key;
}

static int heap_put(struct frontier_heap *h, struct frontier_host *host)
{
    if (h->count == h->room) {
        size_t room = h->room ? 2 * h->room : 16;
        struct frontier_host **more = realloc(h->hosts, room * sizeof *more);
        if (!more)
            return no_memory();
        h->hosts = more;
        h->room = room;
    }
    size_t at = h->count++;
    for (; at > 0 && before(host, h->hosts[(at - 1) / 2]); at = (at - 1) / 2)
        h->hosts[at] = h->hosts[(at - 1) / 2];
    h->hosts[at] = host;
    return 0;
}

static struct frontier_host *heap_take(struct frontier_heap *h)
{
    struct frontier_host *top = h->hosts[0], *last = h->hosts[--h->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < h->count && before(h->hosts[child + 1], h->hosts[child]))
            child++;
        if (child >= h->count || !before(h->hosts[child], last))
            break;
        h->hosts[at] = h->hosts[child];
        at = child;
    }
    if (h->count > 0)
        h->hosts[at] = last;
    return top;
}

/* Both heaps have room for every origin, from when it was made. */
static void put_host(struct frontier_heap *h, struct frontier_host *host, double key)
{
    host->key = key;
    host->in_heap = heap_put(h, host) == 0;
}

/* Puts the origin where it belongs, if it may be given a URL. */
static void place(struct frontier *f, struct frontier_host *host)
{
    bool busy = host->running >= f->per_host || host->state == FRONTIER_OPENING;
    if (!host->in_heap && host->first > 0 && !busy)
        put_host(&f->later, host, host->next);
}

static void bring_forward(struct frontier *f, double now)
{
    while (f->later.count > 0 && f->later.hosts[0]->key <= now) {
        struct frontier_host *host = heap_take(&f->later);
        put_host(&f->ready, host, host->first);
    }
}

/* ---- origins ---- */

static int reserve_heap(struct frontier_heap *h, size_t count)
{
    if (h->room >= count)
        return 0;
    struct frontier_host **more = realloc(h->hosts, 2 * count * sizeof *more);
    if (!more)
        return no_memory();
    h->hosts = more;
    h->room = 2 * count;
    return 0;
}

static struct frontier_host *find_host(struct frontier *f, const char *origin)
{
    struct frontier_host *host = bide_strmap_get(f->hosts, origin);
    size_t count = bide_strmap_count(f->hosts) + 1;
    if (host || reserve_heap(&f->ready, count) < 0 || reserve_heap(&f->later, count) < 0)
        return host;
    host = malloc(sizeof *host);
    if (!host)
        return NULL;
    *host = (struct frontier_host){ .name = strdup(origin), .delay = f->delay };
    if (host->name && bide_strmap_set(f->hosts, origin, host) > 0)
        return host;
    free(host->name);
    free(host);
    return NULL;
}

int frontier_queue(struct frontier *f, size_t index, const char *origin)
{
    struct frontier_host *host = find_host(f, origin);
    if (!host)
        return no_memory();
    uint32_t name = (uint32_t)index + 1;
    f->urls[index].next = 0;
    f->urls[index].done = false;
    if (host->first > 0)
        f->urls[host->last - 1].next = name;
    else
        host->first = name;
    host->last = name;
    f->waiting++;
    size_t depth = f->urls[index].depth;
    if (f->left && f->left[depth]++ == 0 && depth < f->level)
        f->level = depth;
    place(f, host);
    return 0;
}

/* Must a URL of that depth wait until what is less deep is done?  Not if nothing runs: URLs
 * of a start that came late stand behind deeper ones. */
static bool is_early(struct frontier *f, size_t depth)
{
    if (!f->left || f->running == 0)
        return false;
    while (f->level < f->depth_max && f->left[f->level] == 0)
        f->level++;
    return depth > f->level;
}

int frontier_take(struct frontier *f, double now, size_t *index, struct frontier_host **taken)
{
    bring_forward(f, now);
    if (f->ready.count == 0 || is_early(f, f->urls[f->ready.hosts[0]->first - 1].depth))
        return 0;
    struct frontier_host *host = heap_take(&f->ready);
    host->in_heap = false;
    *index = host->first - 1;
    *taken = host;
    host->first = f->urls[*index].next;
    host->running++;
    if (host->state == FRONTIER_NEW)
        host->state = FRONTIER_OPENING;
    host->next = now + host->delay;
    f->waiting--;
    f->running++;
    place(f, host);
    return 1;
}

double frontier_next(const struct frontier *f)
{
    return f->ready.count == 0 && f->later.count > 0 ? f->later.hosts[0]->key : BIDE_FOREVER;
}

void frontier_opened(struct frontier *f, struct frontier_host *host, double now)
{
    host->state = FRONTIER_OPEN;
    host->next = now + host->delay;
    place(f, host);
}

void frontier_done(struct frontier *f, size_t index, struct frontier_host *host)
{
    f->urls[index].done = true;
    if (f->left)
        f->left[f->urls[index].depth]--;
    f->running--;
    host->running--;
    place(f, host);
}

void frontier_close(struct frontier *f)
{
    uint64_t at = 0;
    void *value;
    while (f->hosts && bide_strmap_next(f->hosts, &at, &value)) {
        struct frontier_host *host = value;
        robots_free(&host->robots);
        free(host->name);
        free(host);
    }
    bide_strmap_free(f->hosts);
    bide_strset_free(f->seen);
    free(f->urls);
    free(f->ready.hosts);
    free(f->later.hosts);
    free(f->left);
    *f = (struct frontier){ .seen = NULL };
}
