/* What holds of every driver, of PostgreSQL. */
#include "pg/server.h"

#include "db/portable_words.h"

#define PORTABLE_DRIVER &bide_pg_driver
static const struct portable_words words = {
    .short_text = "text", .real = "double precision", .bytes = "bytea", .moment = "timestamptz",
    .truth = "boolean", .endless = "select 1 from pg_sleep(600)",
};

static const char *portable_url(void) { return server.url; }

#include "db/portable.h"
