/* What many header values are made of (RFC 9110, sections 5.6.2 to 5.6.6): words, quoted strings
 * and `name=value` after semicolons.  Content-Type, Content-Disposition, Link, Keep-Alive and the
 * challenges of servers are read by way of this.
 *
 * A reader is a place in a value.  Nothing is copied; only who wants a quoted string without its
 * backslashes gives memory for it. */
#ifndef BIDE_HTTP_PARAMETERS_H
#define BIDE_HTTP_PARAMETERS_H

#include "http/chars.h"

#include <sys/types.h>

struct reader {
    const char *at, *end;
};

struct parameter {
    struct text name;
    struct text value;          /* of a quoted string what is between the quotes */
    bool quoted;                /* backslashes in value escape */
};

static inline struct reader reader_of(struct text text)
{
    return (struct reader){ text.at, text.at + text.size };
}

/* Skips spaces and tabs. */
void bide__read_space(struct reader *r);
/* Goes past c if it is next. */
bool bide__read_char(struct reader *r, char c);
/* A word, or an empty text if there is none. */
struct text bide__read_token(struct reader *r);
/* A quoted string, which begins here: what is between the quotes.  False: it does not end, or has
 * control characters. */
bool bide__read_quoted(struct reader *r, struct text *between);

/* The next parameter: goes past a semicolon and reads `name=value`; empty ones between semicolons
 * are skipped, a name without '=' has an empty value.  1; 0: no semicolon is next; -1: what is
 * there is none.  stops NULL: strict.  Else values that are not quoted may hold whatever is not
 * in stops, and spaces may be around '=', as much of the world writes them. */
int bide__read_parameter(struct reader *r, const char *stops, struct parameter *p);
/* Finds a parameter by name, in any case, in a value such as "text/html; charset=utf-8", which
 * is read as far as it can be; the first counts. */
bool bide__parameter_find(struct text value, const char *name, struct parameter *p);
/* Writes its value without backslashes and with a NUL: its size; -1: it does not fit. */
ssize_t bide__parameter_text(const struct parameter *p, char *out, size_t room);
/* The value of a parameter whose name ends in '*' (RFC 8187: UTF-8''na%C3%AFve; also
 * ISO-8859-1), as UTF-8 and with a NUL: its size; -1: it is none, or does not fit. */
ssize_t bide__parameter_extended(const struct parameter *p, char *out, size_t room);
/* Is it the parameter's value, in any case?  (Escaped ones are no words.) */
bool bide__parameter_is(const struct parameter *p, const char *word);

#endif
