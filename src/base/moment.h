/* Dates and moments as ISO 8601 texts, for JSON and for databases.  Visible to both (bide.map,
 * BIDE_PRIVATE), hence the public frame. */
#ifndef BASE_MOMENT_H
#define BASE_MOMENT_H
#include <bide/base.h>
BIDE_BEGIN_

enum { MOMENT_TEXT_SIZE = 48 };         /* bytes that any of them needs */

/* Days since 1970-01-01 as "2000-02-29"; INT64_MAX and INT64_MIN as "infinity" and its negative. */
size_t bide__moment_date(char *text, int64_t days);
/* Microseconds since 1970-01-01 00:00 UTC as "2000-02-29T01:02:03.000001Z", as RFC 3339 has it;
 * both ends as above. */
size_t bide__moment_time(char *text, int64_t microseconds);
/* The civil date of a day, and back; a year before 1 is 0, -1, ... */
void bide__moment_day(int64_t days, int64_t *year, int *month, int *day);
int64_t bide__moment_days(int64_t year, int month, int day);

BIDE_END_
#endif
