/* problem.h -- what goes wrong, as a client should hear of it: application/problem+json (RFC 9457).
 *
 * A handler that fails because of the database just returns the failure: problem_answer() stands
 * around all of them, and makes a status of it. */
#ifndef PROBLEM_H
#define PROBLEM_H
#include <bide.h>

/* For bide_app_on_error(): every error page of the application. */
int problem_page(bide_request *req, int status, const char *why);
/* A middleware: a conflict is a 409; a database that is away or has too much to do a 503 that says
 * when to come again. */
BIDE_WAITS int problem_answer(bide_request *req);
/* The body could not be read, as bide_request_json() says. */
int problem_body(bide_request *req);
/* 503: too much is wanted at once. */
int problem_busy(bide_request *req, const char *why);

/* What is wrong with a document: [{"field": "price", "why": "..."}, ...] */
void problem_add(bide_json *errors, const char *field, const char *why);
/* 422 with all of it. */
int problem_invalid(bide_request *req, const bide_json *errors);

#endif
