/* What a server or proxy asks for: WWW-Authenticate and Proxy-Authenticate (RFC 9110, section
 * 11.6.1), a list of challenges, each a scheme with either one token68 or parameters.  Commas
 * stand between challenges and between parameters alike; a word without '=' behind it begins
 * the next challenge.  Read strictly: what is decided here is where a password goes. */
#ifndef BIDE_HTTP_CHALLENGE_H
#define BIDE_HTTP_CHALLENGE_H

#include "http/parameters.h"

enum { CHALLENGE_PARAMETERS_MAX = 16 };     /* more of one challenge are refused */

struct challenge {
    struct text scheme;         /* in any case */
    struct text token68;        /* empty: none */
    unsigned count;
    struct parameter parameters[CHALLENGE_PARAMETERS_MAX];
};

/* The next of a header's value: 1; 0: there are no more; -1: the rest is no challenge, or a
 * parameter is there twice. */
int bide__challenge_next(struct reader *r, struct challenge *c);
/* All of a value that is parameters alone, as Authentication-Info's is: 1, or -1. */
int bide__challenge_parameters(struct reader *r, struct challenge *c);
/* Its parameter of that name, in any case; NULL: none. */
const struct parameter *bide__challenge_find(const struct challenge *c, const char *name);

#endif
