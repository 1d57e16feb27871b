/* worlds.h -- TechEmpower's routes that read and change single rows: /db, /queries, /updates. */
#ifndef WORLDS_H
#define WORLDS_H
#include <bide.h>

enum { WORLDS = 10000 };        /* rows of the table, and the largest number in them */

void worlds_join(bide_app *app);

#endif
