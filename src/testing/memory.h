/* What a test allocates: counted, and the nth refused. */
#ifndef TESTING_MEMORY_H
#define TESTING_MEMORY_H
#include "testing/findings.h"
#include <stddef.h>

/* Takes the place of the process's allocator; its fail_at'th allocation fails (0: none). */
void bide__test_memory_begin(size_t fail_at);
/* How many blocks of this test are still there; 0 if it has put another allocator in our place. */
size_t bide__test_memory_left(void);
/* Tells of them; at most a few, with who allocated them. */
void bide__test_memory_tell(struct findings *f);
/* How many allocations there were. */
size_t bide__test_memory_count(void);
/* The allocator that was there before is back. */
void bide__test_memory_end(void);

#endif
