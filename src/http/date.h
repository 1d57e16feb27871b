/* Dates in HTTP headers: "Sun, 06 Nov 1994 08:49:37 GMT". */
#ifndef BIDE_HTTP_DATE_H
#define BIDE_HTTP_DATE_H

#include "http/chars.h"

enum { DATE_SIZE = 29 };

/* Writes exactly DATE_SIZE bytes, no NUL.  Seconds since 1970, years 1970 to 9999. */
void bide__date_write(char out[DATE_SIZE], int64_t seconds);
/* Reads that form (not the two that RFC 9110 calls obsolete).  False: it is something else. */
bool bide__date_read(struct text text, int64_t *seconds);
/* Days since 1970 of a date of our calendar, from the year 1 on; months and days count from 1. */
int64_t bide__date_days(unsigned year, unsigned month, unsigned day);
/* 1 to 12 by the three letters of an English name, in any case; 0: there is no such month. */
unsigned bide__date_month(const char name[3]);

#endif
