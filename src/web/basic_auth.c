/* User and password in each request (RFC 7617).  What is not asked for in this way, or not legible,
 * is as if nothing had been said: 401, with the question. */
#include "base/memory.h"
#include "http/base64.h"
#include "http/parameters.h"
#include "http/heap_writer.h"
#include "web/lasting.h"
#include "web/password_file.h"
#include "web/secret.h"

#include <bide/middleware.h>
#include <bide/respond.h>

struct basic_auth {
    char *question;             /* WWW-Authenticate */
    bide_password_check *check; /* or NULL */
    void *arg;
    struct password_file *file; /* or NULL */
    struct bide_pair *users;    /* ours; the texts in `texts`; or NULL */
    char *texts;
};

static const char user_key[1];  /* its address: where a request keeps its user */

const char *bide_request_user(const bide_request *req)
{
    return bide_request_get(req, user_key);
}

/* All of them are looked at, so the time does not tell which names there are. */
static int check_users(const struct basic_auth *a, const char *user, const char *password)
{
    int found = 0;
    for (const struct bide_pair *pair = a->users; pair->name; pair++)
        found |= (int)bide_secret_is(user, pair->name) & (int)bide_secret_is(password, pair->value);
    return found;
}

/* "Basic YW5uOnNlY3JldA==": user and password, in the request's memory; false: it is not. */
static bool read_header(bide_request *req, const char **user, const char **password)
{
    const char *header = bide_request_header(req, "Authorization");
    struct reader r = reader_of(text_from(header ? header : ""));
    if (!bide__text_is_caseless(bide__read_token(&r), "Basic"))
        return false;
    bide__read_space(&r);
    struct text code = text_of(r.at, (size_t)(r.end - r.at));
    char *plain = bide__scratch_copy(&req->scratch, code.at, code.size);
    ssize_t size = plain ? bide__base64_read(plain, code, false) : -1;
    char *colon = size > 0 ? memchr(plain, ':', (size_t)size) : NULL;
    if (!colon || memchr(plain, '\0', (size_t)size))
        return false;
    plain[size] = '\0';
    *colon = '\0';
    *user = plain;
    *password = colon + 1;
    return true;
}

/* 1: it is the user; 0: it is not. */
/* waits: in the program's function */
BIDE_WAITS static int ask(bide_request *req, const struct basic_auth *a, const char *user,
                          const char *password)
{
    if (a->check)
        return a->check(req, user, password, a->arg);
    if (!a->file)
        return check_users(a, user, password);
    int rc = bide__password_file_check(a->file, user, password);
    return rc < 0 ? bide_within("basic auth") : rc;
}

BIDE_WAITS static int check(bide_request *req, const struct basic_auth *a)
{
    const char *user, *password;
    if (!read_header(req, &user, &password))
        return 0;
    int rc = ask(req, a, user, password);
    if (rc <= 0)
        return rc;
    rc = bide_request_set(req, user_key, (void *)(uintptr_t)user, NULL);
    return rc < 0 ? rc : 1;
}

/* waits: in the rest of the chain */
BIDE_WAITS static int run(bide_request *req)
{
    const struct basic_auth *a = bide_middleware_arg(req);
    int rc = check(req, a);
    if (rc != 0)
        return rc < 0 ? rc : bide_next(req);
    rc = bide_respond_header(req, "WWW-Authenticate", a->question);
    return rc < 0 ? rc : bide_respond_error(req, 401, "User and password, please.");
}

/* ---- making it ---- */

static void drop(void *arg)
{
    struct basic_auth *a = arg;
    bide__password_file_close(a->file);
    bide__free(a->question);
    bide__free(a->users);
    bide__free(a->texts);
    bide__free(a);
}

static char *make_question(const char *realm)
{
    struct writer w = bide__heap_writer();
    writer_literal(&w, "Basic realm=\"");
    for (; *realm; realm++) {
        if (*realm == '"' || *realm == '\\')
            writer_literal(&w, "\\");
        writer_put(&w, realm, 1);
    }
    writer_literal(&w, "\", charset=\"UTF-8\"");
    writer_put(&w, "", 1);
    return (char *)(uintptr_t)bide__heap_writer_end(&w, "a middleware").at;
}

static const char *put_text(char **to, const char *text)
{
    const char *at = *to;
    size_t size = strlen(text) + 1;
    memcpy(*to, text, size);
    *to += size;
    return at;
}

static int copy_users(struct basic_auth *a, const struct bide_pair *users)
{
    size_t count = 0, size = 1;
    for (; users[count].name; count++) {
        if (!users[count].value || strchr(users[count].name, ':'))
            return bide_fail(BIDE_EINVAL, "basic auth: user %.60s: no password, or a colon",
                             users[count].name);
        size += strlen(users[count].name) + strlen(users[count].value) + 2;
    }
    char *to = a->texts = bide__alloc(size);
    a->users = bide__zalloc((count + 1) * sizeof *a->users);
    if (!a->texts || !a->users)
        return bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    for (size_t i = 0; i < count; i++) {
        a->users[i].name = put_text(&to, users[i].name);
        a->users[i].value = put_text(&to, users[i].value);
    }
    return 0;
}

static int open_file(struct basic_auth *a, const struct bide_basic_auth_opts *o)
{
    if (o->threads > PASSWORD_THREADS_MAX)
        return bide_fail(BIDE_EINVAL, "basic auth: %u threads; at most %d", o->threads,
                         PASSWORD_THREADS_MAX);
    a->file = bide__password_file_open(o->file, o->threads ? o->threads : PASSWORD_THREADS);
    return a->file ? 0 : bide_within("basic auth");
}

static int read_options(struct basic_auth *a, const struct bide_basic_auth_opts *o)
{
    const char *realm = o->realm ? o->realm : "";
    const char *end = realm + strlen(realm);
    if (!!o->check + !!o->users + !!o->file != 1 || bide__chars_skip_field(realm, end) != end)
        return bide_fail(BIDE_EINVAL, "basic auth: a realm, and one of .check, .users and .file");
    a->check = o->check;
    a->arg = o->arg;
    a->question = make_question(realm);
    if (!a->question)
        return bide_errcode();
    if (o->users)
        return copy_users(a, o->users);
    return o->file ? open_file(a, o) : 0;
}

int bide_use_basic_auth_opts(bide_app *app, const struct bide_basic_auth_opts *opts)
{
    struct basic_auth *a = bide__zalloc(sizeof *a);
    if (!a)
        return bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    int rc = read_options(a, opts);
    if (rc == 0)
        return bide_use_with(app, run, a, drop);
    drop(a);
    return rc;
}
