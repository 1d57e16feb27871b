/* "sqlite:PATH?mode=ro&busy=2" */
#include "sqlite/connection.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static int set_mode(struct sqlite_config *config, const char *value)
{
    static const struct { const char *name; int flags; } modes[] = {
        { "ro", SQLITE_OPEN_READONLY },
        { "rw", SQLITE_OPEN_READWRITE },
        { "rwc", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE },
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(modes[i].name, value) == 0) {
            config->flags = modes[i].flags;
            return 0;
        }
    return bide_fail(BIDE_EURL, "sqlite: mode=%s: ro, rw or rwc is wanted", value);
}

static int set_busy(struct sqlite_config *config, const char *value)
{
    char *end;
    config->busy = strtod(value, &end);
    if (end == value || *end || !(config->busy >= 0))
        return bide_fail(BIDE_EURL, "sqlite: busy=%s: seconds are wanted", value);
    return 0;
}

static int set_parameter(struct sqlite_config *config, char *parameter)
{
    char *value = strchr(parameter, '=');
    if (value)
        *value++ = '\0';
    if (value && strcmp(parameter, "mode") == 0)
        return set_mode(config, value);
    if (value && strcmp(parameter, "busy") == 0)
        return set_busy(config, value);
    return bide_fail(BIDE_EURL, "sqlite: there is no parameter \"%s\" (mode, busy)", parameter);
}

static int read_url(struct sqlite_config *config, const char *url)
{
    const char *path = strchr(url, ':') + 1;
    if (strncmp(path, "///", 3) == 0)
        path += 2;
    else if (strncmp(path, "//", 2) == 0)
        return bide_fail(BIDE_EURL, "%s: a file is on no host: sqlite:PATH or sqlite:///PATH", url);
    config->path = bide__copy_text(path, strlen(path));
    if (!config->path)
        return bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
    char *rest = strchr(config->path, '?');
    if (rest)
        *rest++ = '\0';
    if (!*config->path)
        return bide_fail(BIDE_EURL, "%s: the path of a file is wanted", url);
    config->memory = strcmp(config->path, ":memory:") == 0;
    char *save = NULL;
    for (char *p = rest ? strtok_r(rest, "&", &save) : NULL; p; p = strtok_r(NULL, "&", &save))
        if (set_parameter(config, p) < 0)
            return bide_errcode();
    return 0;
}

int bide__sqlite_configure(struct db_pool *pool, const struct bide_db_opts *opts)
{
    struct sqlite_config *config = bide__zalloc(sizeof *config);
    if (!config)
        return bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
    *bide__db_config(pool) = config;
    config->flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    config->busy = 5;
    int rc = read_url(config, opts->url);
    if (rc == 0 && config->memory)
        bide__db_keep_one(pool);
    return rc;
}

void bide__sqlite_unconfigure(struct db_pool *pool)
{
    struct sqlite_config *config = *bide__db_config(pool);
    bide__free(config->path);
    bide__free(config);
}
