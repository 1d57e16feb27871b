/* Error pages. */
#include "web/error_page.h"

#include "http/accept.h"
#include "web/app.h"
#include "web/html.h"
#include "web/json_text.h"
#include "web/request.h"
#include "web/worker.h"

#include <bide/log.h>
#include <bide/task.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WHY_MAX = 1024 };

const char *bide__error_why(int status)
{
    switch (status) {
    case 404:
        return "There is nothing at this path.";
    case 405:
        return "This path has no such method.";
    case 421:
        return "This is not the server for that scheme.";
    case 400:
    case 414:
        return "The request's path cannot be read.";
    default:
        return "The request could not be answered.";
    }
}

/* ---- in three forms ---- */

static void write_text(struct writer *w, int status, const char *why)
{
    char line[80];
    snprintf(line, sizeof line, "%d %s\n", status, bide__status_reason(status));
    writer_put(w, line, strlen(line));
    writer_put(w, why, strlen(why));
    writer_literal(w, "\n");
}

static void write_html(struct writer *w, int status, const char *why)
{
    char title[80];
    snprintf(title, sizeof title, "%d %s", status, bide__status_reason(status));
    writer_literal(w, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>");
    bide__html_write(w, text_from(title));
    writer_literal(w, "</title>\n<h1>");
    bide__html_write(w, text_from(title));
    writer_literal(w, "</h1>\n<p>");
    bide__html_write(w, text_from(why));
    writer_literal(w, "</p>\n</html>\n");
}

static void write_problem(struct writer *w, int status, const char *why)
{
    writer_literal(w, "{\"type\":\"about:blank\",\"title\":");
    bide__json_text_write(w, text_from(bide__status_reason(status)));
    writer_literal(w, ",\"status\":");
    bide__writer_number(w, (uint64_t)status);
    writer_literal(w, ",\"detail\":");
    bide__json_text_write(w, text_from(why));
    writer_literal(w, "}\n");
}

static const struct form {
    const char *type;
    void (*write)(struct writer *w, int status, const char *why);
} text_form = { "text/plain; charset=utf-8", write_text },
  html_form = { "text/html; charset=utf-8", write_html },
  problem_form = { "application/problem+json", write_problem };

/* Browsers ask for HTML and then for anything, programs for JSON and then for anything, curl just
 * for anything: who names a form and likes no other better gets it. */
static const struct form *form_for(const bide_request *req)
{
    const char *accept = req->text ? head_get(&req->head, req->text, HEADER_ACCEPT).at : NULL;
    if (!accept)
        return &text_form;
    struct text value = text_from(accept);
    unsigned text = bide__accept_type(value, "text/plain");
    unsigned html = bide__accept_type(value, "text/html");
    unsigned problem = bide__accept_type(value, "application/problem+json");
    unsigned json = bide__accept_type(value, "application/json");
    if (json > problem)
        problem = json;
    if (strstr(accept, "json") && problem > 0 && problem >= html && problem >= text)
        return &problem_form;
    return strstr(accept, "html") && html > 0 && html >= text ? &html_form : &text_form;
}

static int own_page(bide_request *req, int status, const char *why)
{
    const struct form *form = form_for(req);
    struct writer w;
    bide__scratch_write(&req->scratch, &w);
    form->write(&w, status, why);
    if (w.code < 0)
        return bide_fail(w.code, "error page: %s", w.why);
    bide__scratch_keep(&req->scratch, &w);
    int rc = bide_respond_header_set(req, "Content-Type", form->type);
    if (rc == 0)
        rc = bide_respond_header(req, "Vary", "Accept");
    return rc < 0 ? rc : bide_respond(req, status, NULL, w.at, w.size);
}

/* ---- who writes it ---- */

static int programs_page(bide_request *req, const bide_app *app, int status, const char *why)
{
    BIDE_NO_WAIT(no_wait);
    req->in_page = true;
    int rc = app->page(req, status, why);
    req->in_page = false;
    return rc;
}

int bide__error_page(bide_request *req, int status, const char *why)
{
    const bide_app *app = req->app ? req->app : req->worker->app;
    while (app->parent && !app->page)
        app = app->parent;
    if (app->page && !req->in_page && req->text) {      /* of a head that was read */
        int rc = programs_page(req, app, status, why);
        if (rc == 0 && req->responded != NOT_YET)
            return 0;
        bide_log(BIDE_LOG_WARNING, "error page for %d: %s", status,
                 rc < 0 ? bide_errmsg() : "the function did not respond");
        if (req->responded != NOT_YET)
            return rc;
    }
    return own_page(req, status, why);
}

int bide_respond_error(bide_request *req, int status, const char *fmt, ...)
{
    char why[WHY_MAX];
    va_list args;
    if (!fmt)
        return bide__error_page(req, status, bide__status_reason(status));
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return bide__error_page(req, status, why);
}
