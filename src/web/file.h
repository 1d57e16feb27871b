/* Answering with a file, in steps: which file, whether, which parts of it, and sending them. */
#ifndef BIDE_WEB_FILE_H
#define BIDE_WEB_FILE_H

#include "http/byte_ranges.h"
#include "web/file_cache.h"

#include <bide/files.h>

/* How it is sent; what does not depend on the request. */
struct file_manner {
    const char *type, *name, *cache;
    bool precompressed;
};

struct file_answer {
    bide_request *req;
    const struct file_root *root;
    const char *path;
    const struct file_manner *manner;
    struct open_file *file;     /* what is sent: the file itself or its coded sibling */
    struct open_file *plain;    /* the file itself, if that is not it */
    const char *coding;         /* of the sibling; NULL: it is the file itself */
    bool alone;                 /* nobody else has added headers */
    bool varies;                /* there are siblings */
    const char *type;
    struct byte_range ranges[BYTE_RANGES_MAX];
    int count;                  /* of ranges; 0: the whole */
};

/* Answers with what the path stands for under the root; file is what the cache gave for it, and is
 * taken. */
BIDE_WAITS int bide__file_answer(bide_request *req, const struct file_root *root, const char *path,
                                 struct open_file *file, const struct file_manner *manner);
/* Answers for a file that is none: with 404 or 403. */
int bide__file_refuse(bide_request *req, int code);
/* The file of a path, from the worker's cache. */
BIDE_WAITS struct open_file *bide__file_get(bide_request *req, const struct file_root *root,
                                            const char *path);

/* Puts a coded sibling in the file's place, if there is one that the client wants. */
BIDE_WAITS int bide__file_choose_coding(struct file_answer *a);
/* Adds the headers that tell of the file. */
int bide__file_headers(struct file_answer *a);
/* Sends it, or the parts of it. */
BIDE_WAITS int bide__file_send(struct file_answer *a);

#endif
