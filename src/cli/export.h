/* cli/export.h -- rows that a server writes as CSV itself. */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H
#include "cli/output.h"
#include <bide/db.h>
#include <stdbool.h>

/* Does this database do so? */
bool export_copies(const bide_db *db);
/* The rows of a query, with a row of names or without; all is written then. */
BIDE_WAITS int export_copy(bide_db *db, const char *query, bool header, struct output *to);

#endif
