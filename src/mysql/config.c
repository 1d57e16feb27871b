/* "mysql://user:password@host:port/database?tls=verify" */
#include "mysql/connection.h"

#include "base/memory.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { USUAL_PORT = 3306 };

static int refuse(const char *what)
{
    return bide_fail(BIDE_EURL, "mysql: %s (mysql://user:password@host:port/database)", what);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 32) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* A copy with %41 as A; in a query '+' is a '+', as in a path. */
static int keep(char **place, const char *coded, size_t size)
{
    char *text = bide__alloc(size + 1), *to = text;
    if (!text)
        return bide__mysql_no_memory();
    for (size_t i = 0; i < size; i++) {
        int high = coded[i] == '%' && i + 2 < size ? hex_digit(coded[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(coded[i + 2]) : -1;
        *to++ = low >= 0 ? (char)(high * 16 + low) : coded[i];
        i += low >= 0 ? 2 : 0;
        if ((coded[i] == '%' && low < 0) || !to[-1]) {
            bide__free(text);
            return refuse("a '%' is not followed by two digits of a byte");
        }
    }
    *to = '\0';
    bide__free(*place);
    *place = text;
    return 0;
}

/* ---- behind the '?' -------------------------------------------------------------------------- */

static int set_tls(struct mysql_config *config, const char *value)
{
    config->secure = strcmp(value, "no") != 0;
    config->verified = strcmp(value, "verify") == 0;
    if (!config->secure || config->verified || strcmp(value, "unverified") == 0)
        return 0;
    return bide_fail(BIDE_EURL, "mysql: tls=%s: verify, unverified or no is wanted", value);
}

static int set_parameter(struct mysql_config *config, const char *name, size_t size,
                         const char *value, size_t value_size)
{
    char *tls = NULL;
    const struct { const char *name; char **place; } places[] = {
        { "socket", &config->socket }, { "tls", &tls }, { "tls-ca", &config->ca },
        { "tls-cert", &config->certificate }, { "tls-key", &config->key },
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strlen(places[i].name) != size || strncmp(places[i].name, name, size) != 0)
            continue;
        int rc = keep(places[i].place, value, value_size);
        if (rc == 0 && tls)
            rc = set_tls(config, tls);
        bide__free(tls);
        return rc;
    }
    return bide_fail(BIDE_EURL, "mysql: there is no parameter \"%.*s\" (socket, tls, tls-ca, "
                     "tls-cert, tls-key)", (int)size, name);
}

static int read_query(struct mysql_config *config, const char *query)
{
    int rc = 0;
    while (rc == 0 && *query) {
        size_t size = strcspn(query, "&"), name = strcspn(query, "=&");
        if (name >= size)
            return refuse("a parameter has no value");
        rc = set_parameter(config, query, name, query + name + 1, size - name - 1);
        query += size + (query[size] == '&');
    }
    bool files = config->ca || config->certificate || config->key;
    if (rc == 0 && files && !config->secure)
        rc = refuse("tls-ca, tls-cert and tls-key go with tls=verify");
    if (rc == 0 && !config->certificate != !config->key)
        rc = refuse("tls-cert and tls-key go together");
    return rc;
}

/* ---- before it ------------------------------------------------------------------------------- */

static int read_user(struct mysql_config *config, const char *text, size_t size)
{
    const char *colon = memchr(text, ':', size);
    size_t user = colon ? (size_t)(colon - text) : size;
    int rc = user ? keep(&config->user, text, user) : 0;
    if (rc == 0 && colon)
        rc = keep(&config->password, colon + 1, size - user - 1);
    return rc;
}

static int read_port(struct mysql_config *config, const char *text, size_t size)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    if (!size || *text < '0' || *text > '9' || end != text + size || !port || port > 65535)
        return refuse("a port is a number from 1 to 65535");
    config->port = (unsigned)port;
    return 0;
}

/* "host", "host:port", "[::1]:port", "" */
static int read_host(struct mysql_config *config, const char *text, size_t size)
{
    const char *end = text + size;
    const char *close = size && *text == '[' ? memchr(text, ']', size) : NULL;
    if (size && *text == '[' && !close)
        return refuse("an address without \"]\"");
    const char *from = close ? close + 1 : text;
    const char *colon = memchr(from, ':', (size_t)(end - from));
    if (close && from != end && colon != from)
        return refuse("behind \"]\" comes a port");
    const char *host_end = close ? close : colon ? colon : end;
    text += close ? 1 : 0;
    int rc = host_end > text ? keep(&config->host, text, (size_t)(host_end - text)) : 0;
    return rc == 0 && colon ? read_port(config, colon + 1, (size_t)(end - colon) - 1) : rc;
}

static int read_url(struct mysql_config *config, const char *url)
{
    const char *text = strchr(url, ':');
    if (!text || strncmp(text, "://", 3) != 0)
        return refuse("a URL is wanted");
    text += 3;
    size_t size = strcspn(text, "/?#");
    const char *at = memrchr(text, '@', size);
    int rc = at ? read_user(config, text, (size_t)(at - text)) : 0;
    const char *host = at ? at + 1 : text;
    if (rc == 0)
        rc = read_host(config, host, size - (size_t)(host - text));
    text += size;
    if (*text == '/') {
        size = strcspn(++text, "?#");
        rc = rc == 0 && size ? keep(&config->database, text, size) : rc;
        text += size;
    }
    if (rc == 0 && *text == '#')
        rc = refuse("a fragment means nothing here");
    if (rc == 0 && *text == '?')
        rc = read_query(config, text + 1);
    if (rc == 0 && config->socket && config->host)
        rc = refuse("a host or a socket, not both");
    return rc;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Who runs the program. */
static int name_user(struct mysql_config *config)
{
    char texts[1024];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(geteuid(), &entry, texts, sizeof texts, &found) != 0 || !found)
        return refuse("a user is wanted");
    config->user = bide__copy_text(found->pw_name, strlen(found->pw_name));
    return config->user ? 0 : bide__mysql_no_memory();
}

int bide__mysql_configure(struct db_pool *pool, const struct bide_db_opts *opts)
{
    struct mysql_config *config = bide__zalloc(sizeof *config);
    if (!config)
        return bide__mysql_no_memory();
    *bide__db_config(pool) = config;
    config->port = USUAL_PORT;
    int rc = read_url(config, opts->url);
    if (rc == 0 && !config->host && !config->socket)
        rc = keep(&config->host, "localhost", strlen("localhost"));
    if (rc == 0 && !config->user)
        rc = name_user(config);
    if (rc == 0 && !config->password)   /* else libmariadb takes $MYSQL_PWD */
        rc = keep(&config->password, "", 0);
    return rc == 0 ? bide__mysql_write_settings(opts->settings, &config->hello) : rc;
}

void bide__mysql_unconfigure(struct db_pool *pool)
{
    struct mysql_config *config = *bide__db_config(pool);
    char *const texts[] = {
        config->host, config->user, config->password, config->database, config->socket,
        config->ca, config->certificate, config->key, config->hello,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        bide__free(texts[i]);
    bide__free(config);
}
