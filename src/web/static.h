/* A directory that is served, and one request for something beneath it. */
#ifndef BIDE_WEB_STATIC_H
#define BIDE_WEB_STATIC_H

#include "http/chars.h"
#include "web/file.h"

enum {
    STATIC_PATH_MAX = 4096,     /* bytes of a path beneath the directory */
    LISTING_MAX = 10000,        /* names in a listing */
};

struct static_site {
    struct file_root root;
    struct file_manner manner;
    char *index;                /* NULL: none */
    char *cache;                /* what manner.cache points to */
    bool listing, hidden;
    size_t listing_max;
};

enum static_path {
    STATIC_NOWHERE,             /* nothing that is served can have such a name */
    STATIC_NAME,                /* "a/b.css" */
    STATIC_DIRECTORY,           /* "", or "a/b/" */
};

/* What a path asks for.  raw: as it came, with its codes, whatever stands before the directory
 * included; path: what is beneath it, decoded. */
enum static_path bide__static_path_read(struct text raw, const char *path, bool hidden);

/* Answers with the names in a directory; path is "" or ends in a slash. */
BIDE_WAITS int bide__listing_answer(bide_request *req, const struct static_site *site,
                                    const char *path);

#endif
