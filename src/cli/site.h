/* cli/site.h -- which URLs belong to a crawl, and which look like a trap.
 *
 * A site is a set of hosts as a Host header names them: "example.org", or
 * "example.org:8080" where the port is not the scheme's own.  So http and https of one
 * host are one site, and two ports of one machine are two. */
#ifndef CLI_SITE_H
#define CLI_SITE_H
#include "cli/crawl_url.h"
#include <bide/strings.h>

/* How often the same steps of a path may follow each other: "/a/b/a/b/a/b/" is 3 times. */
#define SITE_REPEATS_MAX 3

struct site {
    bide_strset *hosts;
    bool subdomains, any;
    bide_strmap *paths;         /* those with queries: how many of each */
    size_t queries_max;         /* different queries of one path */
};

/* Begins with no host: 0 or BIDE_ENOMEM. */
int site_open(struct site *s, bool subdomains, bool any, size_t queries_max);
/* Adds a host: 0 or BIDE_ENOMEM. */
int site_add(struct site *s, const char *host);
/* Does the URL belong to it? */
bool site_has(const struct site *s, const struct crawl_url *url);
/* Does the path go round in a circle? */
bool site_is_circle(const struct crawl_url *url);
/* Counts a new URL with a query: 0, 1: there are too many of that path already, or
 * BIDE_ENOMEM. */
int site_count_query(struct site *s, const struct crawl_url *url);
/* Frees what it holds. */
void site_close(struct site *s);

#endif
