/* The system is asked for some hundred at once: each frame of a client wants four (RFC 6455, 10.3),
 * and asking costs 200 ns.  What was given is not kept. */
#include "http/random_bytes.h"

#include "base/random.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

struct store { uint8_t bytes[512]; size_t left; };

static __thread struct store store;

/* Early at boot there are none yet; then the time must do, as everywhere. */
static void fill(struct store *s)
{
    if (getrandom(s->bytes, sizeof s->bytes, GRND_NONBLOCK) != sizeof s->bytes) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        uint64_t state = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^ (uintptr_t)s;
        for (size_t i = 0; i < sizeof s->bytes; i++)
            s->bytes[i] = (uint8_t)(bide__random(&state) >> 56);
    }
    s->left = sizeof s->bytes;
}

void bide__random_bytes(void *to, size_t size)
{
    struct store *s = &store;
    if (s->left < size)
        fill(s);
    s->left -= size;
    memcpy(to, s->bytes + s->left, size);
    memset(s->bytes + s->left, 0, size);
}
