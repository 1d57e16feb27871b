/* A form taken whole: fields as pairs, files in memory or in temporary ones.
 *
 * What is in memory at most is known beforehand, however a form is cut into fields and files: what
 * would be more is refused if it is a field, and goes to the disk if it is a file. */
#include "web/form.h"

#include "base/memory.h"
#include "http/query.h"

static const struct bide_pair no_fields[] = { { NULL, NULL } };
static const struct bide_form_file no_files[] = { { .field = NULL } };

static struct form_limits limits_of(const struct bide_request *req, const struct bide_form_opts *o)
{
    struct form_limits l = { .fields = o->fields_max, .field = o->field_max, .spill = o->spill,
                             .files = o->files_max, .file = o->file_max,
                             .memory = o->memory_max, .size = o->size_max, .dir = o->dir };
    l.fields = l.fields ? l.fields : FORM_FIELDS_MAX;
    l.files = l.files ? l.files : FORM_FILES_MAX;
    l.size = l.size ? l.size : FORM_SIZE_MAX;
    l.file = l.file ? l.file : l.size;
    l.memory = l.memory ? l.memory : bide__request_body_max(req);
    l.field = l.field ? l.field : l.memory;
    l.spill = l.spill ? l.spill : FORM_SPILL;
    return l;
}

int bide__form_limit(struct bide_request *req, const char *what)
{
    bide_fail(BIDE_ELIMIT, "the form has %s than the limit", what);
    return bide__request_refuse(req, 413);
}

/* ---- urlencoded ---- */

BIDE_WAITS static int read_urlencoded(struct bide_form *form)
{
    struct bide_request *req = form->req;
    size_t count = 1, memory = form->limits.memory;
    struct text text;
    uint64_t max = form->limits.size < memory ? form->limits.size : memory;
    int rc = bide__request_whole(req, (size_t)max, &text);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < text.size; i++)
        count += text.at[i] == '&';
    if (count > form->limits.fields)
        return bide__form_limit(req, "more fields");
    if (text.size > max)                /* read whole before */
        return bide__form_limit(req, "larger fields");
    const struct bide_pair *pairs = bide__query_read(&req->scratch, text);
    if (!pairs)
        return bide_fail(BIDE_ENOMEM, "out of memory for a form");
    for (const struct bide_pair *pair = pairs; pair->name; pair++)
        if (strlen(pair->value) > form->limits.field)
            return bide__form_limit(req, "a larger field");
    form->read_pairs = pairs;
    return 0;
}

/* ---- multipart ---- */

/* Room for one more behind `count` things of that size, and their end. */
static bool make_room(void **list, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return true;            /* it grows at powers of two, with an end behind each */
    void *more = bide__resize(*list, (2 * count + 2) * size);
    if (more)
        *list = more;
    return more != NULL;
}

BIDE_WAITS static int take_field(struct bide_form *form, struct bide_upload *up, const char *name)
{
    struct bide_request *req = form->req;
    size_t size, left = form->limits.memory - form->memory;
    size_t max = form->limits.field < left ? form->limits.field : left;
    if (form->field_count == form->limits.fields)
        return bide__form_limit(req, "more fields");
    const char *own = bide__scratch_copy(&req->scratch, name, strlen(name));
    const char *text = bide_upload_text(up, max, &size);
    if (!text)
        return bide_errcode();
    if (memchr(text, '\0', size)) {
        bide_fail(BIDE_EINVAL, "a field of the form has a NUL in it");
        return bide__request_refuse(req, 400);
    }
    const char *copy = bide__scratch_copy(&req->scratch, text, size);
    if (!own || !copy ||
        !make_room((void **)&form->pairs, form->field_count, sizeof *form->pairs))
        return bide_fail(BIDE_ENOMEM, "out of memory for a form");
    form->memory += size;
    form->pairs[form->field_count++] = (struct bide_pair){ own, copy };
    form->pairs[form->field_count] = no_fields[0];
    return 0;
}

/* A place in the list before there is something to put into it, so that what was opened is not
 * lost. */
static struct bide_form_file *add_file(struct bide_form *form, const struct bide_upload_part *part)
{
    struct scratch *s = &form->req->scratch;
    struct bide_form_file file = {
        .field = bide__scratch_copy(s, part->name, strlen(part->name)),
        .name = bide__scratch_copy(s, part->filename, strlen(part->filename)),
        .type = bide__scratch_copy(s, part->type, strlen(part->type)),
    };
    if (!file.field || !file.name || !file.type ||
        !make_room((void **)&form->files, form->file_count, sizeof *form->files)) {
        bide_fail(BIDE_ENOMEM, "out of memory for a form");
        return NULL;
    }
    form->files[form->file_count] = file;
    form->files[form->file_count + 1] = no_files[0];
    return &form->files[form->file_count++];
}

BIDE_WAITS static int take_file(struct bide_form *form, struct bide_upload *up,
                                const struct bide_upload_part *part)
{
    if (form->file_count == form->limits.files)
        return bide__form_limit(form->req, "more files");
    struct bide_form_file *file = add_file(form, part);
    int rc = file ? bide__form_take_file(form, up, file) : BIDE_ENOMEM;
    if (rc == 0 && file->size == 0 && !*file->name) {   /* none was chosen */
        bide__form_drop_file(file);
        form->files[--form->file_count] = no_files[0];
    }
    return rc;
}

BIDE_WAITS static int read_multipart(struct bide_form *form)
{
    struct bide_upload_part part;
    size_t parts = form->limits.fields + form->limits.files;
    struct bide_upload *up = bide_request_multipart(
        form->req, .size_max = form->limits.size, .parts_max = parts < form->limits.fields
        ? SIZE_MAX : parts);
    int rc;
    while ((rc = bide_upload_next(up, &part)) > 0) {
        rc = part.filename ? take_file(form, up, &part) : take_field(form, up, part.name);
        if (rc < 0)
            break;
    }
    return rc;
}

/* ---- both ---- */

BIDE_WAITS static int read_form(struct bide_form *form)
{
    struct bide_request *req = form->req;
    const char *type = bide_request_type(req);
    if (strcmp(type, "multipart/form-data") == 0)
        return read_multipart(form);
    if (strcmp(type, "application/x-www-form-urlencoded") == 0)
        return read_urlencoded(form);
    bide_fail(BIDE_EINVAL, "the body is to be a form%s%.60s", *type ? ", not " : "", type);
    return bide__request_refuse(req, 415);
}

const bide_form *bide_request_form_opts(bide_request *req, const struct bide_form_opts *opts)
{
    struct body_forms *forms = bide__body_forms(req);
    if (!forms || forms->form)
        return forms ? forms->form : NULL;
    struct bide_form *form = bide__zalloc(sizeof *form);
    if (!form) {
        bide_fail(BIDE_ENOMEM, "out of memory for a form");
        return NULL;
    }
    form->req = req;
    form->limits = limits_of(req, opts);
    if (read_form(form) == 0)
        return forms->form = form;
    bide__form_free(form);
    return NULL;
}

void bide__form_free(struct bide_form *form)
{
    if (!form)
        return;
    for (size_t i = 0; i < form->file_count; i++)
        bide__form_drop_file(&form->files[i]);
    bide__free(form->files);
    bide__free(form->pairs);
    bide__free(form);
}

const struct bide_pair *bide_form_fields(const bide_form *form)
{
    if (!form)
        return no_fields;
    if (form->read_pairs)
        return form->read_pairs;
    return form->pairs ? form->pairs : no_fields;
}

const char *bide_form_get(const bide_form *form, const char *name)
{
    for (const struct bide_pair *pair = bide_form_fields(form); pair->name; pair++)
        if (strcmp(pair->name, name) == 0)
            return pair->value;
    return NULL;
}

const struct bide_form_file *bide_form_files(const bide_form *form)
{
    return form && form->files ? form->files : no_files;
}

const struct bide_form_file *bide_form_file(const bide_form *form, const char *field)
{
    for (const struct bide_form_file *file = bide_form_files(form); file->field; file++)
        if (strcmp(file->field, field) == 0)
            return file;
    return NULL;
}
