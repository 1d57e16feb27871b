/* What a database calls the things of tests/db/cuts.h. */
#ifndef TESTS_DB_CUT_WORDS_H
#define TESTS_DB_CUT_WORDS_H

#include <bide/db.h>

struct cut_words {
    /* A pool of one connection. */
    bide_db *(*open)(const char *url, double connect_timeout);
    const char *set_up;         /* the tables pairs and triples of x, and the user cut */
    const char *url;            /* of that user, through the port %d */
    const char *count_of_cut;   /* as n: connections that he has */
    const char *sum;            /* as n: a value and 1 */
    const char *insert;         /* a value into pairs */
    const char *one_to_nine;    /* rows of n */
    const char *besides_is;     /* what else is done there: 0, or the error; none */
    int (*besides)(bide_db *db);
};

#endif
