/* tests/test.h -- the front of every test program.
 *
 *     TEST(a_permit_goes_to_the_first_in_line)
 *     {
 *         CHECK_EQ(bide_errcode(), BIDE_EUNKNOWN);
 *     }
 *
 * A test registers itself; tests/test.c has main.  Each runs in a process of its own, so a failed
 * check may end that process from any stack, a crash spoils one test only, and a test that hangs
 * is ended by its time limit: 10 s, times CK_TIMEOUT_MULTIPLIER.  With arguments, a test program
 * runs only the tests whose names contain one of them.
 * The output is TAP, made by the library check, or by tests/plain.c where check is missing. */
#ifndef TEST_H
#define TEST_H
#include <bide/testing.h>
#include <stdint.h>

struct test {
    const char *name, *file;
    int line;
    void (*body)(void);
    struct test *next;
};

/* Adds one test to this program's; before main. */
void test_register(struct test *test);
/* Ends the running test as failed. */
_Noreturn void test_fail(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Is a tool in the way that makes everything many times slower (a sanitizer, Valgrind, qemu)?
 * For tests that choose how much to do. */
bool test_is_slow(void);

/* Runs fn as bide_test() does; the running test fails with it. */
void test_run_task_opts(bide_fn *fn, const struct bide_test_opts *opts, const char *file, int line);
#define test_run_task(fn, file, line, ...) \
    test_run_task_opts(fn, BIDE_TEST_OPTS_(fn, __VA_ARGS__), file, line)

/* Defined where the thread sanitizer watches: a child forked by a program with several threads
 * can do little then, and signals come late. */
#if defined(__SANITIZE_THREAD__)
#define TEST_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TEST_UNDER_TSAN 1
#endif
#endif

/* The ring as a poller; where the build has none, the usual one. */
#ifdef BIDE_URING
#define TEST_RING "io_uring"
#else
#define TEST_RING "epoll"
#endif

/* A test that runs outside any task. */
#define TEST(name_) \
    static void name_(void); \
    __attribute__((constructor)) static void name_##_register(void) \
    { \
        static struct test test = { .name = #name_, .file = __FILE__, .line = __LINE__, \
                                    .body = name_ }; \
        test_register(&test); \
    } \
    static void name_(void)

/* A test whose body is the first task of a loop with these options; bide_test() runs it, so it
 * fails as well if it leaves a task, a timer, a descriptor or memory behind. */
#define TASK_TEST_OPTS(name_, ...) \
    static void name_##_body(void); \
    static int name_##_task(void *unused) \
    { \
        (void)unused; \
        name_##_body(); \
        return 0; \
    } \
    TEST(name_) \
    { \
        test_run_task(name_##_task, __FILE__, __LINE__, NULL, __VA_ARGS__); \
    } \
    static void name_##_body(void)

/* On the jumping clock, which is the usual one. */
#define TASK_TEST(name_) TASK_TEST_OPTS(name_, .seconds = BIDE_FOREVER)

/* True, or the test ends here. */
#define CHECK(condition_) \
    ((condition_) ? (void)0 : test_fail(__FILE__, __LINE__, "%s", #condition_))
/* Equal integers; a shows what it is, b what it should be. */
#define CHECK_EQ(a, b) \
    test_equal_((intmax_t)(a), (intmax_t)(b), #a, #b, __FILE__, __LINE__)
/* Equal pointers. */
#define CHECK_PTR(a, b) \
    test_same_((const void *)(a), (const void *)(b), #a, #b, __FILE__, __LINE__)
/* Equal texts; NULL is equal to NULL only. */
#define CHECK_STR(a, b) test_text_((a), (b), #a, __FILE__, __LINE__)
/* A text that contains another. */
#define CHECK_HAS(text, part) test_has_((text), (part), #text, __FILE__, __LINE__)
/* Equal bytes. */
#define CHECK_MEM(a, b, size) test_bytes_((a), (b), (size), #a, __FILE__, __LINE__)
/* Two doubles at most so far apart. */
#define CHECK_NEAR(a, b, apart) test_near_((a), (b), (apart), #a, __FILE__, __LINE__)

/* Behind the macros. */
void test_equal_(intmax_t a, intmax_t b, const char *a_is, const char *b_is,
                 const char *file, int line);
void test_same_(const void *a, const void *b, const char *a_is, const char *b_is,
                const char *file, int line);
void test_text_(const char *a, const char *b, const char *a_is, const char *file, int line);
void test_has_(const char *text, const char *part, const char *is, const char *file, int line);
void test_bytes_(const void *a, const void *b, size_t size, const char *a_is,
                 const char *file, int line);
void test_near_(double a, double b, double apart, const char *a_is, const char *file, int line);

/* What a runner (tests/check.c, tests/plain.c) gives to tests/test.c. */
int test_run_all(const char *suite, struct test *const *tests, int count);
void test_end_failed(const char *file, int line, const char *sentence)
    __attribute__((noreturn));
/* What a runner calls in the child: the test as a process of its own would see the world. */
void test_run_one(const struct test *test);

#endif
