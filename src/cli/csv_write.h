/* cli/csv_write.h -- writes fields of CSV at a pointer, as RFC 4180 has them. */
#ifndef CLI_CSV_WRITE_H
#define CLI_CSV_WRITE_H
#include "cli/csv.h"

/* The most bytes that a field of so many becomes. */
#define CSV_ROOM(size) (2 * (size) + 2)

/* One field at `at`, where there is CSV_ROOM(); the place behind it.  Quoted where it has to be; an
 * empty one always is, for without quotes it would be no value. */
char *csv_write(const struct csv_format *f, char *at, const char *text, size_t size);

#endif
