/* Files that were asked for lately: their contents if they are small, else their descriptor, and
 * what is said of them in headers.
 *
 * Opening, looking at and reading a small file costs three system calls, three times what sending
 * it does.  So a worker keeps what it has found for FILE_CACHE_SECONDS without asking, and after
 * that asks by opening the name again: only the same file with the same times is still good.
 * What was changed less than a second before it was read is read anew then, for a second change may
 * have left its time as it was.
 *
 * A cache belongs to a worker and a root; the least lately used goes when there are too many. */
#ifndef BIDE_WEB_FILE_CACHE_H
#define BIDE_WEB_FILE_CACHE_H

#include "base/table.h"
#include "http/conditional.h"
#include "http/date.h"
#include "web/file_root.h"

enum {
    FILE_CACHE_SECONDS = 1,
    FILE_CACHE_COUNT = 1024,    /* names */
    FILE_CACHE_BYTES = 32 << 20,        /* of contents */
    FILE_CACHE_OPEN = 128,      /* descriptors */
    FILE_ETAG_SIZE = 48,
    FILE_LINES_SIZE = 160,
    FILE_TYPE_SIZE = 96,
};

/* What a name stands for; counted, so that what is being sent outlives its place in the cache. */
struct open_file {
    unsigned refs;
    int code;                   /* 0; < 0: there is none, and so it was told */
    int fd;                     /* -1: none */
    char *data;                 /* NULL: none; a small file's contents */
    struct stat st;
    bool settled;               /* its last change was no less than a second ago, then */
    double checked;             /* loop's time */
    uint8_t coded;              /* siblings that there are, by their bit in file_coded.c */
    double coded_checked;       /* 0: never */
    struct validators is;
    char etag[FILE_ETAG_SIZE];  /* with a NUL */
    char modified[DATE_SIZE + 1];
    char type[FILE_TYPE_SIZE];  /* by the path's ending; text with its charset */
    char lines[FILE_LINES_SIZE];        /* headers: Last-Modified, ETag, Accept-Ranges */
    uint8_t lines_size;
    /* in the cache */
    struct open_file *newer, *older;
    size_t key_size;
    char key[];                 /* the path */
};

struct file_cache {
    struct file_cache *next;    /* of the same worker */
    const struct file_root *root;
    struct table files;
    struct open_file *newest, *oldest;
    size_t bytes, open;
};

/* The file of a name; NULL: BIDE_ENOMEM, BIDE_ECANCELED.  What does not exist is one with a code.
 * To be given back. */
BIDE_WAITS struct open_file *bide__file_cache_get(struct file_cache **caches,
                                                  const struct file_root *root,
                                                  const char *path);
void bide__open_file_release(struct open_file *file);
/* Frees the caches of a worker. */
void bide__file_cache_free(struct file_cache *caches);

static inline bool open_file_is_directory(const struct open_file *file)
{
    return file->code == 0 && S_ISDIR(file->st.st_mode);
}

#endif
