/* cli/import_source.h -- the text of a file, whatever it is wrapped in.
 *
 * gzip and zstd are known by their first bytes, not by the file's name; a byte order mark is passed
 * over; other encodings than UTF-8 become it.  Offsets count bytes of the text that comes out. */
#ifndef CLI_IMPORT_SOURCE_H
#define CLI_IMPORT_SOURCE_H
#include "http/coding.h"
#include <bide.h>
#include <iconv.h>

#define SOURCE_BLOCK 65536

/* An open file. */
struct import_source {
    const char *name;           /* for messages */
    bide_file *file;
    struct coding *coding;      /* NULL: it is plain */
    iconv_t encoding;           /* (iconv_t)-1: it is UTF-8 */
    char *raw;                  /* SOURCE_BLOCK bytes read from the file */
    char *plain;                /* SOURCE_BLOCK bytes decoded, where an encoding follows */
    size_t raw_start, raw_end, plain_start, plain_end;
    uint64_t taken;             /* bytes of the file read */
    uint64_t size;              /* of the file; 0: unknown */
    bool raw_over, plain_over;  /* nothing more comes */
};

/* Opens path; "-" is standard input.  encoding NULL: UTF-8.  0 or the failure: -errno, BIDE_EINVAL
 * (an encoding that is not known or is not told). */
BIDE_WAITS int import_source_open(struct import_source *s, const char *path,
                                  const char *encoding);
/* Up to size bytes of text; 0: the end; < 0: it cannot be read or decoded. */
BIDE_WAITS ssize_t import_source_read(struct import_source *s, char *text, size_t size);
/* Passes over so many bytes. */
BIDE_WAITS int import_source_skip(struct import_source *s, uint64_t size);
void import_source_close(struct import_source *s);

#endif
