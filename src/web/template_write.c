/* A page from a template and its data.
 *
 * Where a name is looked for is a chain of frames, one for each section that is open, on the stack;
 * how deep that may go is limited, for a partial may call itself. */
#include "web/template.h"

#include "base/memory.h"
#include "json/write.h"
#include "web/html.h"

#include <bide/error.h>

struct frame {
    const struct frame *outer;
    const bide_json *value;
};

/* Blanks before each line of a partial, those of the partials around it first. */
struct indent {
    const struct indent *outer;
    struct text text;
};

struct page {
    struct writer *w;
    size_t start, size_max;
    unsigned depth;
};

/* The part that is being written. */
struct place {
    const struct template_part *part;
    const struct indent *indent;        /* NULL: none */
    bool fresh;                         /* a line begins here */
};

/* ---- names ---- */

/* The last member of that name, as everywhere in bide/json.h. */
static const bide_json *member(const bide_json *j, struct text name)
{
    const bide_json *found = NULL;
    if (bide_json_type(j) != BIDE_JSON_OBJECT)
        return NULL;
    for (const bide_json *item = NULL; (item = bide_json_next(j, item));)
        if (bide__text_is(name, bide_json_name(item)))
            found = item;
    return found;
}

/* The first piece of a name with dots; the rest is behind it. */
static struct text first_piece(struct text *name)
{
    const char *dot = memchr(name->at, '.', name->size);
    size_t size = dot ? (size_t)(dot - name->at) : name->size;
    struct text piece = text_of(name->at, size);
    *name = dot ? text_of(dot + 1, name->size - size - 1) : text_of(NULL, 0);
    return piece;
}

static const bide_json *look_up(const struct frame *frame, struct text name)
{
    const bide_json *found = NULL;
    if (bide__text_is(name, "."))
        return frame->value;
    struct text piece = first_piece(&name);
    for (; frame && !found; frame = frame->outer)
        found = member(frame->value, piece);
    while (found && name.at)
        found = member(found, first_piece(&name));
    return found;
}

static bool counts(const bide_json *value)
{
    size_t size = 1;
    switch (bide_json_type(value)) {
    case BIDE_JSON_NONE:
    case BIDE_JSON_NULL:
        return false;
    case BIDE_JSON_BOOL:
        return bide_json_bool(value, NULL, false);
    case BIDE_JSON_TEXT:
        bide_json_sized(value, &size);
        return size > 0;
    case BIDE_JSON_ARRAY:
        return bide_json_count(value) > 0;
    default:
        return true;
    }
}

/* ---- writing ---- */

static void check_size(struct page *page)
{
    if (page->w->size - page->start > page->size_max)
        bide__writer_fail(page->w, BIDE_ELIMIT, "the page is larger than the limit");
}

static void put_indent(struct writer *w, const struct indent *indent)
{
    if (!indent)
        return;
    put_indent(w, indent->outer);
    writer_put(w, indent->text.at, indent->text.size);
}

static void begin_line(struct page *page, struct place *place)
{
    if (place->fresh)
        put_indent(page->w, place->indent);
    place->fresh = false;
}

static void put_text(struct page *page, struct place *place, struct text text)
{
    const char *at = text.at, *end = at + text.size;
    if (!place->indent) {
        writer_put(page->w, at, text.size);
        return;
    }
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t size = line ? (size_t)(line - at) + 1 : (size_t)(end - at);
        begin_line(page, place);
        writer_put(page->w, at, size);
        place->fresh = line != NULL;
        at += size;
    }
}

static void put_piece(struct writer *w, struct text text, bool raw)
{
    if (raw)
        writer_put(w, text.at, text.size);
    else
        bide__html_write(w, text);
}

/* What is no text as JSON has it. */
static void put_json(struct writer *w, const bide_json *value, bool raw)
{
    char space[256];
    size_t size;
    char *text = bide__json_write_into(value, space, sizeof space, &size);
    if (!text) {
        bide__writer_fail(w, bide_errcode(), "a value could not be written");
        return;
    }
    put_piece(w, text_of(text, size), raw);
    if (text != space)
        bide__free(text);
}

static void put_value(struct page *page, struct place *place, const bide_json *value, bool raw)
{
    size_t size;
    enum bide_json_type type = bide_json_type(value);
    begin_line(page, place);
    if (type == BIDE_JSON_NONE || type == BIDE_JSON_NULL)
        return;
    if (type != BIDE_JSON_TEXT) {
        put_json(page->w, value, raw);
        return;
    }
    const char *text = bide_json_sized(value, &size);
    put_piece(page->w, text_of(text, size), raw);
}

/* ---- operations ---- */

static void put_ops(struct page *page, struct place *place, const struct frame *frame, size_t from,
                    size_t to);

static void put_section(struct page *page, struct place *place, const struct frame *frame,
                        size_t from, size_t to, const bide_json *value)
{
    if (bide_json_type(value) != BIDE_JSON_ARRAY) {
        struct frame inner = { frame, value };
        put_ops(page, place, &inner, from, to);
        return;
    }
    const bide_json *item = NULL;
    while (page->w->code == 0 && (item = bide_json_next(value, item))) {
        struct frame inner = { frame, item };
        put_ops(page, place, &inner, from, to);
    }
}

static void put_partial(struct page *page, const struct place *outer, const struct frame *frame,
                        const struct template_op *op)
{
    struct indent indent = { outer->indent, op->indent };
    struct place place = { op->partial, op->indent.size ? &indent : outer->indent, true };
    put_ops(page, &place, frame, 0, op->partial->count);
}

/* One operation: the index of the one behind what it has done. */
static size_t put_op(struct page *page, struct place *place, const struct frame *frame, size_t at)
{
    const struct template_op *op = &place->part->ops[at];
    const bide_json *value = NULL;
    if (op->kind == TEMPLATE_TEXT) {
        put_text(page, place, op->text);
        return at + 1;
    }
    if (op->kind == TEMPLATE_PARTIAL) {
        put_partial(page, place, frame, op);
        return at + 1;
    }
    value = look_up(frame, op->text);
    if (op->kind == TEMPLATE_VALUE || op->kind == TEMPLATE_RAW) {
        put_value(page, place, value, op->kind == TEMPLATE_RAW);
        return at + 1;
    }
    if (op->kind == TEMPLATE_SECTION && counts(value))
        put_section(page, place, frame, at + 1, op->mate, value);
    else if (op->kind == TEMPLATE_INVERTED && !counts(value))
        put_ops(page, place, frame, at + 1, op->mate);
    return op->mate + 1;
}

static void put_ops(struct page *page, struct place *place, const struct frame *frame, size_t from,
                    size_t to)
{
    if (page->depth == BIDE_TEMPLATE_DEPTH_MAX) {
        bide__writer_fail(page->w, BIDE_ELIMIT, "sections and partials lie too deep in each other");
        return;
    }
    page->depth++;
    while (from < to && page->w->code == 0) {
        from = put_op(page, place, frame, from);
        check_size(page);
    }
    page->depth--;
}

void bide__template_write(const struct bide_template *t, const bide_json *data, struct writer *w)
{
    struct page page = { .w = w, .start = w->size, .size_max = t->size_max };
    struct place place = { .part = t->first };
    struct frame frame = { NULL, data };
    put_ops(&page, &place, &frame, 0, t->first->count);
}
