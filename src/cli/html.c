/* cli/html.c -- see html.h.
 *
 * Gumbo is a fine parser and a trusting one.  Nested elements make it slow (100,000 <div>
 * in each other: 18 s) and large (2,000 <b> before as many <p>, 27 KB: 510 MB), it does
 * not look whether it got the memory it asked for, and it frees a tree by recursion, which
 * 100,000 levels end with a crash.  So it gets an allocator of ours, which counts, looks
 * at the clock, and where it is too much leaves the parser by longjmp(); and which keeps a
 * list of its blocks, so that all are freed without walking the tree.  Our own walk keeps
 * its place on the heap. */
#include "cli/html.h"
#ifdef BIDE_HTML
#include "cli/html_page.h"
#include <bide/base.h>
#include <bide/error.h>
#include <bide/run.h>
#include <bide/thread.h>
#include <gumbo.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Allocations between two looks at the clock. */
#define CLOCK_EVERY 256

/* What stands before each block. */
struct block {
    struct block *next, **link;
    size_t size;
    _Alignas(max_align_t) char data[];
};
/* The parser's memory. */
struct arena {
    struct block *blocks;
    size_t used, used_max;
    unsigned calls;
    double deadline;
    jmp_buf out;                /* where to when it is too much */
    int why;
};
/* A node, and which of its children is next. */
struct place { const GumboVector *children; unsigned next; };
/* A walk over a tree. */
struct walk {
    struct html_page *page;
    const char *agent;
    struct place *places;
    size_t depth, room;
};

bool html_is_built(void)
{
    return true;
}

static _Noreturn void give_up(struct arena *arena, int why)
{
    arena->why = why;
    longjmp(arena->out, 1);
}

static void *arena_take(void *user, size_t size)
{
    struct arena *arena = user;
    if (++arena->calls % CLOCK_EVERY == 0) {
        if (bide_thread_cancelled())
            give_up(arena, BIDE_ECANCELED);
        if (bide_now() > arena->deadline)
            give_up(arena, BIDE_ETIMEDOUT);
    }
    if (size > arena->used_max - arena->used)
        give_up(arena, BIDE_ELIMIT);
    struct block *block = malloc(sizeof *block + size);
    if (!block)
        give_up(arena, BIDE_ENOMEM);
    *block = (struct block){ .next = arena->blocks, .link = &arena->blocks, .size = size };
    if (block->next)
        block->next->link = &block->next;
    arena->blocks = block;
    arena->used += size;
    return block->data;
}

static void arena_drop(void *user, void *memory)
{
    struct arena *arena = user;
    if (!memory)
        return;
    struct block *block = (struct block *)(void *)((char *)memory - offsetof(struct block, data));
    *block->link = block->next;
    if (block->next)
        block->next->link = block->link;
    arena->used -= block->size;
    free(block);
}

static void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

static int parse(struct arena *arena, const char *text, size_t size, GumboOutput **output)
{
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = arena_take;
    options.deallocator = arena_drop;
    options.userdata = arena;
    options.max_errors = 0;
    if (setjmp(arena->out) == 0) {
        *output = gumbo_parse_with_options(&options, text, size);
        return 0;
    }
    switch (arena->why) {
    case BIDE_ENOMEM:
        return bide_fail(BIDE_ENOMEM, "out of memory");
    case BIDE_ECANCELED:
        return bide_fail(BIDE_ECANCELED, "cancelled");
    case BIDE_ETIMEDOUT:
        return bide_fail(BIDE_ELIMIT, "the page takes too long to parse");
    default:
        return bide_fail(BIDE_ELIMIT, "the page takes more than %zu bytes of memory to parse",
                         arena->used_max);
    }
}

static const char *attribute(const GumboElement *element, const char *name)
{
    const GumboAttribute *found = gumbo_get_attribute(&element->attributes, name);
    return found ? found->value : NULL;
}

/* The title's text; runs of white space, also at its ends, are one blank or none. */
static int read_title(struct html_page *page, const GumboElement *element)
{
    struct html_text title = { page->text_size, 0, true };
    bool gap = false;
    for (unsigned i = 0; i < element->children.length; i++) {
        const GumboNode *child = element->children.data[i];
        if (child->type != GUMBO_NODE_TEXT && child->type != GUMBO_NODE_WHITESPACE)
            continue;
        for (const char *at = child->v.text.text; *at && title.size <= HTML_TITLE_MAX; at++) {
            bool space = html_is_space(*at);
            int rc = 0;
            if (!space && gap && title.size > 0)
                rc = html_add_text(page, " ", 1);
            if (rc == 0 && !space)
                rc = html_add_text(page, at, 1);
            if (rc < 0)
                return rc;
            gap = space;
            title.size = page->text_size - title.at;
        }
    }
    if (title.size > HTML_TITLE_MAX) {
        title.size = HTML_TITLE_MAX;
        while (title.size > 0 && (page->text[title.at + title.size] & 0xc0) == 0x80)
            title.size--;       /* not within a character */
    }
    page->title = title;
    return 0;
}

/* "5; url=/next": where a page sends its reader by itself. */
static int read_refresh(struct html_page *page, const char *content)
{
    const char *at = content + strcspn(content, ";,");
    at += *at != '\0';
    while (html_is_space(*at))
        at++;
    if (strncasecmp(at, "url", 3) != 0)
        return 0;
    at += 3;
    while (html_is_space(*at))
        at++;
    if (*at != '=')
        return 0;
    for (at++; html_is_space(*at); at++) { }
    size_t size = strlen(at);
    if (*at == '"' || *at == '\'') {
        const char *close = strchr(at + 1, *at);
        at++;
        size = close ? (size_t)(close - at) : size - 1;
    }
    char *copy = strndup(at, size);
    if (!copy)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int rc = html_add_link(page, copy, false);
    free(copy);
    return rc;
}

static int read_meta(struct walk *w, const GumboElement *element)
{
    const char *name = attribute(element, "name"), *content = attribute(element, "content");
    const char *event = attribute(element, "http-equiv");
    if (name && content && (strcasecmp(name, "robots") == 0 || strcasecmp(name, w->agent) == 0))
        html_directives(w->page, content, w->agent);
    return event && content && strcasecmp(event, "refresh") == 0 ? read_refresh(w->page, content)
                                                                 : 0;
}

static int read_link(struct html_page *page, const GumboElement *element, const char *name)
{
    const char *reference = attribute(element, name), *rel = attribute(element, "rel");
    bool nofollow = rel && html_has_word(rel, "nofollow", " \t\r\n\f");
    if (!reference)
        return 0;
    if (element->tag == GUMBO_TAG_LINK && !(rel && (html_has_word(rel, "next", " \t\r\n\f") ||
                                                    html_has_word(rel, "prev", " \t\r\n\f"))))
        return 0;
    return html_add_link(page, reference, nofollow);
}

static int read_element(struct walk *w, const GumboElement *element)
{
    if (element->tag_namespace != GUMBO_NAMESPACE_HTML)
        return 0;
    switch (element->tag) {
    case GUMBO_TAG_TITLE:
        return w->page->title.there ? 0 : read_title(w->page, element);
    case GUMBO_TAG_BASE: {
        const char *reference = attribute(element, "href");
        return reference && !w->page->base.there
            ? html_add_trimmed(w->page, &w->page->base, reference) : 0;
    }
    case GUMBO_TAG_META:
        return read_meta(w, element);
    case GUMBO_TAG_A:
    case GUMBO_TAG_AREA:
    case GUMBO_TAG_LINK:
        return read_link(w->page, element, "href");
    case GUMBO_TAG_FRAME:
    case GUMBO_TAG_IFRAME:
        return read_link(w->page, element, "src");
    default:
        return 0;
    }
}

static int enter(struct walk *w, const GumboVector *children)
{
    if (children->length == 0)
        return 0;
    if (w->depth == w->room) {
        size_t room = w->room ? 2 * w->room : 64;
        struct place *more = realloc(w->places, room * sizeof *more);
        if (!more)
            return bide_fail(BIDE_ENOMEM, "out of memory");
        w->places = more;
        w->room = room;
    }
    w->places[w->depth++] = (struct place){ children, 0 };
    return 0;
}

/* What a template holds is no part of the page. */
static int walk_all(struct walk *w, const GumboNode *document)
{
    int rc = enter(w, &document->v.document.children);
    while (rc == 0 && w->depth > 0) {
        struct place *place = &w->places[w->depth - 1];
        if (place->next == place->children->length) {
            w->depth--;
            continue;
        }
        const GumboNode *node = place->children->data[place->next++];
        if (node->type != GUMBO_NODE_ELEMENT)
            continue;
        rc = read_element(w, &node->v.element);
        if (rc == 0)
            rc = enter(w, &node->v.element.children);
    }
    return rc;
}

int html_read(struct html_page *page, const char *text, size_t size, const char *agent,
              const struct html_limits *limits)
{
    struct arena arena = { .used_max = limits->memory_max,
                           .deadline = bide_now() + limits->seconds_max };
    struct walk walk = { .page = page, .agent = agent };
    GumboOutput *output = NULL;
    *page = (struct html_page){ .text = NULL };
    int rc = parse(&arena, text, size, &output);
    if (rc == 0)
        rc = walk_all(&walk, output->document);
    free(walk.places);
    arena_free(&arena);
    if (rc < 0)
        html_free(page);
    return rc;
}

#else
#include <bide/error.h>

bool html_is_built(void)
{
    return false;
}

int html_read(struct html_page *page, const char *text, size_t size, const char *agent,
              const struct html_limits *limits)
{
    (void)text, (void)size, (void)agent, (void)limits;
    *page = (struct html_page){ .text = NULL };
    return bide_fail(-ENOSYS, "bide was built without an HTML parser");
}
#endif
