/* What holds of every driver, of SQLite. */
#include "test.h"

#include <bide/sqlite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/portable_words.h"

#define PORTABLE_DRIVER &bide_sqlite_driver
static const struct portable_words words = {
    .short_text = "text", .real = "real", .bytes = "blob", .moment = "text", .truth = "boolean",
    .endless = "with recursive n(i) as (select 1 union all select i + 1 from n) "
               "select count(*) from n",
    .takes_nul = true, .takes_any = true,
};

/* In a folder that is dropped after all tests. */
static char folder[40] = "/tmp/bide-sqlite-XXXXXX";

__attribute__((constructor)) static void make_folder(void)
{
    if (!mkdtemp(folder))
        exit(1);
}

static const char *portable_url(void)
{
    static char url[80];
    snprintf(url, sizeof url, "sqlite:%s/x.db", folder);
    return url;
}

#include "db/portable.h"
