/* The table of /etc/hosts. */
#include "net/hosts.h"
#include "base/memory.h"
#include <bide/error.h>
#include <stdlib.h>
#include <string.h>

static const char gaps[] = " \t\r\f\v";

int bide__hosts_file_open(struct hosts_file *h, const char *path)
{
    if (!path)
        path = "/etc/hosts";
    if (!*path)
        return 0;
    h->path = bide__copy_text(path, strlen(path));
    return h->path ? 0 : BIDE_ENOMEM;
}

static void forget(struct hosts_file *h)
{
    bide__free(h->text);
    bide__free(h->lines);
    h->text = NULL;
    h->lines = NULL;
    h->count = 0;
}

/* By name; those of one name stay in the order of the file, which is that of their names. */
static int compare(const void *a, const void *b)
{
    const struct host_line *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order)
        return order;
    return x->name < y->name ? -1 : x->name > y->name;
}

static bool add(struct hosts_file *h, size_t *room, const char *name,
                const struct bide_address *address)
{
    if (h->count == *room) {
        size_t more = *room ? 2 * *room : 16;
        struct host_line *lines = bide__resize(h->lines, more * sizeof *lines);
        if (!lines)
            return false;
        h->lines = lines;
        *room = more;
    }
    h->lines[h->count++] = (struct host_line){ name, *address };
    return true;
}

static void lower(char *name)
{
    for (; *name; name++)
        if (*name >= 'A' && *name <= 'Z')
            *name = (char)(*name + 'a' - 'A');
}

static bool read_line(struct hosts_file *h, size_t *room, char *line)
{
    struct bide_address address;
    char *state, *word;
    line[strcspn(line, "#")] = '\0';
    word = strtok_r(line, gaps, &state);
    if (!word || !bide__address_of_number(word, 0, &address))
        return true;
    while ((word = strtok_r(NULL, gaps, &state))) {
        lower(word);
        if (!add(h, room, word, &address))
            return false;
    }
    return true;
}

void bide__hosts_file_parse(struct hosts_file *h, char *text)
{
    size_t room = 0;
    char *next;
    forget(h);
    h->text = text;
    for (char *line = text; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (!read_line(h, &room, line))
            break;              /* out of memory: what was read counts */
    }
    if (h->count)
        qsort(h->lines, h->count, sizeof *h->lines, compare);
}

/* The first line of this name, or the one that would come after it. */
static size_t first_of(const struct hosts_file *h, const char *name)
{
    size_t low = 0, high = h->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(h->lines[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int bide__hosts_file_find(struct hosts_file *h, const char *name, int family,
                          struct bide_addresses *found)
{
    found->count = 0;
    if (!h->path)
        return 0;
    if (bide__etc_changed(&h->stamp, h->path)) {
        char *text = bide__etc_load(h->path);
        forget(h);
        if (text)
            bide__hosts_file_parse(h, text);
    }
    for (size_t i = first_of(h, name); i < h->count && strcmp(h->lines[i].name, name) == 0; i++) {
        const struct bide_address *a = &h->lines[i].address;
        if (family != AF_UNSPEC && a->is.any.sa_family != family)
            continue;
        if (found->count < BIDE_ADDRESSES_MAX)
            found->list[found->count++] = *a;
    }
    return found->count;
}

void bide__hosts_file_close(struct hosts_file *h)
{
    forget(h);
    bide__free(h->path);
    h->path = NULL;
}
