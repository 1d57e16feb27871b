/* tests/net/test_unix.c -- Unix sockets: connecting, the file, descriptors, and the peer. */
#include "net/both.h"

#include "base/sys.h"

#include <bide/unix.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A path in a directory of the test's own. */
static char folder[64], path[100];
static void make_folder(void)
{
    strcpy(folder, "/tmp/bide-unix-XXXXXX");
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
}
static void remove_folder(void)
{
    unlink(path);
    CHECK_EQ(rmdir(folder), 0);
}
static bool is_there(void)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static void talk(bide_listener *l, const char *where)
{
    char buf[10];
    bide_auto(stream) a = bide_unix_connect(where);
    bide_auto(stream) b = bide_accept(l);
    CHECK(a && b);
    CHECK_EQ(bide_write(a, "hello", 5), 0);
    CHECK_EQ(bide_read(b, buf, sizeof buf), 5);
    CHECK_STR(bide_stream_peer(b), "");
}

NET_TEST(a_path_is_connected_to_and_its_file_goes_with_the_listener)
{
    make_folder();
    {
        bide_auto(listener) l = bide_unix_listen(path);
        CHECK(l);
        CHECK_STR(bide_listener_address(l), path);
        talk(l, path);
        CHECK(is_there());
    }
    CHECK(!is_there());
    remove_folder();
}

NET_TEST(an_abstract_name_leaves_no_file)
{
    char name[64];
    snprintf(name, sizeof name, "@bide-test-%d", (int)getpid());
    bide_auto(listener) l = bide_unix_listen(name);
    CHECK(l);
    talk(l, name);
    bide_auto(listener) second = bide_unix_listen(name);
    CHECK(!second);
    CHECK_EQ(bide_errcode(), -EADDRINUSE);
}

NET_TEST(the_files_permissions_are_those_asked_for)
{
    struct stat st;
    make_folder();
    bide_listener *l = bide_unix_listen(path, .permissions = 0600);
    CHECK_EQ(stat(path, &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0600);
    bide_listener_close(l);
    remove_folder();
}

static void leave_a_dead_file(void)
{
    bide_listener *l = bide_unix_listen(path);
    char aside[120];
    snprintf(aside, sizeof aside, "%s-aside", path);
    CHECK_EQ(rename(path, aside), 0);
    bide_listener_close(l);
    CHECK_EQ(rename(aside, path), 0);
}

NET_TEST(a_dead_listeners_file_is_replaced_and_a_living_ones_is_not)
{
    make_folder();
    leave_a_dead_file();
    CHECK(is_there());
    bide_auto(listener) l = bide_unix_listen(path);
    CHECK(l);
    bide_auto(listener) second = bide_unix_listen(path);
    CHECK(!second);
    CHECK_EQ(bide_errcode(), -EADDRINUSE);
    CHECK_HAS(bide_errmsg(), path);
    talk(l, path);
    bide_listener_close(bide_steal(l));
    remove_folder();
}

NET_TEST(what_is_no_socket_is_not_replaced_and_a_strangers_file_not_removed)
{
    make_folder();
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    CHECK(!bide_unix_listen(path));
    CHECK_EQ(bide_errcode(), -EADDRINUSE);
    CHECK(is_there());
    unlink(path);
    bide_listener *l = bide_unix_listen(path);
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    bide_listener_close(l);
    CHECK(is_there());
    remove_folder();
}

NET_TEST(what_cannot_be_connected_to_is_told)
{
    char longest[200];
    make_folder();
    CHECK(!bide_unix_connect(path));
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_HAS(bide_errmsg(), "connect: ");
    leave_a_dead_file();
    CHECK(!bide_unix_connect(path));
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    CHECK(!bide_unix_connect(longest));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "a path of 199 bytes; 1 to 107");
    CHECK(!bide_unix_listen(""));
    CHECK(!bide_unix_connect(NULL));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    remove_folder();
}

NET_TEST(a_full_backlog_is_waited_for_and_the_wait_may_time_out)
{
    make_folder();
    bide_listener *l = bide_unix_listen(path, .backlog = 1);
    bide_stream *waiting[8] = { NULL };
    int count = 0;
    while (count < 8) {
        BIDE_TIMEOUT(t, 1);
        if (!(waiting[count] = bide_unix_connect(path))) {
            CHECK_EQ(bide_scope_result(t, bide_errcode()), BIDE_ETIMEDOUT);
            break;
        }
        count++;
    }
    CHECK(count > 0 && count < 8);
    bide_stream_close(bide_accept(l));
    bide_auto(stream) next = bide_unix_connect(path);
    CHECK(next);
    for (int i = 0; i < count; i++)
        bide_stream_close(waiting[i]);
    bide_listener_close(l);
    remove_folder();
}

NET_TEST(connect_and_listen_take_unix_addresses_too)
{
    char address[120], buf[4];
    make_folder();
    snprintf(address, sizeof address, "unix:%s", path);
    bide_listener *l = bide_listen(address);
    bide_auto(stream) a = bide_connect(address);
    bide_auto(stream) b = bide_accept(l);
    CHECK(a && b);
    CHECK_EQ(bide_write(a, "x", 1), 0);
    CHECK_EQ(bide_read(b, buf, sizeof buf), 1);
    bide_listener_close(l);
    CHECK(!bide_connect(address));
    CHECK_EQ(bide_errcode(), -ENOENT);
    remove_folder();
}

static bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

NET_TEST(descriptors_travel_with_bytes)
{
    bide_stream *ends[2];
    int pipe_ends[2], got[4], fd_flags;
    char buf[20];
    size_t count = 4;
    CHECK_EQ(bide_unix_pair(ends), 0);
    CHECK_EQ(pipe(pipe_ends), 0);
    CHECK_EQ(bide_unix_send(ends[0], "pipe", 4, pipe_ends, 2), 0);
    CHECK_EQ(bide_unix_receive(ends[1], buf, sizeof buf, got, &count), 4);
    CHECK_EQ(count, 2);
    fd_flags = fcntl(got[0], F_GETFD);
    CHECK(fd_flags & FD_CLOEXEC);
    CHECK_EQ(write(got[1], "x", 1), 1);
    CHECK_EQ(read(pipe_ends[0], buf, 1), 1);
    for (int i = 0; i < 2; i++) {
        CHECK(is_open(pipe_ends[i]));
        close(pipe_ends[i]);
        close(got[i]);
        bide_stream_close(ends[i]);
    }
}

NET_TEST(bytes_without_descriptors_and_the_end_are_received_too)
{
    bide_stream *ends[2];
    int got[1];
    char buf[20];
    size_t count = 1;
    CHECK_EQ(bide_unix_pair(ends), 0);
    CHECK_EQ(bide_unix_send(ends[0], "plain", 5, NULL, 0), 0);
    CHECK_EQ(bide_unix_receive(ends[1], buf, sizeof buf, got, &count), 5);
    CHECK_EQ(count, 0);
    bide_stream_close(ends[0]);
    count = 1;
    CHECK_EQ(bide_unix_receive(ends[1], buf, sizeof buf, got, &count), 0);
    bide_stream_close(ends[1]);
}

static int lowest_free(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

NET_TEST(more_descriptors_than_there_is_room_for_are_closed_and_told_of)
{
    bide_stream *ends[2];
    int got[1], three[3] = { 0, 1, 2 }, before;
    char buf[20];
    size_t count = 1;
    CHECK_EQ(bide_unix_pair(ends), 0);
    before = lowest_free();
    CHECK_EQ(bide_unix_send(ends[0], "x", 1, three, 3), 0);
    CHECK_EQ(bide_unix_receive(ends[1], buf, sizeof buf, got, &count), BIDE_ELIMIT);
    CHECK_EQ(count, 0);
    CHECK_EQ(lowest_free(), before);
    CHECK_EQ(bide_unix_send(ends[0], "x", 1, three, 65), BIDE_EINVAL);
    CHECK_EQ(bide_unix_send(ends[0], NULL, 0, three, 1), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "send: descriptors travel with bytes");
    CHECK_EQ(bide_unix_send(ends[0], "x", 1, (int[]){ 9999 }, 1), -EBADF);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

static int receive_late(void *arg)
{
    char buf[4096];
    int got[1];
    size_t count = 1, all = 0;
    for (ssize_t n; (n = bide_unix_receive(arg, buf, sizeof buf, got, &count)) > 0; count = 1) {
        if (count == 1)
            close(got[0]);
        all += (size_t)n;
    }
    return (int)all;
}

NET_TEST(a_large_message_is_sent_whole)
{
    static char large[1 << 20];
    bide_stream *ends[2];
    bide_task *t;
    CHECK_EQ(bide_unix_pair(ends), 0);
    BIDE_GROUP(g);
    bide_spawn(g, receive_late, ends[1], .handle = &t);
    CHECK_EQ(bide_unix_send(ends[0], large, sizeof large, (int[]){ 0 }, 1), 0);
    CHECK_EQ(bide_write_end(ends[0]), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(t), sizeof large);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

NET_TEST(a_stream_that_was_read_ahead_gets_no_descriptors)
{
    bide_stream *ends[2];
    char *line, buf[10];
    int got[1];
    size_t count = 1;
    CHECK_EQ(bide_unix_pair(ends), 0);
    CHECK_EQ(bide_write(ends[0], "a\nb", 3), 0);
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 2);
    CHECK_EQ(bide_unix_receive(ends[1], buf, sizeof buf, got, &count), BIDE_EBUSY);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

NET_TEST(the_peer_is_this_process_and_memory_is_no_unix_socket)
{
    struct bide_peer peer;
    bide_stream *ends[2];
    CHECK_EQ(bide_unix_pair(ends), 0);
    CHECK_EQ(bide_unix_peer(ends[0], &peer), 0);
    CHECK_EQ(peer.pid, getpid());
    CHECK_EQ(peer.uid, getuid());
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK_EQ(bide_unix_peer(ends[0], &peer), BIDE_EINVAL);
    CHECK_EQ(bide_unix_send(ends[0], "x", 1, NULL, 0), BIDE_EINVAL);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    bide_fail(-ENOENT, "held");
    CHECK_EQ(bide_unix_peer(NULL, &peer), -ENOENT);
}

NET_TEST(cancelled_while_receiving_nothing_is_taken)
{
    bide_stream *ends[2];
    bide_task *t;
    int got[1];
    char buf[10];
    size_t count = 1;
    CHECK_EQ(bide_unix_pair(ends), 0);
    {
        BIDE_GROUP(g);
        bide_spawn(g, receive_late, ends[1], .handle = &t);
        CHECK_EQ(bide_yield(), 0);
        CHECK_EQ(bide_unix_receive(ends[1], buf, sizeof buf, got, &count), BIDE_EBUSY);
        bide_cancel(t);
        CHECK_EQ(bide_join(t), 0);
    }
    CHECK_EQ(bide_unix_send(ends[0], "x", 1, (int[]){ 0 }, 1), 0);
    CHECK_EQ(bide_unix_receive(ends[1], buf, sizeof buf, got, &count), 1);
    CHECK_EQ(count, 1);
    close(got[0]);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TEST(outside_of_a_task_nothing_connects_or_listens)
{
    CHECK(!bide_unix_connect("@nobody"));
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK(!bide_unix_listen("@nobody"));
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
}
