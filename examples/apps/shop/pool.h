/* pool.h -- the connections to the database.  A pool belongs to a loop, so each worker has its
 * own. */
#ifndef POOL_H
#define POOL_H
#include <bide.h>
#include <bide/db.h>

struct pool_options {
    const char *url;
    size_t connections;         /* of each worker, at most */
    double patience;            /* seconds that a request waits for one, or for a new one */
};

/* A pool for the URL, of any of the databases that the program knows. */
bide_db *pool_open(const struct pool_options *options);
/* Each worker of the application gets its pools; options must last.  Adds GET /stats. */
void pool_join(bide_app *app, const struct pool_options *options);
/* The pool of the worker that serves the request. */
bide_db *pool_of(bide_request *req);
/* Another of fewer connections, which statements share: for those that are short and wait for
 * nobody, as they wait for those before them.  Tasks that ask it at the same time are on their way
 * together: PostgreSQL's pipeline. */
bide_db *pool_quick(bide_request *req);
/* The one of the two that the request has asked last, and so the one whose failure it is. */
bide_db *pool_used(const bide_request *req);
/* All connections are made anew when they are next wanted. */
void pool_expire(const bide_request *req);
/* Leave to keep a connection for as long as a client takes to read: half of them at most, so that
 * slow readers never have them all.  NULL: not now. */
bide_permit *pool_lasting(const bide_request *req);

#endif
