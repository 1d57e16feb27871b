/* Two tables of names: whole ones, and those that stand for all below. */
#include "web/mounted_hosts.h"

#include "http/chars.h"

#include <bide/error.h>
#include <string.h>

enum { HOST_MAX = 255 };        /* of a pattern, without "*", with its port */

/* ---- adding ---- */

static bool is_host(struct text host)
{
    for (size_t i = 0; i < host.size; i++)
        if (!char_is(host.at[i], CHAR_HOST) && !memchr("[]:", host.at[i], 3))
            return false;
    return host.size > 0 && host.size <= HOST_MAX;
}

static void lower(char *to, struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        to[i] = char_lower(text.at[i]);
}

int bide__mounted_hosts_add(struct mounted_hosts *hosts, const char *host, bide_app *app)
{
    bool below = strncmp(host, "*.", 2) == 0;
    struct text text = text_from(below ? host + 1 : host);
    struct table *table = below ? &hosts->below : &hosts->exact;
    char key[HOST_MAX];
    if (!is_host(text) || (below && (text.size < 2 || text.at[1] == '.')))
        return bide_fail(BIDE_EINVAL, "mount_host %.80s: not a host", host);
    lower(key, text);
    if (bide__table_find(table, key, text.size))
        return bide_fail(BIDE_EINVAL, "mount_host %.80s: another application is there", host);
    struct table_entry *entry = bide__table_add(table, key, text.size);
    if (!entry)
        return bide_fail(BIDE_ENOMEM, "out of memory for an application");
    entry->value = app;
    return 0;
}

void bide__mounted_hosts_forget(struct mounted_hosts *hosts)
{
    bide__table_clear(&hosts->exact, NULL);
    bide__table_clear(&hosts->below, NULL);
}

/* ---- finding ---- */

/* Without the port, if there is one: a pattern without a port fits all. */
static size_t size_of_name(struct text host)
{
    const char *colon = memrchr(host.at, ':', host.size);
    bool is_port = colon && !memchr(colon, ']', (size_t)(host.at + host.size - colon));
    return is_port ? (size_t)(colon - host.at) : host.size;
}

/* The better of the two: what is longer, or was added first. */
static const struct table_entry *better(const struct table_entry *a, const struct table_entry *b,
                                        bool by_size)
{
    if (!a || !b)
        return a ? a : b;
    if (by_size && a->size != b->size)
        return a->size > b->size ? a : b;
    return a->number < b->number ? a : b;
}

/* With the port and without it. */
static const struct table_entry *look(const struct table *table, struct text host, size_t name,
                                      bool by_size)
{
    const struct table_entry *entry = bide__table_find(table, host.at, host.size);
    if (name == host.size)
        return entry;
    return better(entry, bide__table_find(table, host.at, name), by_size);
}

static const struct table_entry *look_below(const struct table *table, struct text host,
                                            size_t name)
{
    const struct table_entry *found = NULL;
    for (size_t i = 1; i < name; i++)
        if (host.at[i] == '.')
            found = better(found, look(table, text_of(host.at + i, host.size - i), name - i, true),
                           true);
    return found;
}

/* Of a longer name only the end can be one that is known. */
bide_app *bide__mounted_hosts_find(const struct mounted_hosts *hosts, const char *host)
{
    char text[HOST_MAX + 1];
    struct text asked = text_from(host);
    if (mounted_hosts_are_none(hosts))
        return NULL;
    if (asked.size > sizeof text) {
        asked.at += asked.size - sizeof text;
        asked.size = sizeof text;
    }
    lower(text, asked);
    asked.at = text;
    size_t name = size_of_name(asked);
    const struct table_entry *found = look(&hosts->exact, asked, name, false);
    if (!found && hosts->below.count > 0)
        found = look_below(&hosts->below, asked, name);
    return found ? found->value : NULL;
}
