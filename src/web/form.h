/* A form that is or was taken whole, from inside. */
#ifndef BIDE_WEB_FORM_H
#define BIDE_WEB_FORM_H

#include "web/upload.h"

/* The defaults of the limits. */
enum {
    FORM_FIELDS_MAX = 1000,
    FORM_FILES_MAX = 20,        /* each may need a descriptor */
    FORM_SPILL = 65536,
    FORM_SIZE_MAX = 32 << 20,
};

struct form_limits {
    size_t fields, field, files, memory, spill;
    uint64_t file, size;
    const char *dir;
};

struct bide_form {
    struct bide_request *req;
    struct form_limits limits;
    const struct bide_pair *read_pairs; /* urlencoded: the request's memory */
    struct bide_pair *pairs;            /* multipart: ours, the texts are the request's */
    struct bide_form_file *files;       /* both ended by one of zeroes; NULL: none yet */
    size_t field_count, file_count;
    size_t memory;                      /* bytes of fields and of files kept in memory */
};

/* The form has more of something than it may: BIDE_ELIMIT, 413. */
int bide__form_limit(struct bide_request *req, const char *what);
/* Takes the part that has begun into a file of the form, in memory or on disk. */
BIDE_WAITS int bide__form_take_file(struct bide_form *form, struct bide_upload *up,
                                    struct bide_form_file *file);
/* Frees what is in it, not its texts. */
void bide__form_drop_file(struct bide_form_file *file);

#endif
