/* cli/import_key.c -- under --queue: the key of an import, which all workers make alike.
 *
 * It is made of what is imported to where.  A file is known by its name, its size and its
 * beginning; its times differ from machine to machine. */
#include "cli/import.h"
#include "http/sha1.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes of the beginning. */
#define HEAD_SIZE 65536

/* Its first bytes, into the text that is hashed. */
static int copy_head(FILE *to, const char *name)
{
    char block[4096];
    FILE *from = fopen(name, "rbe");
    if (!from)
        return bide_fail(-errno, "%s: %s", name, strerror(errno));
    size_t left = HEAD_SIZE, got = 1;
    while (left > 0 && got > 0) {
        got = fread(block, 1, left < sizeof block ? left : sizeof block, from);
        fwrite(block, 1, got, to);
        left -= got;
    }
    int rc = ferror(from) ? bide_fail(-EIO, "%s: cannot be read", name) : 0;
    fclose(from);
    return rc;
}

static int describe(const struct import *im, FILE *to)
{
    const char *name = im->options->files[0];
    struct stat info;
    if (stat(name, &info) < 0)
        return bide_fail(-errno, "%s: %s", name, strerror(errno));
    fprintf(to, "%s\n%s\n%s\n%lld\n", im->shared->work.place.stream, im->options->table, name,
            (long long)info.st_size);
    return copy_head(to, name);
}

int import_key_make(struct import *im)
{
    char *text = NULL;
    size_t size;
    uint8_t hash[SHA1_SIZE];
    FILE *to = open_memstream(&text, &size);
    int rc = to ? describe(im, to) : BIDE_ENOMEM;
    if (to && fclose(to) != 0)
        rc = BIDE_ENOMEM;
    if (rc == 0)
        bide__sha1(text, size, hash);
    free(text);
    for (size_t i = 0; rc == 0 && i < (sizeof im->state.job - 1) / 2; i++)
        snprintf(im->state.job + 2 * i, 3, "%02x", hash[i]);
    return rc == BIDE_ENOMEM ? bide_fail(BIDE_ENOMEM, "out of memory") : rc;
}
