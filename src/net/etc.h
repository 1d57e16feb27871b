/* Small text files of the system's that are read again when they have changed. */
#ifndef NET_ETC_H
#define NET_ETC_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

enum { ETC_SIZE_MAX = 64 << 20 };
/* How the file was when it was last looked at; all zero: never, or not there. */
struct etc_stamp { struct timespec changed; off_t size; ino_t inode; };

/* True if it is not as it was (came, went, was written); remembers how it is now.  One stat(2). */
bool bide__etc_changed(struct etc_stamp *stamp, const char *path);
/* The whole file with a NUL after it, the caller's; NULL: it cannot be read, is no plain file, or
 * larger than ETC_SIZE_MAX. */
char *bide__etc_load(const char *path);

#endif
