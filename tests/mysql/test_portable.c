/* What holds of every driver, of MariaDB. */
#include "mysql/server.h"

#include "db/portable_words.h"

#define PORTABLE_DRIVER &bide_mysql_driver
static const struct portable_words words = {
    .short_text = "varchar(100)", .real = "double", .bytes = "longblob", .moment = "datetime(6)",
    .truth = "boolean", .endless = "select sleep(600)", .nameless = true,
    .takes_nul = true,
};

static const char *portable_url(void) { return server.url; }

#include "db/portable.h"
