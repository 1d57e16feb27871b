/* cli/site.c -- see site.h. */
#include "cli/site.h"
#include <bide/error.h>
#include <string.h>

/* Steps of a path that are looked at, from its end. */
#define STEPS_MAX 128

int site_open(struct site *s, bool subdomains, bool any, size_t queries_max)
{
    *s = (struct site){ .subdomains = subdomains, .any = any, .queries_max = queries_max };
    s->hosts = bide_strset_new(.count_max = 0);
    s->paths = bide_strmap_new(.drop = NULL);
    return s->hosts && s->paths ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

int site_add(struct site *s, const char *host)
{
    int rc = bide_strset_add(s->hosts, host);
    return rc < 0 ? rc : 0;
}

bool site_has(const struct site *s, const struct crawl_url *url)
{
    if (s->any || bide_strset_has(s->hosts, url->host))
        return true;
    if (!s->subdomains || url->host[0] == '[')
        return false;
    for (const char *dot = strchr(url->host, '.'); dot; dot = strchr(dot + 1, '.'))
        if (bide_strset_has(s->hosts, dot + 1))
            return true;
    return false;
}

/* One step of a path. */
struct step { const char *at; size_t size; };

static bool same(const struct step *a, const struct step *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i].size != b[i].size || memcmp(a[i].at, b[i].at, a[i].size) != 0)
            return false;
    return true;
}

/* Do the last `count` steps stand there more often than they may? */
static bool repeats(const struct step *steps, size_t all, size_t count)
{
    if (count * (SITE_REPEATS_MAX + 1) > all)
        return false;
    for (size_t i = 1; i <= SITE_REPEATS_MAX; i++)
        if (!same(steps + all - count, steps + all - count * (i + 1), count))
            return false;
    return true;
}

bool site_is_circle(const struct crawl_url *url)
{
    struct step steps[STEPS_MAX];
    size_t count = 0;
    const char *end = url->text + url->path_at + url->path_size;
    for (const char *at = url->text + url->path_at; at < end && count < STEPS_MAX;) {
        const char *slash = memchr(at + 1, '/', (size_t)(end - at - 1));
        const char *stop = slash ? slash : end;
        steps[count++] = (struct step){ at, (size_t)(stop - at) };
        at = stop;
    }
    if (count == STEPS_MAX)
        return true;            /* no path of a person's has so many */
    for (size_t all = count; all + 1 >= count && all > 0; all--)      /* the last is a file */
        for (size_t size = 1; size <= all / (SITE_REPEATS_MAX + 1); size++)
            if (repeats(steps, all, size))
                return true;
    return false;
}

int site_count_query(struct site *s, const struct crawl_url *url)
{
    size_t size = url->path_at + url->path_size;
    if (size == url->size || s->queries_max == BIDE_UNLIMITED)
        return 0;
    uintptr_t count = (uintptr_t)bide_strmap_get_sized(s->paths, url->text, size);
    if (count >= s->queries_max)
        return 1;
    int rc = bide_strmap_set_sized(s->paths, url->text, size, (void *)(count + 1));
    return rc < 0 ? rc : 0;
}

void site_close(struct site *s)
{
    bide_strset_free(s->hosts);
    bide_strmap_free(s->paths);
    *s = (struct site){ .hosts = NULL };
}
