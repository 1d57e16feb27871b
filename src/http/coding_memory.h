/* Memory for the libraries behind content codings: all of it is the project's own, so that limits
 * and failures that tests make reach it too. */
#ifndef HTTP_CODING_MEMORY_H
#define HTTP_CODING_MEMORY_H

#include <stddef.h>

/* As brotli and zstd ask; the first argument is theirs to name and means nothing here. */
void *bide__coding_take(void *unused, size_t size);
void bide__coding_give(void *unused, void *memory);
/* As zlib asks, whose uInt is unsigned; and zeroed, for deflate reads what it has not written. */
void *bide__coding_take_many(void *unused, unsigned count, unsigned size);
void *bide__coding_take_zeroed(void *unused, unsigned count, unsigned size);

#endif
