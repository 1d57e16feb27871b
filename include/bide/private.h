/* bide/private.h -- layouts and helpers behind the macros.  Nothing here is for direct use.
 *
 * The sizes are fixed for ever and have room to spare; the library asserts that its own
 * structs fit.  Guards are arrays of one: the name decays to the pointer, and their enter
 * functions return the contents, built in place. */
#ifndef BIDE_PRIVATE_H
#define BIDE_PRIVATE_H
#include <bide/base.h>
BIDE_BEGIN_

/* A scope's space. */
struct bide_scope { void *space_[6]; };
/* A group's space. */
struct bide_group { void *space_[19]; };
#define BIDE_SCOPE_(name, seconds, shield) \
    BIDE_CLEANUP_(bide_scope_leave_) struct bide_scope name[1] = { \
        bide_scope_enter_(name, seconds, shield) }
#define BIDE_GROUP_(name, policy) \
    BIDE_CLEANUP_(bide_group_leave_) struct bide_group name[1] = { \
        bide_group_enter_(name, policy) }
/* Behind BIDE_SCOPE, BIDE_TIMEOUT, BIDE_SHIELD: enter returns the contents for *place. */
struct bide_scope bide_scope_enter_(struct bide_scope *place, double seconds, bool shield);
void bide_scope_leave_(struct bide_scope (*scope)[1]);
/* Behind BIDE_GROUP and its kin; leaving joins, so it waits. */
struct bide_group bide_group_enter_(struct bide_group *place, int policy);
void bide_group_leave_(struct bide_group (*group)[1]);

BIDE_END_
#endif
