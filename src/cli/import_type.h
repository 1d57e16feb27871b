/* cli/import_type.h -- what a column holds: guessed from its fields, and made of them. */
#ifndef CLI_IMPORT_TYPE_H
#define CLI_IMPORT_TYPE_H
#include "cli/csv.h"
#include "cli/database_kind.h"
#include <bide/value.h>
#include <stdbool.h>

/* From the narrowest to that which takes everything. */
enum import_type {
    TYPE_NONE,                  /* no field had a value */
    TYPE_BOOL,                  /* true or false, in any case */
    TYPE_INT,                   /* 64 bits, without leading zeroes: "007" is a text */
    TYPE_REAL,
    TYPE_DATE,                  /* 2026-11-29 */
    TYPE_TIME,                  /* 2026-11-29 08:15:00.5, or with a T */
    TYPE_ZONED,                 /* 2026-11-29 08:15:00.5+01:00 */
    TYPE_TEXT,
};

/* The type of a field that has a value. */
enum import_type import_type_of(const char *text, size_t size);
/* What takes both. */
enum import_type import_type_join(enum import_type a, enum import_type b);
/* How a kind of database calls a type. */
const char *import_type_name(enum import_type type, enum database_id id);
/* What a column that was declared so takes; what is not known takes texts, for the server to
 * read. */
enum import_type import_type_declared(const char *declared);
/* Makes a value of a text: 0; < 0: it is none of this type.  A text stays where it is, and a NUL, a
 * separator or a quote must stand behind it. */
int import_type_value(enum import_type type, const char *text, size_t size,
                      struct bide_value *value);
/* Has a text the shape of this type?  Servers know more shapes. */
bool import_type_fits(enum import_type type, const char *text, size_t size);
/* "an integer", for the sentence of a refusal. */
const char *import_type_noun(enum import_type type);

#endif
