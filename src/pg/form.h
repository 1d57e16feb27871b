/* COPY's text form: what of a text is set apart, and numbers.
 *
 * Millions of short fields go this way, so eight bytes are looked at and stored at a time, also for
 * the last ones of a field: what is written behind its end is written over. */
#ifndef PG_FORM_H
#define PG_FORM_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that a text of so many needs, and an integer. */
#define PG_FORM_ROOM(size) (2 * (size) + 8)
enum { PG_FORM_INT = 24 };

/* Each writes at `at`, where there is so much room; the place behind it. */
char *bide__pg_form_text(char *at, const char *bytes, size_t size);
char *bide__pg_form_int(char *at, int64_t number);

#endif
