/* tests/io/test_process_talk.c -- communicating with children: any sizes in any order, limits,
 * cancelled and gone on with, closed meanwhile. */
#include "io/children.h"

#include "core/loop.h"
#include <bide/memory.h>

enum { MANY = 10 << 20 };

static char *pattern(size_t size)
{
    char *data = malloc(size + 1);
    CHECK(data);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)('a' + (i * 7 + i / 251) % 26);
    data[size] = '\0';
    return data;
}

TASK_TEST(what_is_written_comes_back_at_any_size)
{
    size_t sizes[] = { 0, 1, 4095, 4096, 65536, 65537, 1 << 20, MANY };
    char *data = pattern(MANY);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct bide_output got;
        bide_auto(process) p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE,
                                         .err = BIDE_PIPE);
        CHECK_EQ(bide_process_communicate(p, data, sizes[i], &got), 0);
        CHECK_EQ(got.out_size, sizes[i]);
        CHECK_MEM(got.out, data, sizes[i]);
        CHECK_EQ(got.out[sizes[i]], '\0');
        CHECK_STR(got.err, "");
        CHECK_EQ(got.exit.code, 0);
    }
    free(data);
}

TASK_TEST(a_child_may_write_much_to_both)
{
    struct bide_output got;
    bide_auto(process) p = bide_shell("head -c 10485760 /dev/zero; head -c 10485760 /dev/zero >&2; "
                                      "head -c 1000 /dev/zero", .out = BIDE_PIPE, .err = BIDE_PIPE);
    CHECK_EQ(bide_process_communicate(p, NULL, 0, &got), 0);
    CHECK_EQ(got.out_size, 10485760 + 1000);
    CHECK_EQ(got.err_size, 10485760);
    bide_auto(process) q = bide_shell("head -c 10485760 /dev/zero >&2; head -c 10485760 /dev/zero",
                                      .out = BIDE_PIPE, .err = BIDE_PIPE);
    CHECK_EQ(bide_process_communicate(q, NULL, 0, &got), 0);
    CHECK_EQ(got.out_size, 10485760);
    CHECK_EQ(got.err_size, 10485760);
}

TASK_TEST(a_child_that_never_reads_its_input_is_no_failure)
{
    struct bide_output got;
    char *data = pattern(MANY);
    bide_auto(process) p = bide_shell("exec true", .in = BIDE_PIPE, .out = BIDE_PIPE);
    CHECK_EQ(bide_process_communicate(p, data, MANY, &got), 0);
    CHECK_EQ(got.exit.code, 0);
    bide_auto(process) q = bide_shell("exec <&-; echo early; exec >&-; sleep 0.01; exit 4",
                                      .in = BIDE_PIPE, .out = BIDE_PIPE);
    CHECK_EQ(bide_process_communicate(q, data, MANY, &got), 0);
    CHECK_STR(got.out, "early\n");
    CHECK_EQ(got.exit.code, 4);
    free(data);
}

TASK_TEST(a_child_without_pipes_can_be_communicated_with)
{
    struct bide_output got;
    bide_auto(process) p = bide_shell("exit 7");
    CHECK_EQ(bide_process_communicate(p, "not wanted", 10, &got), 0);
    CHECK_STR(got.out, "");
    CHECK_STR(got.err, "");
    CHECK_EQ(got.exit.code, 7);
    CHECK_EQ(bide_process_communicate(p, NULL, 0, &got), 0);
    CHECK_EQ(got.exit.code, 7);
}

TASK_TEST(lines_can_be_read_before_and_the_rest_afterwards)
{
    char *line;
    struct bide_output got;
    bide_auto(process) p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE);
    CHECK_EQ(bide_write(bide_process_in(p), "one\ntwo\nthree\n", 14), 0);
    CHECK_EQ(bide_read_until(bide_process_out(p), "\n", &line), 4);
    CHECK_STR(line, "one\n");
    CHECK_EQ(bide_process_communicate(p, "four\n", 5, &got), 0);
    CHECK_STR(got.out, "two\nthree\nfour\n");
}

TASK_TEST(more_output_than_allowed_is_told_and_its_beginning_kept)
{
    struct bide_output got;
    bide_auto(process) p = bide_exec(BIDE_ARGV("yes"), .out = BIDE_PIPE, .output_max = 1000);
    CHECK_EQ(bide_process_communicate(p, NULL, 0, &got), BIDE_ELIMIT);
    CHECK_STR(bide_errmsg(), "process yes: more than 1000 bytes of output");
    CHECK_EQ(got.out_size, 1000);
    CHECK_EQ(strlen(got.out), 1000);
    size_t sizes[] = { 1, 4095, 4096, 5000 };
    for (int i = 0; i < 4; i++) {
        char *data = pattern(sizes[i]);
        bide_auto(process) fits = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE,
                                            .output_max = sizes[i]);
        CHECK_EQ(bide_process_communicate(fits, data, sizes[i], &got), 0);
        CHECK_STR(got.out, data);
        bide_auto(process) exceeds = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE,
                                               .out = BIDE_PIPE, .output_max = sizes[i]);
        char *more = pattern(sizes[i] + 1);
        CHECK_EQ(bide_process_communicate(exceeds, more, sizes[i] + 1, &got), BIDE_ELIMIT);
        CHECK_STR(got.out, data);
        free(data);
        free(more);
    }
    bide_auto(process) unlimited = bide_shell("head -c 100000 /dev/zero", .out = BIDE_PIPE,
                                              .output_max = BIDE_UNLIMITED);
    CHECK_EQ(bide_process_communicate(unlimited, NULL, 0, &got), 0);
    CHECK_EQ(got.out_size, 100000);
}

struct talk { bide_process *process; const char *data; size_t size; struct bide_output got; };

static int talks(void *arg)
{
    struct talk *t = arg;
    return bide_process_communicate(t->process, t->data, t->size, &t->got);
}

TASK_TEST(a_cancelled_one_has_lost_nothing_and_goes_on)
{
    char *data = pattern(1 << 20);
    bide_auto(process) p = bide_exec(BIDE_ARGV("sh", "-c",
                                               "head -c 300000; sleep 0.03; head -c 300000; "
                                               "sleep 0.03; cat"), .in = BIDE_PIPE,
                                     .out = BIDE_PIPE);
    struct talk t = { .process = p, .data = data, .size = 1 << 20 };
    size_t before = 0;
    int times = 0, rc;
    while ((rc = bide_timeout(0.005, talks, &t)) == BIDE_ETIMEDOUT) {
        CHECK(t.got.out_size >= before);
        CHECK_MEM(t.got.out, data, t.got.out_size);
        before = t.got.out_size;
        times++;
    }
    CHECK_EQ(rc, 0);
    CHECK(times > 0);
    CHECK_EQ(t.got.out_size, 1 << 20);
    CHECK_MEM(t.got.out, data, 1 << 20);
    CHECK_EQ(bide__loop()->walkers, 0);
    free(data);
}

TASK_TEST(who_is_cancelled_before_says_nothing)
{
    struct talk t = { .data = "x", .size = 1 };
    bide_auto(process) p = t.process = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE,
                                                 .out = BIDE_PIPE);
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(talks(&t), BIDE_ECANCELED);
        CHECK_STR(t.got.out, "");
    }
    CHECK_EQ(talks(&t), 0);
    CHECK_STR(t.got.out, "x");
}

TASK_TEST(one_task_at_a_time_communicates)
{
    struct talk a = { .data = NULL }, b = { .data = NULL };
    bide_process *p = a.process = b.process = bide_shell("sleep 1000", .out = BIDE_PIPE);
    bide_task *first;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, talks, &a, .handle = &first);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(talks(&b), BIDE_EBUSY);
    CHECK_STR(bide_errmsg(), "process shell: another task communicates with it");
    bide_process_close(p);              /* also: closed while it is communicated with */
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_EQ(bide_task_result(first), BIDE_ECLOSED);
    CHECK_STR(bide_task_error(first)->text, "process shell: closed");
    CHECK_STR(a.got.out, "");
}

static int closes(void *p)
{
    bide_process_close(p);
    return 0;
}

TASK_TEST(closed_before_its_tasks_have_begun)
{
    struct talk t = { .data = "text", .size = 4 };
    bide_process *p = t.process = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE,
                                            .err = BIDE_PIPE);
    bide_task *talking;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, talks, &t, .handle = &talking);
    bide_spawn(g, closes, p);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_EQ(bide_task_result(talking), BIDE_ECLOSED);
}

TASK_TEST(nobody_to_talk_to_is_told)
{
    struct bide_output got;
    CHECK(!bide_exec(BIDE_ARGV("/no/such")));
    CHECK_EQ(bide_process_communicate(NULL, "x", 1, &got), -ENOENT);
    CHECK_STR(got.out, "");
}

static int allowed;

static void *scarce(void *memory, size_t size)
{
    return allowed-- > 0 ? realloc(memory, size) : NULL;
}

TASK_TEST(out_of_memory_while_reading_is_told_and_can_be_gone_on_from)
{
    struct bide_output got;
    bide_auto(process) p = bide_shell("head -c 100000 /dev/zero", .out = BIDE_PIPE);
    CHECK_EQ(bide_allocator_set(&(struct bide_allocator){ malloc, scarce, free }), 0);
    int times = 0, rc;
    do {
        allowed = 2;
        rc = bide_process_communicate(p, NULL, 0, &got);
        times += rc == BIDE_ENOMEM;
        if (rc == BIDE_ENOMEM)
            CHECK_STR(bide_errmsg(), "process shell: out of memory");
    } while (rc == BIDE_ENOMEM);
    CHECK_EQ(rc, 0);
    CHECK(times > 0);
    CHECK_EQ(got.out_size, 100000);
    bide_process_close(bide_steal(p));
    bide_allocator_set(NULL);
}

/* The pipes are short, interrupted, in every way. */

static struct sys real;
static unsigned calls;

static ssize_t short_read(int fd, void *buf, size_t size)
{
    if (++calls % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    return real.read(fd, buf, size > 1000 ? 1000 : size);
}

static ssize_t short_writev(int fd, const struct iovec *pieces, int count)
{
    (void)count;
    if (++calls % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    struct iovec first = { pieces->iov_base, pieces->iov_len > 777 ? 777 : pieces->iov_len };
    return real.writev(fd, &first, 1);
}

static int there_and_back(void *data)
{
    struct bide_output got;
    bide_auto(process) p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE);
    int rc = bide_process_communicate(p, data, 200000, &got);
    CHECK_EQ(got.out_size, 200000);
    CHECK_MEM(got.out, data, 200000);
    return rc;
}

TEST(short_and_interrupted_calls_lose_nothing)
{
    char *data = pattern(200000);
    real = bide__sys;
    bide__sys.read = short_read;
    bide__sys.writev = short_writev;
    CHECK_EQ(bide_run(there_and_back, data), 0);
    CHECK_EQ(bide_run(there_and_back, data, .poller = "poll"), 0);
    free(data);
}

static int refused;

static ssize_t failing_read(int fd, void *buf, size_t size)
{
    if (++calls == 20) {
        refused++;
        errno = EIO;
        return -1;
    }
    return real.read(fd, buf, size > 1000 ? 1000 : size);
}

static int one_pipe_fails(void *data)
{
    struct bide_output got;
    bide_auto(process) p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE,
                                     .err = BIDE_PIPE);
    CHECK_EQ(bide_process_communicate(p, data, 200000, &got), -EIO);
    CHECK_HAS(bide_errmsg(), "process cat: read: Input/output error");
    CHECK(got.out_size > 0 && got.out_size < 200000);
    CHECK_MEM(got.out, data, got.out_size);
    return 0;
}

TEST(a_pipe_that_fails_ends_it_with_what_there_was)
{
    char *data = pattern(200000);
    real = bide__sys;
    bide__sys.read = failing_read;
    CHECK_EQ(bide_run(one_pipe_fails, data), 0);
    CHECK_EQ(refused, 1);
    no_children();
    free(data);
}
