/* Templates and their partials: made from texts or files, rendered, answered with.
 *
 * Partials are looked for when a template is made, so that one which is missing is found then and
 * not when a page is wanted.  Each is there once, so two may call each other. */
#include "web/template.h"

#include "base/memory.h"
#include "http/heap_writer.h"
#include "web/request.h"

#include <bide/file.h>
#include <bide/respond.h>

/* ---- parts ---- */

static void free_part(struct template_part *part)
{
    bide__free(part->name);
    bide__free(part->source);
    bide__free(part->ops);
    bide__free(part);
}

/* Adds a part: 0, or < 0. */
static int add_part(struct bide_template *t, struct text name, struct text source)
{
    struct template_part *part = bide__zalloc(sizeof *part);
    if (!part)
        return bide_fail(BIDE_ENOMEM, "out of memory for a template");
    part->name = bide__copy_text(name.at, name.size);
    part->source = bide__copy_text(source.at, source.size);
    int rc = part->name && part->source ? bide__template_compile(part, source.size)
                                        : bide_fail(BIDE_ENOMEM, "out of memory for a template");
    if (rc < 0) {
        free_part(part);
        return rc;
    }
    if (t->last)
        t->last->next = part;
    else
        t->first = part;
    t->last = part;
    return 0;
}

static struct template_part *find_part(const struct bide_template *t, struct text name)
{
    struct template_part *part = t->first->next;        /* the first one is no partial */
    while (part && !bide__text_is(name, part->name))
        part = part->next;
    return part;
}

/* The first partial that is called and not there; false: there is none. */
static bool find_missing(struct bide_template *t, struct text *name)
{
    for (struct template_part *part = t->first; part; part = part->next) {
        for (size_t i = 0; i < part->count; i++) {
            struct template_op *op = &part->ops[i];
            if (op->kind != TEMPLATE_PARTIAL || op->partial)
                continue;
            *name = op->text;
            op->partial = find_part(t, op->text);
            if (!op->partial)
                return true;
        }
    }
    return false;
}

static struct bide_template *new_template(struct text source, size_t size_max)
{
    struct bide_template *t = bide__zalloc(sizeof *t);
    if (!t) {
        bide_fail(BIDE_ENOMEM, "out of memory for a template");
        return NULL;
    }
    t->size_max = size_max ? size_max : BIDE_TEMPLATE_SIZE_MAX;
    if (add_part(t, text_of("", 0), source) == 0)
        return t;
    bide__free(t);
    return NULL;
}

void bide_template_free(bide_template *t)
{
    if (!t)
        return;
    while (t->first) {
        struct template_part *part = t->first;
        t->first = part->next;
        free_part(part);
    }
    bide__free(t);
}

/* ---- from texts ---- */

static int add_given(struct bide_template *t, struct text name, const struct bide_pair *partials)
{
    for (; partials && partials->name; partials++)
        if (bide__text_is(name, partials->name))
            return add_part(t, name, text_from(partials->value));
    return bide_fail(BIDE_EINVAL, "template: there is no partial '%.*s'", (int)name.size, name.at);
}

bide_template *bide_template_new_opts(const char *text, const struct bide_template_opts *opts)
{
    struct text name;
    bide_auto(template) t = text ? new_template(text_from(text), opts->size_max) : NULL;
    while (t && find_missing(t, &name))
        if (add_given(t, name, opts->partials) < 0)
            return NULL;
    return bide_steal(t);
}

/* ---- from files ---- */

/* A partial's name is a part of a path: within the directory, and nothing hidden. */
static bool is_filename(struct text name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.at[i] == '.' && (i == 0 || name.at[i - 1] == '/'))
            return false;
    return name.size < 200 && name.at[0] != '/';
}

/* "pages/header.html" beside "pages/user.html". */
static char *path_beside(const char *path, struct text name)
{
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    const char *dot = strrchr(file, '.');
    struct writer w = bide__heap_writer();
    writer_put(&w, path, (size_t)(file - path));
    writer_put(&w, name.at, name.size);
    writer_put(&w, dot ? dot : "", dot ? strlen(dot) : 0);
    writer_put(&w, "", 1);
    return (char *)(uintptr_t)bide__heap_writer_end(&w, "a template").at;
}

BIDE_WAITS static int add_file(struct bide_template *t, const char *path, struct text name)
{
    if (!is_filename(name))
        return bide_fail(BIDE_EINVAL, "template: the partial '%.*s' is no name of a file",
                         (int)name.size, name.at);
    char *beside = path_beside(path, name);
    bide_auto(bytes) source = beside ? bide_file_load(beside) : NULL;
    bide__free(beside);
    if (!source)
        return bide_errcode();
    return add_part(t, name, text_of(source->data, source->size));
}

bide_template *bide_template_load_opts(const struct bide_template_load_opts *opts)
{
    struct text name;
    bide_auto(bytes) source = bide_file_load(opts->path);
    if (!source)
        return NULL;
    bide_auto(template) t = new_template(text_of(source->data, source->size), opts->size_max);
    while (t && find_missing(t, &name)) {
        if (add_file(t, opts->path, name) < 0) {
            bide_template_free(bide_steal(t));
            break;
        }
    }
    if (!t && bide_errcode() != BIDE_ECANCELED)
        bide_within("%s", opts->path);
    return bide_steal(t);
}

/* ---- pages ---- */

char *bide_template_render(const bide_template *t, const bide_json *data, size_t *size)
{
    struct writer w = bide__heap_writer();
    if (!t || (data && bide_json_check(data) < 0))
        return NULL;
    bide__template_write(t, data, &w);
    size_t written = w.size;
    writer_put(&w, "", 1);
    struct text page = bide__heap_writer_end(&w, "a page");
    if (page.at && size)
        *size = written;
    return (char *)(uintptr_t)page.at;
}

void bide_template_text_free(char *text)
{
    bide__free(text);
}

int bide_respond_template(bide_request *req, int status, const bide_template *t,
                          const bide_json *data)
{
    size_t size;
    char *page = bide_template_render(t, data, &size);
    if (!page)
        return bide_errcode();
    int rc = bide_respond(req, status, "text/html; charset=utf-8", page, size);
    bide__free(page);
    return rc;
}
