/* A request's body on its way out: where its bytes come from, how many they are, and whether they
 * can be had once more (for a redirect, a retry, an answered challenge).
 *
 * Each kind embeds struct source first and knows only how to give bytes.  What holds for all kinds
 * is kept here: a body of an announced size gives exactly that many bytes, or fails before the last
 * of them is handed out, so that a server never takes for whole what is not: a body that is too
 * short when it ends, one that is too long when there is something behind its end.  Streams are
 * the exception to the latter: so many bytes are taken of them, and the rest is left. */
#ifndef BIDE_HTTP_SOURCE_H
#define BIDE_HTTP_SOURCE_H

#include "http/chars.h"

#include <bide/file.h>
#include <bide/stream.h>

struct bide_pair;
struct bide_multipart;
struct source_ops;

struct source {
    const struct source_ops *ops;       /* NULL: in memory, and nothing has to be ended */
    int64_t size;               /* bytes; -1: not known, then the body is chunked */
    const char *type;           /* Content-Type; NULL: none is said.  The source's */
    const char *coding;         /* Content-Encoding; NULL: none */
    const char *name;           /* for sentences: "the body", a file's path */
    bool in_memory;             /* memory is all of it, to be sent together with the head */
    bool once;                  /* what was taken is gone */
    bool started;               /* something was taken since the last rewind */
    bool ended;                 /* all was given, and was as announced */
    struct text memory;
    bide_file *file;            /* it is this plain file: bide__source_send_file() */
    uint64_t given;             /* bytes handed out since the last rewind */
};

struct source_ops {
    /* Up to size (> 0) bytes; 0: the end; < 0 with the error held.  May wait. */
    ssize_t (*read)(struct source *s, void *buf, size_t size);
    /* Is there something behind the announced size?  1, 0, < 0.  NULL: nobody can tell, or it is
     * right so.  May wait. */
    int (*more)(struct source *s);
    /* Begins anew: 0 or < 0.  Not called where `once` is set.  May wait. */
    int (*rewind)(struct source *s);
    /* Frees it. */
    void (*close)(struct source *s);
    bool slow;                  /* read() may wait for somebody outside of this machine */
};

/* ---- kinds; NULL: the error is held ---- */

/* In the caller's struct, of bytes that stay the caller's.  Cannot fail. */
void bide__source_in_memory(struct source *s, const void *data, size_t size, const char *type);
/* Of bytes that become the source's, from bide__alloc(); also when it fails.  text NULL: fails with
 * the error held. */
struct source *bide__source_of_text(char *text, size_t size, const char *type);
/* A form's pairs, as application/x-www-form-urlencoded. */
struct source *bide__source_of_form(const struct bide_pair *form);
/* A file by its name.  What has no size (a FIFO, a file of /proc) is chunked. */
BIDE_WAITS struct source *bide__source_of_file(const char *path);
/* What can be read from a stream: size bytes, or (size < 0) to its end.  The stream stays the
 * caller's. */
struct source *bide__source_of_stream(bide_stream *stream, int64_t size);
/* What a function gives, until it returns 0; size < 0: so many as there are. */
struct source *bide__source_of_callback(ssize_t (*fn)(void *arg, void *buf, size_t size), void *arg,
                                        int64_t size);
/* multipart/...: looks up the sizes of its files.  multipart stays the caller's. */
BIDE_WAITS struct source *bide__source_of_multipart(struct bide_multipart *multipart);
/* Another one through a content coding ("gzip", "deflate", "zstd"; "identity" is none), chunked;
 * ->coding says which.  inner becomes the new one's, also when it fails; in the caller's struct it
 * must live as long.  inner NULL: fails with the error held.  BIDE_EINVAL: no such coding here. */
struct source *bide__source_of_coding(struct source *inner, const char *coding);

/* ---- use ---- */

/* Up to size (> 0) bytes; 0: the end, and all was as announced.  BIDE_EEOF: it ended before its
 * announced size; BIDE_ELIMIT: it is longer; others as the kind has them.  After a failure only
 * rewind and close are left, but for BIDE_ECANCELED of a kind without a part before it. */
BIDE_WAITS ssize_t bide__source_read(struct source *s, void *buf, size_t size);
/* The same for a source with a file, straight to a stream without a copy: how many of at most
 * size bytes were sent.  One way or the other, from its beginning on. */
BIDE_WAITS ssize_t bide__source_send_file(struct source *s, bide_stream *to, size_t size);
/* Can it be had from its beginning, now? */
bool bide__source_is_rewindable(const struct source *s);
/* Begins anew.  0, or < 0: BIDE_EINVAL "the body cannot be sent again". */
BIDE_WAITS int bide__source_rewind(struct source *s);
/* NULL: nothing. */
void bide__source_close(struct source *s);

#endif
