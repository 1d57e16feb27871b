/* What holds of every driver, of PostgreSQL. */
#include "pg/server.h"

#include "db/portable_words.h"

#define PORTABLE_DRIVER &bide_pg_driver
static const struct portable_words words = {
    .short_text = "text", .real = "double precision", .bytes = "bytea", .moment = "timestamptz",
    .truth = "boolean", .endless = "select 1 from pg_sleep(600)",
    .admit = "create role asked; create user guest password 'right' in role asked",
    .dismiss = "drop user if exists guest; drop role if exists asked",
    .no_database = "database \"nowhere\" does not exist",
};

static const char *portable_url(void) { return server.url; }

static const char *portable_door(const char *who, const char *database)
{
    static char url[200];
    snprintf(url, sizeof url, "postgresql://%s@127.0.0.1:%d/%s", who ? who : "tester", server.port,
             database ? database : "postgres");
    return url;
}

#include "db/portable.h"
