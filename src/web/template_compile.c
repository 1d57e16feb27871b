/* From a template's text to operations, in one pass.
 *
 * What looks at lines looks at the source, not at what came before: a tag has its line for itself
 * if there are only blanks to both sides of it. */
#include "web/template.h"

#include "base/memory.h"

#include <bide/error.h>

enum { DELIMITER_MAX = 16 };

struct compiler {
    struct template_part *part;
    const char *start, *at, *end;
    char open[DELIMITER_MAX + 1], close[DELIMITER_MAX + 1];
    size_t sections[BIDE_TEMPLATE_DEPTH_MAX];   /* those that are open */
    size_t depth;
};

/* A tag while it is looked at. */
struct tag {
    const char *from, *to;      /* with its delimiters */
    char kind;                  /* '{', '#', ...; ' ': a plain value */
    struct text inside;         /* without the kind, trimmed */
};

static int fail(const struct compiler *c, const char *at, const char *what, struct text name)
{
    size_t line = 1;
    for (const char *p = c->start; p < at; p++)
        line += *p == '\n';
    const char *within = c->part->name;
    return bide_fail(BIDE_EINVAL, "template%s%.60s: line %zu: %s%s%.*s%s", *within ? " " : "",
                     within, line, what, name.at ? " '" : "", (int)name.size,
                     name.at ? name.at : "", name.at ? "'" : "");
}

static const struct text nobody = { NULL, 0 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct text trimmed(const char *at, const char *end)
{
    while (at < end && (is_blank(*at) || *at == '\n' || *at == '\r'))
        at++;
    while (end > at && (is_blank(end[-1]) || end[-1] == '\n' || end[-1] == '\r'))
        end--;
    return text_of(at, (size_t)(end - at));
}

static const char *find(const char *at, const char *end, const char *word)
{
    return memmem(at, (size_t)(end - at), word, strlen(word));
}

/* ---- operations ---- */

static struct template_op *add(struct compiler *c, enum template_kind kind, struct text text)
{
    struct template_part *part = c->part;
    if (part->count == part->room) {
        size_t room = 2 * part->room + 16;
        struct template_op *ops = bide__resize(part->ops, room * sizeof *ops);
        if (!ops) {
            bide_fail(BIDE_ENOMEM, "out of memory for a template");
            return NULL;
        }
        part->ops = ops;
        part->room = room;
    }
    struct template_op *op = &part->ops[part->count++];
    *op = (struct template_op){ .kind = (uint8_t)kind, .text = text };
    return op;
}

static int add_text(struct compiler *c, const char *from, const char *to)
{
    if (from == to)
        return 0;
    return add(c, TEMPLATE_TEXT, text_of(from, (size_t)(to - from))) ? 0 : BIDE_ENOMEM;
}

/* ---- tags ---- */

/* The next tag: 1; 0: there are no more. */
static int read_tag(struct compiler *c, struct tag *tag)
{
    tag->from = find(c->at, c->end, c->open);
    if (!tag->from)
        return 0;
    const char *inside = tag->from + strlen(c->open);
    char ending[DELIMITER_MAX + 2] = "";
    tag->kind = inside < c->end && strchr("{&#^/>!=", *inside) ? *inside++ : ' ';
    if (tag->kind == '{' || tag->kind == '=')
        ending[0] = tag->kind == '{' ? '}' : '=';
    strcat(ending, c->close);
    const char *stop = find(inside, c->end, ending);
    if (!stop)
        return fail(c, tag->from, "a tag is not closed", nobody);
    tag->to = stop + strlen(ending);
    tag->inside = trimmed(inside, stop);
    if (tag->inside.size == 0 && tag->kind != '!')
        return fail(c, tag->from, "a tag is empty", nobody);
    return 1;
}

/* Where its line begins and the next one, if it has its line for itself. */
static bool has_own_line(const struct compiler *c, const struct tag *tag, const char **begin,
                         const char **behind)
{
    const char *from = tag->from, *to = tag->to;
    if (!strchr("#^/>!=", tag->kind))
        return false;
    while (from > c->start && is_blank(from[-1]))
        from--;
    while (to < c->end && is_blank(*to))
        to++;
    if (to < c->end && *to == '\r' && to + 1 < c->end && to[1] == '\n')
        to++;
    if ((from > c->start && from[-1] != '\n') || (to < c->end && *to != '\n'))
        return false;
    *begin = from;
    *behind = to < c->end ? to + 1 : to;
    return true;
}

static int begin_section(struct compiler *c, const struct tag *tag)
{
    if (c->depth == BIDE_TEMPLATE_DEPTH_MAX)
        return fail(c, tag->from, "sections lie too deep in each other", nobody);
    c->sections[c->depth++] = c->part->count;
    return add(c, tag->kind == '#' ? TEMPLATE_SECTION : TEMPLATE_INVERTED, tag->inside)
        ? 0 : BIDE_ENOMEM;
}

static int end_section(struct compiler *c, const struct tag *tag)
{
    if (c->depth == 0)
        return fail(c, tag->from, "no section is open that could end, with", tag->inside);
    size_t begun = c->sections[--c->depth];
    struct text name = c->part->ops[begun].text;
    if (name.size != tag->inside.size || memcmp(name.at, tag->inside.at, name.size) != 0)
        return fail(c, tag->from, "another section is open, namely", name);
    c->part->ops[begun].mate = c->part->count;
    return add(c, TEMPLATE_END, name) ? 0 : BIDE_ENOMEM;
}

static bool is_delimiter(struct text word)
{
    return word.size > 0 && word.size <= DELIMITER_MAX && !memchr(word.at, '=', word.size);
}

/* "<% %>" */
static int set_delimiters(struct compiler *c, const struct tag *tag)
{
    const char *at = tag->inside.at, *end = at + tag->inside.size, *blank = at;
    while (blank < end && !strchr(" \t\r\n", *blank))
        blank++;
    struct text open = text_of(at, (size_t)(blank - at)), close = trimmed(blank, end);
    for (size_t i = 0; i < close.size; i++)
        if (strchr(" \t\r\n", close.at[i]))
            close.size = 0;
    if (!is_delimiter(open) || !is_delimiter(close))
        return fail(c, tag->from, "these are no delimiters:", tag->inside);
    memcpy(c->open, open.at, open.size);
    c->open[open.size] = '\0';
    memcpy(c->close, close.at, close.size);
    c->close[close.size] = '\0';
    return 0;
}

static int add_partial(struct compiler *c, const struct tag *tag, struct text indent)
{
    struct template_op *op = add(c, TEMPLATE_PARTIAL, tag->inside);
    if (!op)
        return BIDE_ENOMEM;
    op->indent = indent;
    return 0;
}

static int take_tag(struct compiler *c, const struct tag *tag, struct text indent)
{
    switch (tag->kind) {
    case '#':
    case '^':
        return begin_section(c, tag);
    case '/':
        return end_section(c, tag);
    case '>':
        return add_partial(c, tag, indent);
    case '=':
        return set_delimiters(c, tag);
    case '!':
        return 0;
    case ' ':
        return add(c, TEMPLATE_VALUE, tag->inside) ? 0 : BIDE_ENOMEM;
    default:
        return add(c, TEMPLATE_RAW, tag->inside) ? 0 : BIDE_ENOMEM;
    }
}

/* The text up to the next tag, and the tag: 1; 0: that was all. */
static int step(struct compiler *c)
{
    struct tag tag = { .kind = 0 };
    const char *begin, *behind;
    struct text indent = nobody;
    int found = read_tag(c, &tag);
    if (found <= 0)
        return found < 0 ? found : add_text(c, c->at, c->end);
    if (has_own_line(c, &tag, &begin, &behind))
        indent = text_of(begin, (size_t)(tag.from - begin));
    else {
        begin = tag.from;
        behind = tag.to;
    }
    int rc = add_text(c, c->at, begin);
    if (rc == 0)
        rc = take_tag(c, &tag, indent);
    c->at = behind;
    return rc < 0 ? rc : 1;
}

int bide__template_compile(struct template_part *part, size_t size)
{
    struct compiler c = { .part = part, .start = part->source, .at = part->source,
                          .end = part->source + size, .open = "{{", .close = "}}" };
    int rc;
    while ((rc = step(&c)) > 0)
        continue;
    if (rc == 0 && c.depth > 0)
        rc = fail(&c, part->ops[c.sections[c.depth - 1]].text.at, "this section is not closed:",
                  part->ops[c.sections[c.depth - 1]].text);
    return rc;
}
