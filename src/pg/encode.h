/* From values to what the server reads: texts, which it takes for every type; bytes as they are. */
#ifndef PG_ENCODE_H
#define PG_ENCODE_H

#include <bide/value.h>

#include <libpq-fe.h>

/* Bytes that grow. */
struct pg_text { char *bytes; size_t size, room; };

struct pg_parameters {
    const char **values;        /* NULL: no value */
    int *sizes, *formats;
    Oid *types;                 /* 0: the server finds out */
    struct pg_text text;
};

/* Values for parameters of these types, NULL where they are not known.  Bytes must live until they
 * are sent.  0; BIDE_EINVAL: a value does not fit, and which; BIDE_ENOMEM. */
int bide__pg_encode(struct pg_parameters *p, const struct bide_value *values, size_t count,
                    const Oid *types);
void bide__pg_parameters_free(struct pg_parameters *p);
/* Adds a value that is not NULL as text, bytes as hex.  0, or < 0. */
int bide__pg_write(struct pg_text *text, const struct bide_value *value);
/* Room for so many bytes and one more behind what is there, to be written at once; NULL: none. */
char *bide__pg_reserve(struct pg_text *text, size_t size);
/* Adds bytes as they are. */
int bide__pg_write_bytes(struct pg_text *text, const void *bytes, size_t size);

#endif
