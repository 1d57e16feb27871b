/* The part of a file that has come so far: PATH.part, and PATH.part.from, which says what it is a
 * part of.  Without .resume: a file of a name that nobody else has, gone with the download.
 *
 * What comes is gathered, and written a block at a time: each block may be a hop to a thread. */
#ifndef BIDE_HTTP_DOWNLOAD_PART_H
#define BIDE_HTTP_DOWNLOAD_PART_H

#include <bide/download.h>
#include <bide/file.h>

enum { PART_BLOCK = 256 << 10 };

struct download_part {
    bide_file *file;
    bool resume;
    bool untouched;             /* what lies there is of an earlier call, perhaps of another URL */
    char *path;                 /* of the part */
    char *from_path;            /* of what is known of it; resume only */
    char *url;                  /* what it is a part of */
    char *validator;            /* what proves that it still is; NULL: nothing does */
    int64_t total;              /* size of the whole; -1: not known */
    int64_t written;            /* bytes in the file */
    size_t gathered;            /* and bytes in the block, that come behind them */
    char *block;
};

/* Opens it; what is there and can be gone on with is ->written.  0 or < 0.  End it in any case. */
BIDE_WAITS int bide__part_open(struct download_part *part, const char *url,
                               const struct bide_download_opts *opts);
/* Forgets all that was written; from now on it is a part of what has this validator (NULL: none)
 * and this size. */
BIDE_WAITS int bide__part_restart(struct download_part *part, const char *validator,
                                  int64_t total, bool sync);
/* Where up to *size bytes may be put, and counted by part->gathered; writes the block when it is
 * full.  NULL: the error is held. */
BIDE_WAITS char *bide__part_room(struct download_part *part, size_t *size);
/* Writes what is gathered. */
BIDE_WAITS int bide__part_flush(struct download_part *part);
/* After a failure: writes what it can, so that ->written is what is there.  Keeps the held error,
 * and works in a cancelled task too. */
BIDE_WAITS int bide__part_settle(struct download_part *part);
/* It is whole: takes its name. */
BIDE_WAITS int bide__part_finish(struct download_part *part, const char *path, bool sync);
/* Closes it; keeps what can be gone on with, if only by another call, and removes the rest.  Keeps
 * the held error; also works in a cancelled task. */
BIDE_WAITS int bide__part_end(struct download_part *part);

static inline int64_t part_size(const struct download_part *part)
{
    return part->written + (int64_t)part->gathered;
}

#endif
