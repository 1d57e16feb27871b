/* Groups that only their worker ends. */
#include "web/sheltered.h"

#include "core/group.h"

#include <bide/scope.h>

int bide__sheltered_open(bide_group **group, const char *name)
{
    if (*group)
        return 0;
    *group = bide_group_open(name, NULL, NULL);
    if (!*group)
        return bide_errcode();
    bide__group_shelter(*group);
    return 0;
}

int bide__sheltered_end(bide_group *group, double grace)
{
    if (!group)
        return 0;
    if (grace > 0) {
        BIDE_TIMEOUT(limit, grace);
        bide_ignore(bide__group_emptied(group));
    }
    bide_group_cancel(group);
    BIDE_SHIELD(until_they_end, BIDE_FOREVER);
    return bide__group_emptied(group);
}

int bide__sheltered_close(bide_group **group)
{
    int rc = bide__sheltered_end(*group, 0);
    bide_group_close(*group);
    *group = NULL;
    return rc;
}
