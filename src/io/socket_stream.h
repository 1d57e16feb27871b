/* A descriptor's stream, laid out, for who keeps one in memory of their own.
 *
 * A server's connection needs its stream only while a task is busy with it; then it lies on that
 * task's stack, over a descriptor that is watched all the time. */
#ifndef IO_SOCKET_STREAM_H
#define IO_SOCKET_STREAM_H
#include "io/stream.h"
#include <netinet/in.h>

BIDE_BEGIN_

struct socket_stream {
    bide_stream stream;         /* first */
    int fd;                     /* -1: closed by write_end() */
    int flags;                  /* its flags, to be set again at the end; -1: as they are */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer;
    char *peer_text;            /* made when first asked for */
};

/* Fills in one for a socket that is watched already.  Nobody may close it: it ends with
 * bide__socket_stream_leave().  The caller holds the buffers (io/buffers.h). */
void bide__socket_stream_place(struct socket_stream *s, int fd);
/* Gives back what it holds; the descriptor stays. */
void bide__socket_stream_leave(struct socket_stream *s);

BIDE_END_
#endif
