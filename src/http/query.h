/* Queries and forms (application/x-www-form-urlencoded): pairs written, and read. */
#ifndef BIDE_HTTP_QUERY_H
#define BIDE_HTTP_QUERY_H

#include "http/scratch.h"

#include <bide/pair.h>

/* Appends "name=value&name=value", everything but unreserved characters encoded; a NULL value is
 * the name alone.  If the writer has something already that is not the beginning of a query, '&'
 * goes first: `first` says that nothing is there.  form: a space is '+', else %20. */
void bide__query_write(struct writer *w, const struct bide_pair *pairs, bool first, bool form);
/* The pairs of a query, decoded, in scratch memory, ended by {NULL, NULL}; NULL: out of memory.
 * What cannot be decoded stays as it is. */
const struct bide_pair *bide__query_read(struct scratch *s, struct text query);

#endif
