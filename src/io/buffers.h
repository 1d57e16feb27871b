/* Read buffers: each thread keeps a few spare ones, the last used first, while it has streams. */
#ifndef IO_BUFFERS_H
#define IO_BUFFERS_H
#include <bide/base.h>

BIDE_BEGIN_                     /* bide-http holds some: bide.map, BIDE_PRIVATE */

/* BUFFER_ROOM + 1 bytes; NULL: out of memory. */
char *bide__buffer_take(void);
void bide__buffer_give(char *buffer);
/* A stream was made or freed on this thread; after the last one nothing is kept. */
void bide__buffers_hold(void);
void bide__buffers_drop(void);

BIDE_END_
#endif
