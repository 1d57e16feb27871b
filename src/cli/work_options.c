/* cli/work_options.c -- see work_options.h. */
#include "cli/work_options.h"
#include "cli/work_place.h"
#include <bide/error.h>
#include <stdio.h>

static bool is_pointless(const struct work_options *o)
{
    return o->claim > 0 || o->tries > 0 || o->length > 0 || o->patience > 0 || o->stay;
}

int work_options_check(struct work_options *o, const char *command)
{
    struct work_place place;
    if (!o->url && is_pointless(o)) {
        fprintf(stderr, "%s: --queue-...: there is no --queue\n", command);
        return OPTIONS_WRONG;
    }
    if (o->url && work_place_read(&place, o->url) < 0) {
        fprintf(stderr, "%s: --queue: %s\n", command, bide_errmsg());
        return OPTIONS_WRONG;
    }
    o->claim = o->claim > 0 ? o->claim : WORK_CLAIM_DEFAULT;
    o->tries = o->tries > 0 ? o->tries : WORK_TRIES_DEFAULT;
    o->length = o->length > 0 ? o->length : WORK_LENGTH_DEFAULT;
    o->patience = o->patience > 0 ? o->patience : WORK_PATIENCE_DEFAULT;
    return 0;
}
