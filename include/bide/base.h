/* bide/base.h -- the words of the language: marks, guards and options by name.
 *
 * Guards are variables that end what they hold when their block is left, however it is left
 * (end of block, return, break, goto).  Ends run in reverse order of declaration, so declare a
 * group after what its tasks use.  A `case` or `goto` that jumps over a guard is an error:
 * compile with -Wjump-misses-init, which bide.pc suggests. */
#ifndef BIDE_BASE_H
#define BIDE_BASE_H
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The version of these headers; bide_version() has that of the library that runs. */
#define BIDE_VERSION_MAJOR 0
#define BIDE_VERSION_MINOR 1
#define BIDE_VERSION_PATCH 0
#define BIDE_VERSION "0.1.0"

#ifdef __cplusplus
#define BIDE_BEGIN_ _Pragma("GCC visibility push(default)") extern "C" {
#define BIDE_END_ } _Pragma("GCC visibility pop")
template <class T> const T *bide_ref_(const T &temporary) { return &temporary; }
#ifdef __clang__
/* The members that are not named are meant to be 0. */
#define BIDE_QUIET_(...) _Pragma("clang diagnostic push") \
    _Pragma("clang diagnostic ignored \"-Wmissing-field-initializers\"") __VA_ARGS__ \
    _Pragma("clang diagnostic pop")
#else
#define BIDE_QUIET_(...) __VA_ARGS__
#endif
#define BIDE_OPTS_(type, ...) BIDE_QUIET_( \
    bide_ref_<struct type>({ .abi_ = sizeof(struct type), __VA_ARGS__ }))
#else
#define BIDE_BEGIN_ _Pragma("GCC visibility push(default)")
#define BIDE_END_ _Pragma("GCC visibility pop")
#define BIDE_OPTS_(type, ...) &(struct type){ .abi_ = sizeof(struct type), __VA_ARGS__ }
#endif

/* Marks a function whose result must be looked at. */
#define BIDE_CHECK __attribute__((warn_unused_result))
/* Marks a function that may run other tasks before it returns.  Proved by tools/tidy.py. */
#define BIDE_WAITS BIDE_CHECK
#define BIDE_CLEANUP_(fn) __attribute__((cleanup(fn), unused))
#define BIDE_PRINTF_(f, a) __attribute__((format(printf, f, a)))
#define BIDE_TEXT_(x) #x
#define BIDE_LINE_(line) BIDE_TEXT_(line)
#define BIDE_SITE_ __FILE__ ":" BIDE_LINE_(__LINE__)
#define BIDE_COUNT_(type, ...) (sizeof((type[]){ __VA_ARGS__ }) / sizeof(type))

/* No limit in time, as an argument and as an option. */
#define BIDE_FOREVER __builtin_inf()
/* No limit in number or size, as an argument and as an option. */
#define BIDE_UNLIMITED SIZE_MAX

/* bide_auto(response) r = bide_get(...);  ends r when the block is left. */
#define bide_auto(type) BIDE_CLEANUP_(bide_##type##_auto_) bide_##type *
/* return bide_steal(r);  yields r and leaves NULL behind, so the guard has nothing to end. */
#define bide_steal(p) __extension__({ __typeof__(p) p_ = (p); (p) = NULL; p_; })
/* BIDE_DEFER(tidy, free, text);  calls free(text) when the block is left. */
#define BIDE_DEFER(name_, fn, arg) \
    BIDE_CLEANUP_(bide_defer_run_) struct bide_defer_ name_ = { fn, arg }
/* bide_ignore(bide_sleep(1));  says that dropping the result is meant. */
#define bide_ignore(result) ((void)!(result))
/* Declares the function behind bide_auto(type); an ender takes NULL. */
#define BIDE_AUTO_(type, end) \
    static inline void bide_##type##_auto_(bide_##type **p) { end(*p); }

/* Ends what an argument, item or value owns.  Must not wait. */
typedef void bide_drop_fn(void *arg);

struct bide_defer_ { void (*fn)(void *); void *arg; };
static inline void bide_defer_run_(struct bide_defer_ *d) { d->fn(d->arg); }

BIDE_BEGIN_

/* The version of the library that runs, "0.1.0"; static.  From any thread. */
const char *bide_version(void);

BIDE_END_
#endif
