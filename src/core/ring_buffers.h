/* The memory into which a ring receives: buffers that the system takes one of when something has
 * come, and that are given back when it was read.
 *
 * What has come on a descriptor and was not read yet is a list of them.  Memory is had when the
 * first is asked for, in one piece, and is the loop's. */
#ifndef CORE_RING_BUFFERS_H
#define CORE_RING_BUFFERS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BUFFER_COUNT = 256, BUFFER_SIZE = 4096, BUFFER_GROUP = 0 };

struct io_uring;
struct ring_buffers;
/* Zeroed: empty. */
struct received {
    uint16_t first, last, count;
    uint16_t from;              /* where the first one's rest begins */
};

/* NULL: there is no memory, or the system knows no such buffers. */
struct ring_buffers *bide__ring_buffers_open(struct io_uring *io);
/* After the ring was closed. */
void bide__ring_buffers_close(struct ring_buffers *b);
/* The system has filled one, with 1 to BUFFER_SIZE bytes: it comes last. */
void bide__received_put(struct ring_buffers *b, struct received *list, uint16_t id, size_t size);
/* Takes what fits, and gives back what was emptied; how many bytes. */
size_t bide__received_take(struct ring_buffers *b, struct received *list, char *to, size_t size);
/* Gives back all of them. */
void bide__received_drop(struct ring_buffers *b, struct received *list);
/* The system has taken one, and nobody wants what is in it. */
void bide__ring_buffers_refuse(struct ring_buffers *b, uint16_t id);
/* Has the system few of them left? */
bool bide__ring_buffers_scarce(const struct ring_buffers *b);

#endif
