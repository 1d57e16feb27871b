/* One connection to MariaDB or MySQL: the call of libmariadb that is on its way, and what is to be
 * mended.
 *
 * A call of libmariadb that may block has two halves: X_start() does what goes without waiting, and
 * says what is waited for; X_cont() goes on when that has come.  In between it stands still on a
 * stack of libmariadb's, and nothing else can be done with the connection (call.c).
 *
 * One task has the connection at a time (`busy`), from its statement's first byte to the last of
 * the answer.  Where it leaves before (it was cancelled, or does not want the rest of its rows),
 * the mender, a task of the pool, takes over: it kills the statement at the server, takes in what
 * is left of the answer, and says what was told meanwhile.  Who comes next waits for that. */
#ifndef MYSQL_CONNECTION_H
#define MYSQL_CONNECTION_H

#include "core/park.h"
#include "db/driver.h"
#include "mysql/statements.h"

#include <bide/mysql.h>
#include <mysql.h>

/* Seconds that mending may take; beyond them the connection is given up. */
enum { MYSQL_MEND_TIMEOUT = 10 };

/* The calls that may stand still. */
enum mysql_call {
    CALL_NOTHING,
    CALL_CONNECT,
    CALL_QUERY,                 /* of c->text */
    CALL_NEXT_RESULT,
    CALL_FETCH_ROW,             /* of c->result, into c->got.row */
    CALL_PREPARE,               /* c->statement, from c->text */
    CALL_EXECUTE,               /* c->statement */
    CALL_FETCH,                 /* its next row */
    CALL_NEXT_STATEMENT_RESULT,
    CALL_CLOSE_STATEMENT,       /* c->statement, which is gone then */
    CALL_SET_OPTION,            /* c->option */
    CALL_CHANGE_USER,           /* to the same: puts the session back */
};
/* What is still to be read of an answer. */
enum mysql_answer { ANSWER_NOTHING, ANSWER_TEXT, ANSWER_BINARY };

/* What is to be said when nobody has the connection. */
struct mysql_told { struct mysql_told *next; char sql[]; };

struct mysql_connection {
    struct db_connection base;  /* first */
    MYSQL *my;                  /* NULL: closed */
    int fd;                     /* watched; -1: none */
    bool quiet;                 /* nobody asked for what is refused */
    bool secure;                /* TLS, so SIGPIPE is to be held back */
    enum mysql_call call;       /* stands still */
    int wanted;                 /* what it waits for, MYSQL_WAIT_... */
    union { int code; my_bool failed; MYSQL_ROW row; MYSQL *my; } got;  /* what it returned */
    char *text;                 /* of the statement on its way */
    size_t text_size, text_room;
    MYSQL_STMT *statement;      /* that is prepared, runs or is closed */
    bool keeps_statement;       /* it is one of `statements` */
    MYSQL_RES *result;          /* rows being read, in text */
    enum mysql_answer answer;
    enum enum_mysql_set_option option;
    bool several;               /* the server takes several statements in one text */
    struct mysql_statements statements;
    bool busy;                  /* a task has it */
    bool mending;               /* the mender runs */
    bide_scope *mending_scope;
    bool closed;                /* the mender frees it */
    struct waitlist line;       /* who waits to have it */
    struct mysql_told *told, **told_tail;
    bool changed;               /* its session's state */
    int64_t last_id;            /* that an insert has made */
    bool lost;                  /* the server has rolled back a transaction that the program thinks
                                   is open: nothing may run but its rollback */
    int broken;                 /* < 0: why nothing more goes */
    char why[200];
};
/* What is kept of the URL. */
struct mysql_config {
    char *host, *user, *password, *database, *socket;   /* host, database, socket may be NULL */
    unsigned port;
    bool secure, verified;
    char *ca, *certificate, *key;       /* files; NULL: none */
    char *hello;                /* the first statement of each session */
};

static inline struct mysql_connection *mysql_of(struct db_connection *c)
{
    return (struct mysql_connection *)(void *)c;
}

/* ---- config.c, settings.c, connect.c --------------------------------------------------------- */

int bide__mysql_configure(struct db_pool *pool, const struct bide_db_opts *opts);
void bide__mysql_unconfigure(struct db_pool *pool);
/* The statement that makes a session what it is to be; *text is yours.  0, or < 0. */
int bide__mysql_write_settings(const struct bide_pair *settings, char **text);
BIDE_WAITS struct db_connection *bide__mysql_connect(struct db_pool *pool);
/* The same; quiet: what it is refused is not noted as the pool's last failure. */
BIDE_WAITS struct mysql_connection *bide__mysql_open(struct db_pool *pool, bool quiet);

/* ---- call.c ---------------------------------------------------------------------------------- */

/* Makes the call and waits until it has ended: 0; BIDE_EDB: the server's refusal; another < 0: the
 * connection is lost, or the wait was interrupted and the call stands still. */
BIDE_WAITS int bide__mysql_call(struct mysql_connection *c, enum mysql_call call);
/* The same without waiting: BIDE_EAGAIN: it stands still. */
int bide__mysql_call_now(struct mysql_connection *c, enum mysql_call call);
/* Goes on with the one that stands still. */
BIDE_WAITS int bide__mysql_go_on(struct mysql_connection *c);
/* Ends the one that stands still, without waiting: the socket is shut. */
void bide__mysql_break_off(struct mysql_connection *c);

/* ---- answer.c -------------------------------------------------------------------------------- */

/* Copies the text that the next call sends. */
int bide__mysql_set_text(struct mysql_connection *c, const char *sql);
/* Sends a text and waits for the head of its first result. */
BIDE_WAITS int bide__mysql_ask(struct mysql_connection *c, const char *sql);
/* The next row of the result: 1, 0: there is none, < 0. */
BIDE_WAITS int bide__mysql_fetch(struct mysql_connection *c);
/* Reads what is left of the answer; how many rows its last statement changed. */
BIDE_WAITS int64_t bide__mysql_drop_rest(struct mysql_connection *c);
/* Asks, and drops the answer. */
BIDE_WAITS int64_t bide__mysql_say(struct mysql_connection *c, const char *sql);
/* The statement's answer is read: it is closed, if it is not kept. */
BIDE_WAITS int bide__mysql_end_statement(struct mysql_connection *c);
/* Nobody wants the rest of the rows: drops what is at hand, without waiting. */
void bide__mysql_skip_near(struct mysql_connection *c);
/* How many rows the last statement changed. */
int64_t bide__mysql_changed(const struct mysql_connection *c);

/* ---- session.c ------------------------------------------------------------------------------- */

/* Waits until nobody has the connection and nothing is to be mended, and takes it. */
BIDE_WAITS int bide__mysql_enter(struct mysql_connection *c);
/* Gives it back; what stands still or is left to read is mended. */
void bide__mysql_leave(struct mysql_connection *c);
/* The connection is good for nothing more. */
void bide__mysql_lose(struct mysql_connection *c, int rc, const char *why);
int bide__mysql_fail_lost(const struct mysql_connection *c);
/* May this statement be given to it?  The server has rolled back: only the end of that. */
int bide__mysql_check_lost(struct mysql_connection *c, const char *sql);
/* Does it leave something behind in the session? */
bool bide__mysql_is_lasting(const char *sql);
void bide__mysql_close(struct db_connection *c);
void bide__mysql_cut(struct db_connection *c);
enum db_state bide__mysql_state(struct db_connection *c);
BIDE_WAITS int bide__mysql_reset(struct db_connection *c);
void bide__mysql_keep_session(struct db_connection *c);
void bide__mysql_tell(struct db_connection *c, const char *sql);

/* ---- mend.c ---------------------------------------------------------------------------------- */

/* Starts the mender, if there is something to do for it and it does not run. */
void bide__mysql_mend(struct mysql_connection *c);
void bide__mysql_free(struct mysql_connection *c);

/* ---- the rest -------------------------------------------------------------------------------- */

BIDE_WAITS bide_rows *bide__mysql_run(struct db_connection *c, const struct db_statement *s);
BIDE_WAITS bide_bulk *bide__mysql_bulk(struct db_connection *c, const char *table,
                                       const char *const *columns);
/* Holds what a call has failed with: BIDE_EDB; or the connection is lost. */
int bide__mysql_refuse(struct mysql_connection *c, enum mysql_call call);
/* Holds an error of libmariadb's that is no refusal, as the system's code where it names one. */
int bide__mysql_fail_client(unsigned number, const char *message);
static inline int bide__mysql_no_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "mysql: out of memory");
}

#endif
