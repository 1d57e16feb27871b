/* The error, seen from inside. */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H
#include <bide/error.h>

BIDE_BEGIN_                     /* bide-http says so too: bide.map, BIDE_PRIVATE */
/* A system call has failed: errno's sentence behind `before` ("reuse_port: ", or ""). */
int bide__fail_errno(const char *before);
BIDE_END_

#endif
