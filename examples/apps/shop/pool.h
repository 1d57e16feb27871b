/* pool.h -- the connections to the database, a pool for each worker: a pool belongs to a loop. */
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
/* Each worker of the application gets a pool; options must last.  Adds GET /stats. */
void pool_join(bide_app *app, const struct pool_options *options);
/* The pool of the worker that serves the request. */
bide_db *pool_of(const bide_request *req);
/* Leave to keep a connection for as long as a client takes to read: half of them at most, so that
 * slow readers never have them all.  NULL: not now. */
bide_permit *pool_lasting(const bide_request *req);

#endif
