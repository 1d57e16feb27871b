/* From what the server sends to values. */
#ifndef PG_DECODE_H
#define PG_DECODE_H

#include "db/driver.h"

#include <libpq-fe.h>

/* Can all columns of this description be asked for in binary?  libpq has one form for all. */
bool bide__pg_reads_binary(const PGresult *description);
/* Reads a value of a type that is not NULL; `bytes` has a NUL behind.  What has to be kept is kept
 * with the rows.  0, or < 0 with the error held. */
typedef int pg_reader(bide_rows *rows, unsigned type, const char *bytes, size_t size,
                      struct bide_value *value);
/* Who reads a type, in binary or as text: to be asked once for a column. */
pg_reader *bide__pg_reader(unsigned type, bool binary);
/* The type's name; "" where it is not built in. */
const char *bide__pg_type_name(unsigned type);
/* What an array of this type has; 0: it is none that is known. */
unsigned bide__pg_element(unsigned type);

/* numeric.c: digits of a binary numeric into text, which has bide__pg_numeric_size(size) bytes:
 * their count; < 0: it is none. */
size_t bide__pg_numeric_size(const char *bytes, size_t size);
int bide__pg_numeric(const char *bytes, size_t size, char *text);
/* moment.c: "2024-01-31", "2024-01-31 12:34:56.789+02", "infinity"; years before 1 with " BC".
 * Microseconds, or days of a date, since 1970.  0, or < 0 without a sentence. */
int bide__pg_read_date(const char *text, int64_t *days);
int bide__pg_read_time(const char *text, int64_t *microseconds);

#endif
