/* An application: its routes and its state. */
#ifndef BIDE_WEB_APP_H
#define BIDE_WEB_APP_H

#include "web/route.h"

struct bide_app {
    struct route *first, **last;
    void *state;
    bide_drop_fn *drop;         /* ends the state; the demo's */
};

#endif
