/* A template from inside: the texts it is made of, and what is to be done for each.
 *
 * A text is cut into operations, in one array.  A section knows where it ends, and its end where it
 * began, so nothing is searched when a page is made. */
#ifndef BIDE_WEB_TEMPLATE_H
#define BIDE_WEB_TEMPLATE_H

#include "http/write.h"

#include <bide/json.h>
#include <bide/template.h>

enum template_kind {
    TEMPLATE_TEXT,
    TEMPLATE_VALUE,             /* escaped */
    TEMPLATE_RAW,
    TEMPLATE_SECTION,
    TEMPLATE_INVERTED,
    TEMPLATE_END,
    TEMPLATE_PARTIAL,
};

struct template_op {
    uint8_t kind;               /* enum template_kind */
    struct text text;           /* the text, or the name */
    struct text indent;         /* of a partial with a line for itself */
    size_t mate;                /* of a section: its end */
    const struct template_part *partial;        /* NULL: not looked for yet */
};

/* The template itself, or a partial. */
struct template_part {
    struct template_part *next;
    char *name;                 /* "" for the template itself */
    char *source;               /* ours; texts and names lie in it */
    struct template_op *ops;
    size_t count, room;
};

struct bide_template {
    struct template_part *first, *last;
    size_t size_max;
};

/* Cuts a source into operations: 0; BIDE_EINVAL, with the line; BIDE_ENOMEM. */
int bide__template_compile(struct template_part *part, size_t size);

/* Appends the page to a writer, which becomes bad if that fails. */
void bide__template_write(const struct bide_template *t, const bide_json *data, struct writer *w);

#endif
