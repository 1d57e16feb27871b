/* A list in the request's memory, in order. */
#include "web/lasting.h"

#include <bide/log.h>
#include <bide/respond.h>

struct lasting {
    struct lasting *next;
    const char *name, *value;
};

int bide__respond_lasting(struct bide_request *req, const char *name, const char *value)
{
    struct lasting **end = &req->lasting, *l = bide__scratch_take(&req->scratch, sizeof *l);
    char *own_name = bide__scratch_copy(&req->scratch, name, strlen(name));
    char *own_value = bide__scratch_copy(&req->scratch, value, strlen(value));
    if (!l || !own_name || !own_value)
        return bide_fail(BIDE_ENOMEM, "out of memory for a header");
    int rc = bide_respond_header(req, name, value);
    if (rc < 0)
        return rc;
    *l = (struct lasting){ NULL, own_name, own_value };
    while (*end)
        end = &(*end)->next;
    *end = l;
    return 0;
}

void bide__lasting_again(struct bide_request *req)
{
    BIDE_KEEP_ERROR(held);
    for (struct lasting *l = req->lasting; l; l = l->next)
        if (bide_respond_header(req, l->name, l->value) < 0)
            bide_log(BIDE_LOG_WARNING, "header %.40s is missing: %s", l->name, bide_errmsg());
}
