/* Adding to the tree, and searching it. */
#include "web/route_tree.h"

#include "base/memory.h"
#include "web/app.h"

#include <string.h>

/* ---- growing ---- */

static bool same_text(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

/* Names do not count: {id} and {name} match the same. */
static bool same_shape(const struct segment *a, const struct segment *b)
{
    return a->kind == b->kind && same_text(a->before, b->before) && same_text(a->after, b->after) &&
           same_text(a->expression, b->expression);
}

static void free_node(struct route_node *node)
{
    bide__tree_clear(node);
    bide__free(node);
}

static void drop_node(void *node)
{
    free_node(node);
}

static struct route_node *fixed_child(struct route_node *node, struct text text)
{
    struct table_entry *entry = bide__table_find(&node->fixed, text.at, text.size);
    if (!entry)
        entry = bide__table_add(&node->fixed, text.at, text.size);
    if (entry && !entry->value)
        entry->value = bide__zalloc(sizeof(struct route_node));
    if (!entry || !entry->value)
        bide_fail(BIDE_ENOMEM, "out of memory for a route");
    return entry ? entry->value : NULL;
}

static struct route_node *new_pattern(const struct segment *segment)
{
    struct route_node *node = bide__zalloc(sizeof *node);
    if (node)
        node->text = bide__copy_text(segment->all.at, segment->all.size);
    if (!node || !node->text) {
        bide__free(node);
        bide_fail(BIDE_ENOMEM, "out of memory for a route");
        return NULL;
    }
    const char *why = bide__segment_read(&node->segment, text_of(node->text, segment->all.size));
    if (!why && segment->kind == SEGMENT_FITTING)
        why = bide__expression_compile(&node->regex, segment->expression);
    if (!why)
        return node;
    node->segment.kind = SEGMENT_ANY;           /* nothing was compiled */
    free_node(node);
    bide_fail(strcmp(why, "out of memory") == 0 ? BIDE_ENOMEM : BIDE_EINVAL, "route ...%.*s: %s",
              (int)(segment->all.size < 80 ? segment->all.size : 80), segment->all.at, why);
    return NULL;
}

static struct route_node *pattern_child(struct route_node *node, const struct segment *segment)
{
    struct route_node **place = &node->patterns;
    while (*place && !same_shape(&(*place)->segment, segment))
        place = &(*place)->next;
    if (!*place)
        *place = new_pattern(segment);
    return *place;
}

static struct route **place_in(struct route_set *set, const struct route *route)
{
    if (strcmp(route->method, "*") == 0)
        return &set->any;
    struct route **place = &set->known[route->known];
    while (route->known == METHOD_OTHER && *place && strcmp((*place)->method, route->method) != 0)
        place = &(*place)->next_other;
    return place;
}

static int add_to_set(struct route_set **set, struct route *route)
{
    if (!*set)
        *set = bide__zalloc(sizeof **set);
    if (!*set)
        return bide_fail(BIDE_ENOMEM, "out of memory for a route");
    struct route **place = place_in(*set, route);
    if (*place)
        return bide_fail(BIDE_EINVAL, "route %s %.80s: %.80s is there already", route->method,
                         route->path, (*place)->path);
    *place = route;
    return 0;
}

int bide__tree_add(struct route_node *node, struct route *route)
{
    for (size_t i = 0; node && i < route->count; i++) {
        const struct segment *segment = &route->segments[i];
        if (segment->kind == SEGMENT_REST)
            return add_to_set(&node->rest, route);
        node = segment->kind == SEGMENT_FIXED ? fixed_child(node, segment->all)
                                              : pattern_child(node, segment);
    }
    return node ? add_to_set(&node->here, route) : bide_errcode();
}

struct route_node *bide__tree_place(struct route_node *node, const char *path)
{
    while (node && *path == '/') {
        size_t size = strcspn(path + 1, "/");
        node = fixed_child(node, text_of(path + 1, size));
        path += 1 + size;
    }
    return node;
}

void bide__tree_clear(struct route_node *node)
{
    while (node->patterns) {
        struct route_node *next = node->patterns->next;
        free_node(node->patterns);
        node->patterns = next;
    }
    bide__table_clear(&node->fixed, drop_node);
    if (node->segment.kind == SEGMENT_FITTING)
        regfree(&node->regex);
    bide__free(node->text);
    bide__free(node->here);
    bide__free(node->rest);
}

bool bide__tree_is_plain(const struct route_node *node)
{
    if (node->patterns || node->rest)
        return false;
    uint64_t at = 0;
    for (const struct table_entry *e; (e = bide__table_next(&node->fixed, &at)) != NULL;) {
        const struct route_node *child = e->value;
        if (child && (child->mounted || !bide__tree_is_plain(child)))
            return false;
    }
    return true;
}

/* ---- searching ---- */

static bool take(struct search *s, const struct route_set *set)
{
    if (!set)
        return false;
    s->route = bide__set_get(set, s->method, s->method_name);
    if (!s->route && s->set_count < SEARCH_SETS_MAX)
        s->sets[s->set_count++] = set;
    return s->route;
}

/* From here on it is another application's: also its 404. */
static bool enter(struct search *s, bide_app *mounted, size_t at)
{
    bide__tree_find(s, mounted, at);
    return true;
}

static bool end_here(struct search *s, const struct route_node *node, size_t at)
{
    if (take(s, node->here))
        return true;
    return node->mounted && enter(s, node->mounted, at);
}

static bool find(struct search *s, const struct route_node *node, size_t at)
{
    if (at == s->path->count)
        return end_here(s, node, at);
    char *asked = s->path->segments[at];
    size_t size;
    const struct table_entry *entry = bide__table_find(&node->fixed, asked, strlen(asked));
    if (entry && entry->value && find(s, entry->value, at + 1))
        return true;
    for (const struct route_node *child = node->patterns; child; child = child->next)
        if (bide__segment_fits(&child->segment, &child->regex, asked, &size) &&
            find(s, child, at + 1))
            return true;
    if (take(s, node->rest))
        return true;
    return node->mounted && enter(s, node->mounted, at);
}

bool bide__tree_find(struct search *s, bide_app *app, size_t at)
{
    static char nothing[1];
    bide_app *for_host = s->host ? bide__mounted_hosts_find(&app->hosts, s->host) : NULL;
    if (for_host)
        return bide__tree_find(s, for_host, at);
    s->app = app;
    s->at = at;
    if (at == s->path->count && at > 0 && at < PATH_SEGMENTS_MAX)
        s->path->segments[s->path->count++] = nothing;      /* "/api" asks for "/api/" */
    find(s, &app->root, at);
    return s->route;
}
