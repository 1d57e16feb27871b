/* Commands as bytes: an array of texts with their sizes; and what must not go down the connection
 * that all share. */
#ifndef REDIS_COMMAND_H
#define REDIS_COMMAND_H
#include <bide/error.h>
#include <bide/redis.h>

#include <stdarg.h>

/* Bytes that grow. */
struct bytes { char *at; size_t size, room; };
/* A command that is still to be written, or already is. */
struct command {
    const char *const *argv;    /* NULL: it is encoded */
    const size_t *sizes;        /* NULL: of texts */
    size_t count;
    const char *bytes;          /* encoded: of one or more commands */
    size_t size;
};
enum { ARGUMENTS_FEW = 32 };    /* that lie on the stack */
enum command_kind { COMMAND_SHARED, COMMAND_OWN, COMMAND_REFUSED };

/* The arguments of a call in an array: `few`, or memory to be freed; NULL: there is none, held. */
const char **bide__arguments_of(const char **few, size_t count, va_list args);
/* Puts it at the end.  0, or BIDE_ENOMEM with the error held and nothing put. */
int bide__command_put(struct bytes *out, const struct command *c);
/* BIDE_EINVAL: it has no arguments, or one of them is NULL. */
int bide__command_check(const struct command *c);
/* Which connection it may go down; refused: with the error held. */
enum command_kind bide__command_kind(const struct command *c);
/* Room for so many bytes more; out of memory is held. */
int bide__bytes_reserve(struct bytes *b, size_t size);
void bide__bytes_free(struct bytes *b);

#endif
