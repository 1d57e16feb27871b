/* The URL, as libpq takes it. */
#include "pg/connection.h"

#include "base/memory.h"

#include <bide/thread.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is said besides what the URL says, and by .settings. */
enum { OWN_WORDS = 8 };

static int out_of_memory(void) { return bide_fail(BIDE_ENOMEM, "postgresql: out of memory"); }

static char *copy(const char *text) { return bide__copy_text(text, strlen(text)); }

static size_t count_of(const PQconninfoOption *options)
{
    size_t count = 0;
    for (; options[count].keyword; count++)
        continue;
    return count;
}

/* Its place in the list, or the list's end. */
static size_t find(const struct pg_config *config, const char *name)
{
    size_t at = 0;
    while (config->names[at] && strcmp(config->names[at], name) != 0)
        at++;
    return at;
}

static bool has(const struct pg_config *config, const char *name)
{
    return config->names[find(config, name)] != NULL;
}

/* Instead of what it had before, if any. */
static int set(struct pg_config *config, const char *name, const char *value)
{
    size_t at = find(config, name);
    char *kept = copy(value);
    if (kept && !config->names[at])
        config->names[at] = copy(name);
    if (!kept || !config->names[at]) {
        bide__free(kept);
        return out_of_memory();
    }
    bide__free((void *)(uintptr_t)config->values[at]);
    config->values[at] = kept;
    return 0;
}

/* ---- settings -------------------------------------------------------------------------------- */

static char *write_escaped(char *at, const char *text)
{
    for (; *text; text++) {
        if (isspace((unsigned char)*text) || *text == '\\')
            *at++ = '\\';
        *at++ = *text;
    }
    return at;
}

/* Poolers know this one, and no options. */
static bool is_word(const struct bide_pair *setting)
{
    return strcmp(setting->name, "application_name") == 0;
}

/* "-c name=value ...", behind the options that there are: the server heeds the last. */
static char *options_text(const char *given, const struct bide_pair *settings)
{
    size_t size = strlen(given) + 1;
    for (const struct bide_pair *s = settings; s->name; s++)
        size += 2 * (strlen(s->name) + strlen(s->value)) + sizeof " -c =";
    char *text = bide__alloc(size);
    if (!text)
        return NULL;
    char *at = stpcpy(text, given);
    for (const struct bide_pair *s = settings; s->name; s++) {
        if (is_word(s))
            continue;
        at = write_escaped(stpcpy(at, " -c "), s->name);
        *at++ = '=';
        at = write_escaped(at, s->value);
    }
    *at = '\0';
    return text;
}

/* They come before what the URL, the service file and the variables say of the same. */
static int add_settings(struct pg_config *config, const struct bide_pair *settings)
{
    int rc = 0;
    for (const struct bide_pair *s = settings; rc == 0 && s->name; s++)
        if (is_word(s))
            rc = set(config, s->name, s->value);
    char *text = options_text(config->options, settings);
    if (!text)
        return out_of_memory();
    if (rc == 0 && *text)
        rc = set(config, "options", text);
    bide__free(text);
    return rc;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int fail_url(char *sentence)
{
    if (!sentence)
        return out_of_memory();
    sentence[strcspn(sentence, "\n")] = '\0';
    bide_fail(BIDE_EURL, "postgresql: %s", sentence);
    PQfreemem(sentence);
    return bide_errcode();
}

static int read_url(struct pg_config *config, const struct bide_db_opts *opts)
{
    char *sentence = NULL;
    PQconninfoOption *options = PQconninfoParse(opts->url, &sentence);
    if (!options)
        return fail_url(sentence);
    size_t room = count_of(options) + OWN_WORDS;
    config->names = bide__zalloc(room * sizeof *config->names);
    config->values = bide__zalloc(room * sizeof *config->values);
    int rc = config->names && config->values ? 0 : out_of_memory();
    for (PQconninfoOption *o = options; rc == 0 && o->keyword; o++)
        if (o->val)
            rc = set(config, o->keyword, o->val);
    PQconninfoFree(options);
    if (rc == 0 && !has(config, "client_encoding"))
        rc = set(config, "client_encoding", "UTF8");
    /* Looking for Kerberos tickets reads files and may ask name servers. */
    if (rc == 0 && !has(config, "gssencmode") && !getenv("PGGSSENCMODE"))
        rc = set(config, "gssencmode", "disable");
    return rc;
}

/* ---- what else is said ----------------------------------------------------------------------- */

static int keep_value(struct pg_config *config, const PQconninfoOption *o)
{
    char **place = strcmp(o->keyword, "host") == 0 ? &config->hosts
        : strcmp(o->keyword, "hostaddr") == 0      ? &config->addresses
        : strcmp(o->keyword, "port") == 0          ? &config->ports
        : strcmp(o->keyword, "connect_timeout") == 0 ? &config->seconds
        : strcmp(o->keyword, "options") == 0       ? &config->options : NULL;
    if (!place)
        return 0;
    *place = copy(o->val ? o->val : "");
    return *place ? 0 : out_of_memory();
}

/* libpq looks at them when it connects.  Empty ones are its default. */
static int check_ports(const char *ports)
{
    for (const char *at = ports;; at++) {
        char *end;
        long port = strtol(at, &end, 10);
        size_t size = strcspn(at, ",");
        if (size && (end != at + size || port < 1 || port > 65535))
            return bide_fail(BIDE_EURL, "postgresql: port \"%.*s\": a number from 1 to 65535 is "
                             "wanted", (int)size, at);
        at += size;
        if (!*at)
            return 0;
    }
}

/* Only libpq knows what its variables and service files say.  It is asked to connect with something
 * in it that it refuses as the last of its checks: so it tells, and does nothing. */
static int look(struct pg_config *config)
{
    static const char refused[] = "nowhere";
    size_t count = 0;
    while (config->names[count])
        count++;
    config->names[count] = "target_session_attrs";
    config->values[count] = refused;
    PGconn *pg = PQconnectStartParams(config->names, config->values, 0);
    config->names[count] = config->values[count] = NULL;
    PQconninfoOption *options = pg ? PQconninfo(pg) : NULL;
    int rc = options ? 0 : out_of_memory();
    const char *says = pg ? PQerrorMessage(pg) : "";
    if (rc == 0 && !strstr(says, refused))
        rc = bide_fail(BIDE_EURL, "postgresql: %.*s", (int)strcspn(says, "\n"), says);
    for (PQconninfoOption *o = options; rc == 0 && o->keyword; o++)
        rc = keep_value(config, o);
    PQconninfoFree(options);
    PQfinish(pg);
    return rc;
}

int bide__pg_configure(struct db_pool *pool, const struct bide_db_opts *opts)
{
    struct pg_config *config = bide__zalloc(sizeof *config);
    if (!config)
        return out_of_memory();
    *bide__db_config(pool) = config;
    int rc = read_url(config, opts);
    if (rc == 0)
        rc = look(config);
    if (rc == 0)
        rc = check_ports(config->ports);
    return rc == 0 && opts->settings ? add_settings(config, opts->settings) : rc;
}

void bide__pg_unconfigure(struct db_pool *pool)
{
    struct pg_config *config = *bide__db_config(pool);
    bide_executor_free(config->cancellers);
    for (size_t i = 0; config->names && config->names[i]; i++) {
        bide__free((void *)(uintptr_t)config->names[i]);
        bide__free((void *)(uintptr_t)config->values[i]);
    }
    bide__free(config->names);
    bide__free(config->values);
    bide__free(config->hosts);
    bide__free(config->addresses);
    bide__free(config->ports);
    bide__free(config->seconds);
    bide__free(config->options);
    bide__free(config);
}
