/* tests/testing/test_scenarios_io.c -- what the system is asked for: pipes, files, children,
 * signals, datagrams, names; and all that can go wrong meanwhile. */
#include "testing/scenario.h"

#include <bide/dir.h>
#include <bide/file.h>
#include <bide/group.h>
#include <bide/net.h>
#include <bide/pipe.h>
#include <bide/process.h>
#include <bide/resolve.h>
#include <bide/scope.h>
#include <bide/signal.h>
#include <bide/udp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void close_both(bide_stream *ends[2])
{
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

static int piping(void *unused)
{
    bide_stream *ends[2];
    char got[5];
    (void)unused;
    int rc = bide_pipe(ends);
    if (rc == 0)
        rc = bide_write(ends[1], "hello", 5);
    if (rc == 0)
        rc = bide_read_exactly(ends[0], got, 5);
    if (rc == 0 && memcmp(got, "hello", 5) != 0)
        rc = WRONG("other bytes");
    close_both(ends);
    return rc;
}

/* --- files: in a folder of its own, which the test removes --- */

static char folder[] = "/tmp/bide-scenario-XXXXXX", path[64];

static int write_and_read(void)
{
    char *line;
    bide_auto(file) f = bide_file_open(path, "w+");
    int rc = f ? bide_file_printf(f, "one\ntwo\n") : bide_errcode();
    if (rc == 0)
        rc = bide_file_seek(f, 4, SEEK_SET) < 0 ? bide_errcode() : 0;
    ssize_t n = rc < 0 ? rc : bide_file_line(f, &line);
    if (n == 4 && strcmp(line, "two\n") != 0)
        return WRONG("the line is '%s'", line);
    return n < 0 ? (int)n : n == 4 ? bide_file_sync(f) : WRONG("a line of %zd bytes", n);
}

static int filing(void *unused)
{
    (void)unused;
    int rc = write_and_read();
    if (rc == 0)
        rc = bide_file_save(path, "saved", 5, .unsynced = true);
    bide_auto(bytes) whole = rc < 0 ? NULL : bide_file_load(path);
    if (rc == 0 && !whole)
        rc = bide_errcode();
    if (rc == 0 && (whole->size != 5 || strcmp(whole->data, "saved") != 0))
        rc = WRONG("it says '%s'", whole->data);
    return rc;
}

static int listing(void *unused)
{
    (void)unused;
    struct bide_dir_entry entry;
    bide_auto(dir) d = bide_dir_open("/proc/self");
    int rc = d ? 1 : bide_errcode(), count = 0;
    while (rc > 0 && (rc = bide_dir_next(d, &entry)) > 0)
        count++;
    return rc == 0 && count < 3 ? WRONG("%d names", count) : rc;
}

static void in_folder(int (*each)(void))
{
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    int rc = each();
    unlink(path);
    int removed = rmdir(folder);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_EQ(removed, 0);
}

static int refuse_memory(void)
{
    return bide_test_each_allocation(filing, NULL);
}
static int refuse_calls(void)
{
    return bide_test_each_call(filing, NULL);
}
static int shorten_calls(void)
{
    return bide_test_each_call(filing, NULL, .fault = BIDE_TEST_SHORT);
}
static int cancel_waits(void)
{
    return bide_test_each_wait(filing, NULL);
}
static int shuffle(void)
{
    return bide_test_shuffled(filing, NULL, .count = 20);
}

TEST(filing_with_every_allocation_refused) { in_folder(refuse_memory); }
TEST(filing_with_every_call_refused) { in_folder(refuse_calls); }
TEST(filing_with_every_call_short) { in_folder(shorten_calls); }
TEST(filing_with_every_wait_cancelled) { in_folder(cancel_waits); }
TEST(filing_in_any_order) { in_folder(shuffle); }

/* --- children --- */

static int communicating(void *unused)
{
    (void)unused;
    struct bide_output got;
    bide_auto(process) p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE);
    int rc = bide_process_communicate(p, "through", 7, &got);
    return rc == 0 && strcmp(got.out, "through") != 0 ? WRONG("it said '%s'", got.out) : rc;
}

/* --- signals --- */

static int raise_late(void *unused)
{
    (void)unused;
    int rc = bide_sleep(0.1);
    if (rc == 0)
        raise(SIGUSR1);
    return rc;
}

static int signalling(void *unused)
{
    bide_auto(signals) s = bide_signals_open(SIGUSR1);
    if (!s)
        return bide_errcode();
    BIDE_GROUP(g);
    bide_spawn(g, raise_late, unused);
    int rc = bide_signals_wait(s);
    if (rc >= 0 && rc != SIGUSR1)
        return WRONG("signal %d", rc);
    return rc < 0 ? rc : bide_group_wait(g);
}

/* --- datagrams and names --- */

static int sending(void *unused)
{
    (void)unused;
    char got[16];
    BIDE_TIMEOUT(t, 5);
    bide_auto(udp) to = bide_udp_open("127.0.0.1:0");
    bide_auto(udp) from = to ? bide_udp_open(NULL, .peer = bide_udp_address(to)) : NULL;
    int rc = from ? bide_udp_send(from, "hello", 5, NULL) : bide_errcode();
    ssize_t n = rc < 0 ? rc : bide_udp_receive(to, got, sizeof got, NULL);
    if (n >= 0 && n != 5)
        return WRONG("%zd bytes", n);
    return bide_scope_result(t, n < 0 ? (int)n : 0);
}

static int resolving(void *unused)
{
    (void)unused;
    struct bide_addresses found;
    int rc = bide_resolve("localhost", &found, .port = 80);
    return rc >= 0 && !found.count ? WRONG("localhost is nowhere") : rc;
}

static int connecting_nowhere(void *unused)
{
    (void)unused;
    bide_auto(stream) s = bide_connect("127.0.0.1:1", .timeout = 5);
    if (s)
        return WRONG("somebody is there");
    return bide_errcode() == -ECONNREFUSED ? 0 : bide_errcode();
}

SCENARIO(piping)
SCENARIO(listing)
SCENARIO(communicating)
SCENARIO(signalling)
SCENARIO(sending)
SCENARIO(resolving)
SCENARIO(connecting_nowhere)
