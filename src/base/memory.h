/* Memory from the process's allocator (bide/memory.h).  NULL means there is none; nobody here aborts. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H
#include <bide/memory.h>

void *bide__alloc(size_t size);
void *bide__zalloc(size_t size);                /* all zero */
void *bide__resize(void *memory, size_t size);
void bide__free(void *memory);
char *bide__copy_text(const char *text, size_t size);      /* adds a NUL */

#endif
