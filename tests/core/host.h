/* tests/core/host.h -- guests, whatever poller the environment asks for.
 *
 * A host waits for its guest's one descriptor, and poll(2) has none of its own: there, and only
 * there, the guests of the tests take epoll.  That a guest of poll is refused is tested too. */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H
#include <bide/guest.h>
#include <stdlib.h>
#include <string.h>

/* NULL: the environment's, or the usual one. */
static inline const char *guests_poller(void)
{
    const char *asked = getenv("BIDE_POLLER");
    return asked && strcmp(asked, "poll") == 0 ? "epoll" : NULL;
}

#define START_GUEST(fn, ...) \
    bide_guest_start_opts(fn, BIDE_OPTS_(bide_run_opts, .poller = guests_poller(), \
                                         .arg = __VA_ARGS__))

#endif
