/* Which descriptors the process has, before a test and after. */
#ifndef TESTING_DESCRIPTORS_H
#define TESTING_DESCRIPTORS_H
#include "testing/findings.h"
#include <sys/stat.h>

struct descriptor { int fd; dev_t device; ino_t inode; mode_t mode; };
struct descriptors { struct descriptor *list; size_t count, room; };

/* Those that are open now. */
void bide__test_descriptors_list(struct descriptors *d);
/* How many are open now that were not then; tells of them if f is not NULL. */
size_t bide__test_descriptors_new(const struct descriptors *then, struct findings *f);
void bide__test_descriptors_free(struct descriptors *d);

#endif
