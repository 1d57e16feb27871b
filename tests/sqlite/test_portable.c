/* What holds of every driver, of SQLite. */
#include "db/service.h"

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
    .takes_nul = true, .takes_any = true, .no_database = "o such file",
};

/* In a folder that is dropped after all tests, by who made it. */
static char folder[40] = "/tmp/bide-sqlite-XXXXXX";
static pid_t owner;

static void drop_folder(void)
{
    if (getpid() == owner)
        service_remove(folder);
}

__attribute__((constructor)) static void make_folder(void)
{
    if (!service_folder(folder))
        exit(1);
    owner = getpid();
    atexit(drop_folder);
}

static const char *portable_url(void)
{
    static char url[80];
    snprintf(url, sizeof url, "sqlite:%s/x.db", folder);
    return url;
}

/* It has no users. */
static const char *portable_door(const char *who, const char *database)
{
    static char url[80];
    (void)who;
    snprintf(url, sizeof url, "sqlite:%s/%s.db?mode=rw", folder, database);
    return url;
}

#include "db/portable.h"
