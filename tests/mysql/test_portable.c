/* What holds of every driver, of MariaDB. */
#include "mysql/server.h"

#include "db/portable_words.h"

#define PORTABLE_DRIVER &bide_mysql_driver
static const struct portable_words words = {
    .short_text = "varchar(100)", .real = "double", .bytes = "longblob", .moment = "datetime(6)",
    .truth = "boolean", .endless = "select sleep(600)", .nameless = true,
    .takes_nul = true,
    .admit = "create user guest@'%' identified by 'right'; grant all on bide.* to guest@'%'",
    .dismiss = "drop user if exists guest@'%'", .no_database = "Unknown database 'nowhere'",
};

static const char *portable_url(void) { return server.url; }

static const char *portable_door(const char *who, const char *database)
{
    static char url[200];
    snprintf(url, sizeof url, "mysql://%s@127.0.0.1:%d/%s", who ? who : "root", server.port,
             database ? database : "bide");
    return url;
}

#include "db/portable.h"
