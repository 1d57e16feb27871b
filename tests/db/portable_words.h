/* What a database's SQL calls the things of tests/db/portable.h. */
#ifndef TESTS_DB_PORTABLE_WORDS_H
#define TESTS_DB_PORTABLE_WORDS_H

#include <stdbool.h>

struct portable_words {
    const char *short_text;     /* types: a text that can be unique */
    const char *real, *bytes, *moment, *truth;
    const char *endless;        /* a query that does not end by itself */
    bool nameless;              /* places are "?", not "$1" */
    bool takes_nul, takes_any;  /* texts with a NUL in them; texts that are no UTF-8 */
    /* Scripts for a user "guest" with the password "right", and its end; NULL: it has no users. */
    const char *admit, *dismiss;
    const char *no_database;    /* what it says where there is none of this name */
};

#endif
