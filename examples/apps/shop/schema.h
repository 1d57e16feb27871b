/* schema.h -- the tables, and what is in them at the beginning. */
#ifndef SCHEMA_H
#define SCHEMA_H
#include <bide/db.h>

/* Makes the tables that are missing, and fills those that are empty, in one transaction. */
BIDE_WAITS int schema_make(bide_db *db);

#endif
