/* The applications mounted for hosts, found by a request's Host field in as many looks as the name
 * has labels, however many there are.
 *
 * Of what fits, a whole name goes before "*.", the longer of these before the shorter, and what was
 * added first before the rest. */
#ifndef BIDE_WEB_MOUNTED_HOSTS_H
#define BIDE_WEB_MOUNTED_HOSTS_H

#include "base/table.h"

#include <bide/app.h>

/* Applications by name; in lower case, with a port if one was given. */
struct mounted_hosts {
    struct table exact;         /* "example.org" */
    struct table below;         /* ".example.org", of "*.example.org" */
};

static inline bool mounted_hosts_are_none(const struct mounted_hosts *hosts)
{
    return hosts->exact.count + hosts->below.count == 0;
}

/* Adds "example.org", "example.org:8080" or "*.example.org": 0, BIDE_ENOMEM, or BIDE_EINVAL: no
 * host, or it is there already. */
int bide__mounted_hosts_add(struct mounted_hosts *hosts, const char *host, bide_app *app);
/* The application for a host as a request has it, or NULL. */
bide_app *bide__mounted_hosts_find(const struct mounted_hosts *hosts, const char *host);
/* Forgets them; the applications are somebody else's. */
void bide__mounted_hosts_forget(struct mounted_hosts *hosts);

#endif
