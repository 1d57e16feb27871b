/* A loop as other threads see it: its inbox. */
#ifndef CORE_OUTSIDE_H
#define CORE_OUTSIDE_H
#include "core/post.h"
#include <bide/loop.h>

static inline struct inbox *bide__inbox_of(bide_loop *loop)
{
    return (struct inbox *)(void *)loop;
}

#endif
