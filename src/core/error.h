/* The error, seen from inside. */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H
#include <bide/error.h>

/* A system call has failed: errno's sentence behind `before` ("reuse_port: ", or ""). */
int bide__fail_errno(const char *before);

#endif
