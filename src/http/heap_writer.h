/* A writer into memory of its own, from bide__alloc(), that grows as it needs. */
#ifndef BIDE_HTTP_HEAP_WRITER_H
#define BIDE_HTTP_HEAP_WRITER_H

#include "http/write.h"

/* One that has written nothing, and has no memory yet. */
struct writer bide__heap_writer(void);
/* What it wrote, to be freed with bide__free(), also if that is nothing; at NULL: it is bad, and
 * the error is held; `what` is named where there was no memory. */
struct text bide__heap_writer_end(struct writer *w, const char *what);

#endif
