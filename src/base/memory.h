/* Memory from the process's allocator (bide/memory.h).  NULL means there is none; nobody here
 * aborts.  Visible to bide-http (bide.map, BIDE_PRIVATE), hence the public frame. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H
#include <bide/memory.h>
BIDE_BEGIN_

void *bide__alloc(size_t size);
void *bide__zalloc(size_t size);                /* all zero */
void *bide__resize(void *memory, size_t size);
void bide__free(void *memory);
/* The one in use; for who puts another in front of it (the test kit). */
const struct bide_allocator *bide__allocator(void);
/* memset() to 0 by the C library: where compilers know the size, they make `rep stos`, which takes
 * twice as long for some hundred bytes. */
void bide__clear(void *at, size_t size);
char *bide__copy_text(const char *text, size_t size);      /* adds a NUL */

BIDE_END_
#endif
