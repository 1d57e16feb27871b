/* bide/multipart.h -- bodies of several parts: forms with files, and their like.
 *
 *     bide_auto(multipart) form = bide_multipart_new(NULL);
 *     bide_multipart_text(form, "title", "At the sea");
 *     bide_multipart_file(form, "photo", "sea.jpg");
 *     bide_auto(response) r = bide_post(session, url, .multipart = form);
 *
 * Nothing is read before the request is sent, and then a piece at a time, so parts may be of any
 * size.  The body has a length where that of every part is known, else it is chunked.  A call that
 * adds a part may be left unchecked: once one has failed the whole is good for nothing, and sending
 * it fails with the same error. */
#ifndef BIDE_MULTIPART_H
#define BIDE_MULTIPART_H
#include <bide/base.h>
BIDE_BEGIN_

struct bide_pair;
struct bide_stream;
typedef struct bide_multipart bide_multipart;

/* Options of bide_multipart_new(). */
struct bide_multipart_opts {
    size_t abi_;
    const char *type;           /* after "multipart/": "mixed", "related", ...; default
                                   "form-data" */
    const char *boundary;       /* 1 to 70 characters that no part may have in it; default: one
                                   that is drawn at random */
};
/* One part; exactly one of text, data, file, stream, source, multipart. */
struct bide_part_opts {
    size_t abi_;
    const char *text;           /* copied */
    const void *data;           /* size bytes, that stay yours and must outlive the multipart */
    const char *file;           /* a file's name; opened when its turn comes.  Copied */
    struct bide_stream *stream; /* what can be read from it: size bytes of it, or to its end;
                                   stays yours */
    /* Called until it returns 0, the end, or < 0; may wait. */
    ssize_t (*source)(void *arg, void *buf, size_t size);
    void *source_arg;
    struct bide_multipart *multipart;   /* stays yours; takes no more parts from now on */
    uint64_t size;              /* of data; of stream or source if it is known, else 0 */
    const char *type;           /* Content-Type; default: none for text, multipart's own, else
                                   what the ending of filename says, application/octet-stream */
    const char *filename;       /* default: that of file, without its directory; "": none */
    const struct bide_pair *headers;    /* more of them; in place of ours if they have the same
                                   name.  CR, LF or NUL in them: BIDE_EINVAL */
};

/* bide_multipart_new(NULL), bide_multipart_new("mixed", .boundary = "x"): one without parts.
 * NULL: BIDE_EINVAL, BIDE_ENOMEM.  Counterparts: FormData(), MultipartWriter(). */
#define bide_multipart_new(...) \
    bide_multipart_new_opts(BIDE_OPTS_(bide_multipart_opts, .type = __VA_ARGS__))
bide_multipart *bide_multipart_new_opts(const struct bide_multipart_opts *opts);
/* bide_multipart_add(form, "log", .source = next, .source_arg = &log, .type = "text/plain"): adds a
 * part.  name: the form's field; NULL in what is no form: the part has no Content-Disposition.
 * Names are in UTF-8, and '"', CR and LF in them are sent as browsers do: %22, %0D, %0A.  A stream
 * or source can be sent once.  0, BIDE_EINVAL, BIDE_ENOMEM.  Counterpart: add_field(), append(). */
#define bide_multipart_add(m, name, ...) \
    bide_multipart_add_opts(m, name, BIDE_OPTS_(bide_part_opts, __VA_ARGS__))
int bide_multipart_add_opts(bide_multipart *m, const char *name,
                            const struct bide_part_opts *opts);
/* The same for a text, bide_multipart_text(form, "title", "At the sea"), */
#define bide_multipart_text(m, name, ...) bide_multipart_add(m, name, .text = __VA_ARGS__)
/* and for a file, bide_multipart_file(form, "photo", "sea.jpg", .filename = "1.jpg").  That it
 * is not there, or changes while it is sent, is found out when it is sent. */
#define bide_multipart_file(m, name, ...) bide_multipart_add(m, name, .file = __VA_ARGS__)
/* "multipart/form-data; boundary=...", as Content-Type has it; the multipart's, until a part is
 * added. */
const char *bide_multipart_type(const bide_multipart *m);
/* By its owner, when nobody sends it any more.  NULL: nothing. */
void bide_multipart_free(bide_multipart *m);
BIDE_AUTO_(multipart, bide_multipart_free)

BIDE_END_
#endif
