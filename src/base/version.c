/* The version of the library that runs, for programs that were compiled against another. */
#include <bide/base.h>

const char *bide_version(void)
{
    return BIDE_VERSION;
}
