/* Places for values, which MariaDB has no numbers for. */
#ifndef TESTS_DB_PLACES_H
#define TESTS_DB_PLACES_H

#include <stdbool.h>

/* The text with "$1" as it is, or as "?"; good until the fourth call after it. */
static inline const char *sql_places(const char *sql, bool nameless)
{
    static char text[4][500];
    static unsigned turn;
    char *to = text[turn++ % 4], *at = to;
    for (; *sql; sql++) {
        bool place = *sql == '$' && nameless;
        *at++ = place ? '?' : *sql;
        if (place)
            sql++;
    }
    *at = '\0';
    return to;
}

#endif
