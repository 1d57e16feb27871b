/* Files of a form: in memory as long as they are small, else in a temporary file without a name. */
#include "web/form.h"

#include "base/memory.h"
#include "http/heap_writer.h"

#include <bide/dir.h>
#include <bide/scope.h>
#include <stdio.h>

/* From now on it lies on the disk, with what has come so far. */
BIDE_WAITS static int spill(const struct bide_form *form, struct bide_form_file *file,
                            struct writer *w)
{
    file->file = bide_temp_file_open(.dir = form->limits.dir);
    if (!file->file)
        return bide_errcode();
    int rc = bide_file_write(file->file, w->at, w->size);
    bide__free(w->at);
    *w = bide__heap_writer();
    return rc;
}

BIDE_WAITS static int put(const struct bide_form *form, struct bide_form_file *file,
                          struct writer *w, struct text data)
{
    size_t left = form->limits.memory - form->memory;
    size_t most = form->limits.spill < left ? form->limits.spill : left;
    file->size += data.size;
    if (file->size > form->limits.file)
        return bide__form_limit(form->req, "a larger file");
    if (!file->file && file->size > most) {
        int rc = spill(form, file, w);
        if (rc < 0)
            return rc;
    }
    if (file->file)
        return bide_file_write(file->file, data.at, data.size);
    writer_put(w, data.at, data.size);
    return w->code < 0 ? bide_fail(BIDE_ENOMEM, "out of memory for a form") : 0;
}

/* Ready for whoever reads it: at its start, all of it with the system. */
BIDE_WAITS static int settle(struct bide_form *form, struct bide_form_file *file, struct writer *w)
{
    if (file->file) {
        int64_t at = bide_file_seek(file->file, 0, SEEK_SET);
        return at < 0 ? (int)at : bide_file_flush(file->file);
    }
    writer_put(w, "", 1);
    if (w->code < 0)
        return bide_fail(BIDE_ENOMEM, "out of memory for a form");
    form->memory += (size_t)file->size;
    file->data = w->at;
    return 0;
}

int bide__form_take_file(struct bide_form *form, struct bide_upload *up,
                         struct bide_form_file *file)
{
    struct writer w = bide__heap_writer();
    struct text data;
    int rc;
    while ((rc = bide__upload_peek(up, &data)) == 0 && data.size > 0) {
        rc = put(form, file, &w, data);
        if (rc < 0)
            break;
        up->data.size = 0;
    }
    if (rc == 0)
        rc = settle(form, file, &w);
    if (!file->data)
        bide__free(w.at);
    return rc;
}

void bide__form_drop_file(struct bide_form_file *file)
{
    bide_file_close(file->file);
    bide__free((char *)(uintptr_t)file->data);
}

ssize_t bide_form_read(const struct bide_form_file *file, void *buf, size_t size, int64_t offset)
{
    if (!file)
        return bide_errcode();
    if (offset < 0)
        return bide_fail(BIDE_EINVAL, "form file: %lld is before its start", (long long)offset);
    if (file->file)
        return bide_file_read_at(file->file, buf, size, offset);
    uint64_t left = (uint64_t)offset < file->size ? file->size - (uint64_t)offset : 0;
    if (size > left)
        size = (size_t)left;
    if (size > 0)
        memcpy(buf, file->data + offset, size);
    return (ssize_t)size;
}

BIDE_WAITS static int copy_to(const struct bide_form_file *file, bide_file *to)
{
    int rc = 0;
    if (!file->file)
        rc = bide_file_write(to, file->data, (size_t)file->size);
    else if (bide_sendfile(bide_file_stream(to), file->file, 0, BIDE_UNLIMITED) < 0)
        rc = bide_errcode();
    return rc < 0 ? rc : bide_file_finish(to);
}

int bide_form_save(const struct bide_form_file *file, const char *path)
{
    bide_auto(file) to = file ? bide_file_open(path, "x") : NULL;
    if (!to)
        return bide_errcode();
    int rc = copy_to(file, to);
    if (rc == 0)
        return 0;
    BIDE_KEEP_ERROR(why);
    BIDE_SHIELD(shield, 5);
    bide_ignore(bide_unlink(path));
    return rc;
}
