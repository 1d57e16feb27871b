#include "problem.h"

#include "pool.h"

#include <string.h>

/* ---- the document ---- */

static int respond(bide_request *req, int status, const char *why, const bide_json *errors)
{
    bide_auto(json) told = bide_json_new();
    bide_json_set(told, "status", bide_value(status));
    bide_json_set(told, "detail", bide_value(why));
    if (errors)
        bide_json_set_copy(told, "errors", errors);
    int rc = bide_respond_header_set(req, "Content-Type", "application/problem+json");
    return rc < 0 ? rc : bide_respond_json(req, status, told);
}

int problem_page(bide_request *req, int status, const char *why)
{
    return respond(req, status, why, NULL);
}

void problem_add(bide_json *errors, const char *field, const char *why)
{
    bide_json *error = bide_json_object(errors, NULL);
    bide_json_set(error, "field", bide_value(field));
    bide_json_set(error, "why", bide_value(why));
}

int problem_invalid(bide_request *req, const bide_json *errors)
{
    return respond(req, 422, "the document is not valid", errors);
}

int problem_busy(bide_request *req, const char *why)
{
    int rc = bide_respond_header(req, "Retry-After", "1");
    return rc < 0 ? rc : bide_respond_error(req, 503, "%s", why);
}

/* Said here, so that problem_answer() does not take it for the database's. */
int problem_body(bide_request *req)
{
    if (bide_errcode() == BIDE_ETIMEDOUT)
        return bide_respond_error(req, 408, "the body did not come in time");
    return bide_errcode();
}

/* ---- the database's failures ---- */

/* Does the code begin with one of these, which are classes (two characters) or whole codes? */
static bool is_any(const char *sqlstate, const char *const *codes)
{
    for (; *codes; codes++)
        if (strncmp(sqlstate, *codes, strlen(*codes)) == 0)
            return true;
    return false;
}

/* A connection that is lost, or cannot be had.  Which of the others are dead too is found out when
 * they are used; so all are made anew. */
static int away(bide_request *req)
{
    pool_expire(req);
    bide_log(BIDE_LOG_WARNING, "the database is away: %s", bide_errmsg());
    int rc = bide_respond_header(req, "Retry-After", "2");
    return rc < 0 ? rc : bide_respond_error(req, 503, "the database is away");
}

static int refused(bide_request *req, int failed)
{
    static const char *const ends[] = { "08", "57P", NULL };    /* it goes down, or comes up */
    static const char *const full[] = { "53", "55P03", "57014", "40", NULL };
    const char *sqlstate = bide_db_failure(pool_used(req))->sqlstate;
    if (is_any(sqlstate, ends))
        return away(req);
    if (is_any(sqlstate, full))
        return problem_busy(req, "the database has too much to do");
    if (strcmp(sqlstate, "23505") == 0)
        return bide_respond_error(req, 409, "there is one of that name already");
    if (strcmp(sqlstate, "23503") == 0)
        return bide_respond_error(req, 409, "it stands in an order");
    return failed;
}

int problem_answer(bide_request *req)
{
    int rc = bide_next(req);
    if (rc >= 0 || bide_respond_given(req))
        return rc;
    switch (rc) {
    case BIDE_EDB:
        return refused(req, rc);
    case BIDE_ETIMEDOUT:
        return problem_busy(req, "the database was not free in time");
    case BIDE_EDNS:
    case -ECONNREFUSED:
    case -ECONNRESET:
    case -ENOENT:
    case -EPROTO:
        return away(req);
    default:
        return rc;
    }
}
