/* cli/databases.c -- see databases.h. */
#include "cli/databases.h"
#ifdef BIDE_SQLITE
#include <bide/sqlite.h>
#endif
#include <stdlib.h>
#include <string.h>

static const bide_db_driver *const drivers[] = {
#ifdef BIDE_SQLITE
    &bide_sqlite_driver,
#endif
    NULL,
};

/* SQLite's: 16 MiB of pages stay in memory, and what is committed moves from the journal to its
 * place every 64 MiB, for each time costs two waits for the disk. */
static const struct bide_pair sqlite_settings[] = {
    { "cache_size", "-16384" }, { "wal_autocheckpoint", "16384" }, { NULL, NULL },
};

bide_db *database_open(const char *url, size_t connections)
{
    bool sqlite = strncmp(url, "sqlite", 6) == 0;
    return bide_db_open(url, .drivers = drivers, .size_max = connections,
                        .settings = sqlite ? sqlite_settings : NULL);
}

void database_write_name(FILE *to, const char *kind, const char *name)
{
    char quote = strcmp(kind, "mysql") == 0 ? '`' : '"';
    fputc(quote, to);
    for (; *name; name++) {
        if (*name == quote)
            fputc(quote, to);
        fputc(*name, to);
    }
    fputc(quote, to);
}

char *database_name(const char *kind, const char *name)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    database_write_name(to, kind, name);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}
