/* The parts of the stream ordeal: each gets a fresh pair and returns 0, or < 0 with a sentence. */
#ifndef TESTING_ORDEAL_H
#define TESTING_ORDEAL_H
#include <bide/error.h>
#include <bide/stream.h>

struct ordeal { const char *name; int (*body)(bide_stream *ends[2]); };
extern const struct ordeal bide__ordeals_read[], bide__ordeals_write[], bide__ordeals_end[];

/* Byte i of a long pattern. */
static inline char ordeal_byte(size_t i)
{
    return (char)(i * 7 + i / 251);
}

/* Writes the pattern's bytes from `from` on; a task's function. */
struct ordeal_writing { bide_stream *s; size_t from, size; bool ends; };
BIDE_WAITS int bide__ordeal_write(void *writing);
/* Checks bytes against the pattern. */
int bide__ordeal_same(const char *data, size_t from, size_t size);
/* Reads `size` bytes of the pattern, in pieces of at most `most` (to 64 KiB). */
BIDE_WAITS int bide__ordeal_hear(bide_stream *s, size_t from, size_t size, size_t most);
/* Reads once; the stream must have come to its end. */
BIDE_WAITS int bide__ordeal_hear_end(bide_stream *s);
/* Holds what was expected, and returns BIDE_ETEST. */
int bide__ordeal_failed(const char *what, int64_t got, int64_t wanted);

/* A call that must return a value; or the ordeal ends here. */
#define EXPECT(call, value) do { \
        int64_t got_ = (int64_t)(call), wanted_ = (int64_t)(value); \
        if (got_ != wanted_) \
            return bide__ordeal_failed(#call, got_, wanted_); \
    } while (0)

#endif
