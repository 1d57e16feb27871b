/* cli/body.h -- keeps the body of a reply in a file.
 *
 * It is written under a name that ends in ".part" and renamed when it is complete, so a
 * file without that ending is whole.  A failed one is removed. */
#ifndef CLI_BODY_H
#define CLI_BODY_H
#include "cli/filename.h"

/* A file being written; fd -1: none. */
struct body {
    int directory, fd;
    const char *directory_name;
    char name[FILENAME_SIZE];
};

/* Creates the file for a URL: 0, or a failure with its sentence. */
int body_open(struct body *b, uint64_t number, const char *url, size_t size);
/* Appends: 0, or a failure, e.g. -ENOSPC. */
int body_write(struct body *b, const void *data, size_t size);
/* The file is complete: gives it its name.  0 or a failure; closed in any case. */
int body_keep(struct body *b);
/* Closes and removes it, if it is open. */
void body_drop(struct body *b);

#endif
