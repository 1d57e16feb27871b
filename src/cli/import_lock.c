/* cli/import_lock.c -- tells when others have the database for long.
 *
 * Who reads a file of SQLite that is no WAL holds up each commit, and who writes to it everything.
 * An import is long work, so it waits longer than others would, and says what for. */
#include "cli/databases.h"
#include "cli/import.h"
#include <stdio.h>

/* Seconds between two looks, and before a word is said. */
#define LOOK 0.5
#define PATIENCE 3

static void tell(struct import *im)
{
    const char *url = im->options->url;
    progress_erase(&im->progress);
    fprintf(stderr, "bide import: %s: another program has it locked; waiting (", url);
    if (strstr(url, "busy="))
        fputs("as long as busy= in its URL says)\n", stderr);
    else
        fprintf(stderr, "for up to %s s, unless ?busy=SECONDS says otherwise)\n", DATABASE_BUSY);
}

/* Once for each time that it waits. */
int import_lock_watch(void *import)
{
    struct import *im = import;
    bool told = false;
    for (;;) {
        int rc = bide_sleep(LOOK);
        if (rc < 0)
            return rc;
        double locked = im->db ? bide_db_stats(im->db).locked : 0;
        if (locked >= PATIENCE && !told)
            tell(im);
        told = locked > 0 && (told || locked >= PATIENCE);
    }
}
