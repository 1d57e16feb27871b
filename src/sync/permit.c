/* Permits: one call gives back whatever is held. */
#include "sync/permit.h"

int bide_permit_release(bide_permit *p)
{
    switch (bide__permit_kind(p)) {
    case PERMIT_SEMAPHORE:
        return p ? bide__semaphore_release(bide__permit_from(p)) : 0;
    case PERMIT_LOCK:
        return bide__lock_release(bide__permit_from(p));
    default:
        return bide__rwlock_release(bide__permit_from(p), bide__permit_kind(p));
    }
}
