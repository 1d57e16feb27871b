/* Connecting.  libmariadb would look names up itself, and block; so they are looked up before, and
 * their addresses are tried one after the other.
 *
 * Its TLS handshake blocks (it polls the socket itself), and it compares the certificate's name
 * with whatever it was told to connect to.  So with TLS the whole of connecting is done on one of
 * the process's threads, with the name and a time limit; then the session is the loop's. */
#include "mysql/connection.h"

#include "base/memory.h"

#include <bide/resolve.h>
#include <bide/thread.h>

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the stack that a call stands still on.  libmariadb's default is 60 KiB; reading a
 * certificate is not done there. */
enum { CALL_STACK = 65536 };

/* How a password may be asked for.  Nothing that shows it to whoever answers, and nothing that asks
 * at a terminal; in clear only where the server's certificate was verified. */
static const char usual_ways[] = "mysql_native_password,client_ed25519,caching_sha2_password,"
    "sha256_password,parsec,auth_gssapi_client";
static const char verified_ways[] = "mysql_native_password,client_ed25519,caching_sha2_password,"
    "sha256_password,parsec,auth_gssapi_client,mysql_clear_password";

/* ---- options --------------------------------------------------------------------------------- */

/* libmariadb has the whole process ignore SIGPIPE when it begins; that is the program's to say. */
static bool begin_library(void)
{
    static bool begun;
    struct sigaction before;
    if (begun)
        return true;
    sigaction(SIGPIPE, NULL, &before);
    begun = mysql_library_init(0, NULL, NULL) == 0;
    sigaction(SIGPIPE, &before, NULL);
    return begun;
}

static int set_tls(MYSQL *my, const struct mysql_config *config)
{
    static const my_bool yes = 1, no = 0;
    int rc = mysql_options(my, MYSQL_OPT_SSL_ENFORCE, config->secure ? &yes : &no);
    rc |= mysql_options(my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, config->verified ? &yes : &no);
    if (config->ca)
        rc |= mysql_options(my, MYSQL_OPT_SSL_CA, config->ca);
    if (config->certificate)
        rc |= mysql_options(my, MYSQL_OPT_SSL_CERT, config->certificate)
            | mysql_options(my, MYSQL_OPT_SSL_KEY, config->key);
    return rc;
}

static MYSQL *make(const struct mysql_config *config)
{
    static const size_t stack = CALL_STACK;
    static const unsigned tcp = MYSQL_PROTOCOL_TCP, local_files = 0;
    MYSQL *my = begin_library() ? mysql_init(NULL) : NULL;
    int rc = my ? 0 : 1;
    rc = rc ? rc : mysql_options(my, MYSQL_OPT_NONBLOCK, &stack);
    rc = rc ? rc : mysql_options(my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    /* Else the server might ask for any file of this machine. */
    rc = rc ? rc : mysql_options(my, MYSQL_OPT_LOCAL_INFILE, &local_files);
    rc = rc ? rc : mysql_options(my, MARIADB_OPT_RESTRICTED_AUTH,
                                 config->verified ? verified_ways : usual_ways);
    if (rc == 0 && config->host)
        rc = mysql_options(my, MYSQL_OPT_PROTOCOL, &tcp);
    rc = rc ? rc : set_tls(my, config);
    if (rc == 0)
        return my;
    mysql_close(my);
    bide__mysql_no_memory();
    return NULL;
}

/* ---- in clear -------------------------------------------------------------------------------- */

/* One attempt, at the address in c->text. */
BIDE_WAITS static int try_address(struct mysql_connection *c, const struct mysql_config *config)
{
    c->my = make(config);
    if (!c->my)
        return bide_errcode();
    int rc = bide__mysql_call(c, CALL_CONNECT);
    if (rc == 0)
        return 0;
    BIDE_KEEP_ERROR(why);
    if (c->fd >= 0)
        bide__fd_unwatch(c->fd);
    c->fd = -1;
    bide__mysql_break_off(c);
    mysql_close(c->my);
    c->my = NULL;
    return rc;
}

/* "127.0.0.1" of "127.0.0.1:0", "::1" of "[::1]:0". */
static int set_bare_address(struct mysql_connection *c, const struct bide_address *address)
{
    char text[BIDE_ADDRESS_TEXT];
    const char *at = bide_address_text(address, text);
    char *end = strrchr(text, ':');
    if (end)
        *end = '\0';
    if (*at == '[') {
        at++;
        text[strlen(text) - 1] = '\0';
    }
    return bide__mysql_set_text(c, at);
}

BIDE_WAITS static int connect_plainly(struct mysql_connection *c, const struct mysql_config *config)
{
    struct bide_addresses found = { .count = 0 };
    if (config->socket)
        return try_address(c, config);
    int rc = bide_resolve(config->host, &found);
    for (int i = 0; i < found.count && (i == 0 || rc < 0); i++) {
        rc = set_bare_address(c, &found.list[i]);
        if (rc == 0)
            rc = try_address(c, config);
        if (rc == BIDE_EDB || rc == BIDE_ECANCELED)
            break;              /* there it was; or nobody wants it */
    }
    return rc;
}

/* ---- by TLS ---------------------------------------------------------------------------------- */

struct meeting { MYSQL *my; const struct mysql_config *config; };

/* On a thread, where all signals are held back. */
static int meet(void *arg)
{
    const struct meeting *m = arg;
    const struct mysql_config *config = m->config;
    MYSQL *my = mysql_real_connect(m->my, config->host, config->user, config->password,
                                   config->database, config->port, config->socket,
                                   CLIENT_FOUND_ROWS);
    return my ? 0 : 1;
}

BIDE_WAITS static int connect_securely(struct mysql_connection *c,
                                       const struct mysql_config *config)
{
    double seconds = bide_time_left();
    unsigned limit = seconds < 3600 ? (unsigned)ceil(seconds) + 1 : 3600;
    c->my = make(config);
    if (!c->my)
        return bide_errcode();
    mysql_options(c->my, MYSQL_OPT_CONNECT_TIMEOUT, &limit);
    struct meeting m = { c->my, config };
    int rc = bide_to_thread(meet, &m);
    if (rc > 0)
        return bide__mysql_refuse(c, CALL_CONNECT);
    if (rc == 0 && !mysql_get_ssl_cipher(c->my))
        rc = bide_fail(BIDE_ETLS, "mysql: the server does not speak TLS");
    c->secure = true;
    return rc;
}

/* ---- a session ------------------------------------------------------------------------------- */

BIDE_WAITS static int begin(struct mysql_connection *c, const struct mysql_config *config)
{
    int rc = config->secure ? connect_securely(c, config) : connect_plainly(c, config);
    if (rc < 0)
        return rc;
    int fd = (int)mysql_get_socket(c->my);
    if (c->fd < 0) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        rc = bide__fd_watch(fd, READY_READ | READY_WRITE | WATCH_FOREIGN | WATCH_SOCKET);
        c->fd = rc == 0 ? fd : -1;
    }
    if (rc == 0 && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        rc = bide_fail(-errno, "mysql: its socket");
    int64_t said = rc == 0 ? bide__mysql_say(c, config->hello) : rc;
    c->changed = false;
    return said < 0 ? (int)said : 0;
}

struct mysql_connection *bide__mysql_open(struct db_pool *pool, bool quiet)
{
    struct mysql_connection *c = bide__zalloc(sizeof *c);
    if (!c) {
        bide__mysql_no_memory();
        return NULL;
    }
    const struct bide_db_opts *opts = bide__db_opts(pool);
    c->base.pool = pool;
    c->quiet = quiet;
    c->fd = -1;
    c->told_tail = &c->told;
    c->statements.max = opts->no_prepare ? 0 : opts->statements_max;
    if (begin(c, *bide__db_config(pool)) == 0)
        return c;
    BIDE_KEEP_ERROR(why);
    bide__mysql_close(&c->base);
    return NULL;
}

struct db_connection *bide__mysql_connect(struct db_pool *pool)
{
    struct mysql_connection *c = bide__mysql_open(pool, false);
    return c ? &c->base : NULL;
}
