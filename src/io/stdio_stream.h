/* A stream of a descriptor whose flags are shared with others, and are left alone. */
#ifndef IO_STDIO_STREAM_H
#define IO_STDIO_STREAM_H
#include <bide/stream.h>

struct stat;
/* Of a duplicate of fd.  NULL with the error held. */
bide_stream *bide__stdio_stream(int fd, const struct stat *st);

#endif
