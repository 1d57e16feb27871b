/* Values as the parameters of a prepared statement. */
#ifndef MYSQL_ENCODE_H
#define MYSQL_ENCODE_H

#include <bide/value.h>

#include <mysql.h>

struct mysql_parameters { MYSQL_BIND *binds; void *memory; };

/* 0; BIDE_EINVAL: "value 1: ...", BIDE_ENOMEM.  The values' texts are not copied. */
int bide__mysql_encode(struct mysql_parameters *p, const struct bide_value *values, size_t count);
void bide__mysql_parameters_free(struct mysql_parameters *p);

#endif
