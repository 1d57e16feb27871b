/* bide/upload.h -- what forms send: fields and files.
 *
 *     const bide_form *form = bide_request_form(req, .file_max = 5 << 20);
 *     const char *title = bide_form_get(form, "title");
 *     const struct bide_form_file *photo = bide_form_file(form, "photo");
 *     if (!title || !photo)
 *         return form ? bide_respond_error(req, 422, "title, photo") : bide_errcode();
 *     if (bide_form_save(photo, path) < 0)
 *         ...
 *
 * bide_request_form() takes all of a form, whichever way a browser has coded it: fields are kept
 * in memory, and so are small files; larger ones go to temporary files without a name, which are
 * gone with the request, whatever happens.  bide_request_multipart() hands out one part after the
 * other while they come, of any size, for who wants them elsewhere.
 *
 * Names of files are the client's.  They are told as names only: what stands before the last
 * slash or backslash, control characters, and dots in front and at the end are taken off.
 *
 * A call that fails holds the error, and a handler that then fails answers with what fits: 400 (not
 * whole, or no multipart body), 413 (a limit), 415 (neither kind of form, or a content coding that
 * is not known). */
#ifndef BIDE_UPLOAD_H
#define BIDE_UPLOAD_H
#include <bide/file.h>
#include <bide/request.h>
BIDE_BEGIN_

/* A form that was taken whole; the request's. */
typedef struct bide_form bide_form;
/* A body of several parts on its way in; the request's. */
typedef struct bide_upload bide_upload;

/* ---- all at once ---- */

/* Options of bide_request_form(); 0 is the default of each. */
struct bide_form_opts {
    size_t abi_;
    size_t fields_max;          /* how many fields; default 1000 */
    size_t field_max;           /* bytes of one field; default as memory_max */
    size_t files_max;           /* how many files; default 20 */
    uint64_t file_max;          /* bytes of one file; default as size_max */
    size_t memory_max;          /* bytes of fields, and of files that are kept in memory; default
                                   as a body that is read whole, 1 MiB.  More fields: 413 (of an
                                   urlencoded form the whole body counts); files go to temporary
                                   ones */
    size_t spill;               /* bytes up to which a file is kept in memory; default 64 KiB */
    uint64_t size_max;          /* bytes of the body, decoded; default 32 MiB */
    const char *dir;            /* of temporary files; default $TMPDIR, else /tmp */
};
/* A file of a form. */
struct bide_form_file {
    const char *field;          /* the field's name */
    const char *name;           /* the file's; "" if there is none that could be one */
    const char *type;           /* what the client says, "image/png", without parameters */
    uint64_t size;              /* bytes */
    const char *data;           /* them, and a NUL; NULL: they lie in file */
    bide_file *file;            /* the temporary file, at its start; NULL: they are at data */
};
/* Takes all of a form: bide_request_form(req), bide_request_form(req, .files_max = 1).  The first
 * call decides on the limits; later ones give the same form.  A file field without a file is left
 * out.  NULL: BIDE_EINVAL (415, 400), BIDE_ELIMIT (413), BIDE_EEOF (cut short), BIDE_ENOMEM, a
 * temporary file's failures, the connection's.  Counterpart: await request.post(). */
#define bide_request_form(req, ...) \
    bide_request_form_opts(req, BIDE_OPTS_(bide_form_opts, __VA_ARGS__))
BIDE_WAITS const bide_form *bide_request_form_opts(bide_request *req,
                                                   const struct bide_form_opts *opts);
/* The first field of that name; NULL: there is none, or form is NULL. */
const char *bide_form_get(const bide_form *form, const char *name);
/* All fields in order, ended by {NULL, NULL}. */
const struct bide_pair *bide_form_fields(const bide_form *form);
/* The first file of that field; NULL: there is none, or form is NULL. */
const struct bide_form_file *bide_form_file(const bide_form *form, const char *field);
/* All files in order, ended by one without a field. */
const struct bide_form_file *bide_form_files(const bide_form *form);
/* Up to size bytes of a file from offset on, wherever it lies: fewer only at its end. */
BIDE_WAITS ssize_t bide_form_read(const struct bide_form_file *file, void *buf, size_t size,
                                  int64_t offset);
/* Writes it to a new file: 0; -EEXIST: there is one, and others of bide_file_open(); then there is
 * none of ours.  Choose the path yourself: two clients may send the same name. */
BIDE_WAITS int bide_form_save(const struct bide_form_file *file, const char *path);

/* ---- part by part ---- */

/* Options of bide_request_multipart(); 0 is the default of each. */
struct bide_upload_opts {
    size_t abi_;
    size_t parts_max;           /* default 1000 */
    size_t headers_max;         /* bytes of one part's headers, 32 of them at most; default 8192 */
    uint64_t part_max;          /* bytes of one part; default none */
    uint64_t size_max;          /* bytes of the body, decoded; default none */
};
/* A part.  Its texts are good until the next bide_upload_next(). */
struct bide_upload_part {
    const char *name;           /* of the field; "" if it has none */
    const char *filename;       /* of the file, "" if nothing of it is left; NULL: it is none */
    const char *type;           /* "image/png", without parameters; of a field without a type
                                   "text/plain", of a file "application/octet-stream" */
    const struct bide_pair *headers;    /* all of them, ended by {NULL, NULL} */
};
/* Begins to read a body of several parts: form-data, mixed, or another multipart type.  Does not
 * wait.  Once per request, and not beside other ways to read the body.  NULL: BIDE_EINVAL (415: it
 * is none; called before), BIDE_ENOMEM.  Counterpart: await request.multipart(). */
#define bide_request_multipart(req, ...) \
    bide_request_multipart_opts(req, BIDE_OPTS_(bide_upload_opts, __VA_ARGS__))
bide_upload *bide_request_multipart_opts(bide_request *req, const struct bide_upload_opts *opts);
/* Goes to the next part, past what is left of this one: 1; 0: there are no more.  < 0: BIDE_EINVAL
 * (400), BIDE_ELIMIT (413), BIDE_EEOF, BIDE_ENOMEM, the connection's; then nothing can be read any
 * more.  Counterpart: await reader.next(). */
BIDE_WAITS int bide_upload_next(bide_upload *up, struct bide_upload_part *part);
/* Up to size bytes of the part; 0: its end.  < 0 as above.  Counterpart: part.read_chunk(). */
BIDE_WAITS ssize_t bide_upload_read(bide_upload *up, void *buf, size_t size);
/* The part as a text in UTF-8, from the charset that it tells (default UTF-8, which is checked),
 * with a NUL behind it; *size, if not NULL, is its length.  Good until the next part.  NULL: as
 * above; BIDE_ELIMIT: more than max bytes.  Counterpart: await part.text(). */
BIDE_WAITS const char *bide_upload_text(bide_upload *up, size_t max, size_t *size);
/* Writes what is left of the part to a new file, at most max bytes (or BIDE_UNLIMITED): how many
 * they were.  < 0: as above, -EEXIST, -ENOSPC, ...; then there is no file of ours. */
BIDE_WAITS int64_t bide_upload_save(bide_upload *up, const char *path, uint64_t max);

BIDE_END_
#endif
