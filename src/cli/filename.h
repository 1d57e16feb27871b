/* cli/filename.h -- a safe file name for the body of a URL.
 *
 * "000007-example.org_users_ann.json": the URL's number in the input, so that no two
 * collide and a second run overwrites the first, then what is readable of the URL in
 * letters, digits, '.', '-' and '_'.  It never begins with a dot or a dash, never holds a
 * slash, and is never too long. */
#ifndef CLI_FILENAME_H
#define CLI_FILENAME_H
#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest name, its NUL included; room for ".part" is left below
 * NAME_MAX. */
#define FILENAME_SIZE 224

/* Writes the name of the URL with that number; the scheme, a password and the fragment
 * are left out. */
void filename_make(char name[FILENAME_SIZE], uint64_t number, const char *url, size_t size);

#endif
