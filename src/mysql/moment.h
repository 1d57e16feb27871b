/* Dates and times, as the server writes them and as values. */
#ifndef MYSQL_MOMENT_H
#define MYSQL_MOMENT_H

#include <bide/value.h>

#include <mysql.h>
#include <stdbool.h>

enum { MYSQL_MOMENT_SIZE = 48 };        /* bytes of the longest text */

/* "2024-01-31" or "2024-01-31 12:34:56.789"; false: it is neither. */
bool bide__mysql_read_moment(const char *text, MYSQL_TIME *t);
/* A value; false: there is no such day ("0000-00-00", which MariaDB may keep). */
bool bide__mysql_moment(const MYSQL_TIME *t, bool date, struct bide_value *v);
/* The same as a text, and a clock, "-838:59:59.000"; their sizes. */
size_t bide__mysql_write_moment(const MYSQL_TIME *t, bool date, char text[MYSQL_MOMENT_SIZE]);
size_t bide__mysql_write_clock(const MYSQL_TIME *t, unsigned digits, char text[MYSQL_MOMENT_SIZE]);
/* From a value; false: it is beyond the years 0 to 9999. */
bool bide__mysql_from_date(int64_t days, MYSQL_TIME *t);
bool bide__mysql_from_time(int64_t microseconds, MYSQL_TIME *t);

#endif
