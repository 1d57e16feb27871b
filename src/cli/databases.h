/* cli/databases.h -- the databases that the tool was built with. */
#ifndef CLI_DATABASES_H
#define CLI_DATABASES_H
#include <bide/db.h>
#include <stdio.h>

/* A pool of at most so many connections, for loading much; NULL: as bide_db_open(). */
bide_db *database_open(const char *url, size_t connections);
/* A name as the kind of database quotes it. */
void database_write_name(FILE *to, const char *kind, const char *name);
/* The same in memory of its own; NULL: there is none. */
char *database_name(const char *kind, const char *name);

#endif
