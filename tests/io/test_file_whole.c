/* tests/io/test_file_whole.c -- loading, saving, temporary files, sendfile, a file as a stream. */
#include "io/place.h"

#include <bide/stream.h>
#include <sys/socket.h>

enum { LARGE = 3000000 };

/* --- loading and saving --- */

FILE_TEST(a_loaded_file_is_whole_and_ends_with_a_nul)
{
    place_put("a", "te\0xt", 5);
    bide_auto(bytes) b = bide_file_load("a");
    CHECK_EQ(b->size, 5);
    CHECK_MEM(b->data, "te\0xt\0", 6);
    place_put("b", "", 0);
    bide_auto(bytes) none = bide_file_load("b");
    CHECK_EQ(none->size, 0);
    CHECK_STR(none->data, "");
    bide_auto(bytes) proc = bide_file_load("/proc/self/status");
    CHECK_HAS(proc->data, "Name:");
    bide_bytes_free(NULL);
}

FILE_TEST(loading_has_a_limit)
{
    place_put_text("a", "12345");
    bide_auto(bytes) just = bide_file_load("a", .size_max = 5);
    CHECK_EQ(just->size, 5);
    CHECK_PTR(bide_file_load("a", .size_max = 4), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_STR(bide_errmsg(), "load: a: more than 4 bytes");
    CHECK_PTR(bide_file_load("/proc/self/status", .size_max = 100), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    bide_auto(bytes) all = bide_file_load("a", .size_max = BIDE_UNLIMITED);
    CHECK_EQ(all->size, 5);
}

FILE_TEST(what_cannot_be_loaded_is_refused)
{
    CHECK_EQ(mkfifo("fifo", 0600), 0);
    CHECK_PTR(bide_file_load("fifo"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_file_load("."), NULL);
    CHECK_EQ(bide_errcode(), -EISDIR);
    CHECK_PTR(bide_file_load("none"), NULL);
    CHECK_STR(bide_errmsg(), "load: none: No such file or directory");
    CHECK_PTR(bide_file_load(NULL), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

FILE_TEST(saving_replaces_and_keeps_permissions_and_links)
{
    struct stat st;
    CHECK_EQ(bide_file_save("a", "one", 3), 0);
    place_holds_text("a", "one");
    CHECK_EQ(chmod("a", 0640), 0);
    CHECK_EQ(bide_symlink("a", "link"), 0);
    CHECK_EQ(bide_file_save("link", "three", 5), 0);
    place_holds_text("a", "three");
    CHECK_EQ(bide_lstat("link", &st), 0);
    CHECK(S_ISLNK(st.st_mode));
    CHECK_EQ(bide_stat("a", &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0640);
    CHECK_EQ(bide_file_save("a", "4", 1, .permissions = 0600, .unsynced = true), 0);
    CHECK_EQ(bide_stat("a", &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0600);
    CHECK_EQ(bide_file_save("none/a", "x", 1), -ENOENT);
    CHECK_EQ(bide_file_save(".", "x", 1) < 0, 1);
    CHECK_EQ(bide_file_save(NULL, "x", 1), BIDE_EINVAL);
    CHECK_EQ(place_count("."), 2);
}

static mode_t made;             /* the permissions of the file that was made last */

static int open_and_look(const char *path, int flags, mode_t permissions)
{
    struct stat st;
    int fd = open(path, flags, permissions);
    if (fd >= 0 && flags & O_CREAT && fstat(fd, &st) == 0)
        made = st.st_mode & 0777;
    return fd;
}

FILE_TEST(what_is_secret_stays_so_while_it_is_saved)
{
    struct sys real = bide__sys;
    place_put_text("a", "old");
    CHECK_EQ(chmod("a", 0600), 0);
    bide__sys.open = open_and_look;
    CHECK_EQ(bide_file_save("a", "new", 3), 0);
    bide__sys = real;
    CHECK_EQ(made & 077, 0);
    CHECK_EQ(mkdir("d", 0700), 0);
    CHECK_EQ(bide_file_save("d", "new", 3), BIDE_EINVAL);
    CHECK_EQ(place_count("."), 2);
}

FILE_TEST(a_cancelled_save_saves_nothing)
{
    place_put_text("a", "old");
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_file_save("a", "new", 3), BIDE_ECANCELED);
    place_holds_text("a", "old");
    CHECK_EQ(place_count("."), 1);
}

/* --- temporary --- */

FILE_TEST(a_temporary_file_leaves_nothing)
{
    char buf[8];
    {
        bide_auto(file) f = bide_temp_file_open(.dir = ".");
        CHECK_STR(bide_file_path(f), "");
        CHECK_EQ(place_count("."), 0);
        CHECK_EQ(bide_file_write(f, "text", 4), 0);
        CHECK_EQ(bide_file_seek(f, 0, SEEK_SET), 0);
        CHECK_EQ(bide_file_read(f, buf, 8), 4);
    }
    {
        bide_auto(file) f = bide_temp_file_open(.named = true, .dir = ".");
        CHECK_EQ(bide_file_write(f, "text", 4), 0);
        CHECK_EQ(bide_file_flush(f), 0);
        place_holds_text(bide_file_path(f), "text");
        struct stat st;
        CHECK_EQ(bide_file_stat(f, &st), 0);
        CHECK_EQ(st.st_mode & 0777, 0600);
    }
    CHECK_EQ(place_count("."), 0);
    CHECK_PTR(bide_temp_file_open(.dir = "none"), NULL);
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_HAS(bide_errmsg(), "/none/bide-");
}

static int fill_temporary(void *unused)
{
    (void)unused;
    bide_auto(file) f = bide_temp_file_open(.dir = ".");
    CHECK_EQ(bide_file_truncate(f, 64 << 20), 0);
    CHECK_EQ(bide_file_write(f, "x", 1), 0);
    return bide_file_flush(f);
}

TEST(the_pages_of_a_large_temporary_file_are_given_back_by_a_thread)
{
    char path[32];
    place_enter(path);
    int before = place_descriptors();
    CHECK_EQ(bide_run(fill_temporary, NULL), 0);
    place_settle(before);
    place_leave(path);
}

/* --- sendfile --- */

struct sending { bide_stream *to; bide_file *file; int64_t at; size_t size; int64_t sent; };

static int send_it(void *arg)
{
    struct sending *s = arg;
    s->sent = bide_sendfile(s->to, s->file, s->at, s->size);
    return s->sent < 0 ? (int)s->sent : bide_write_end(s->to);
}

static void make_ends(bide_stream *ends[2], bool memory)
{
    int fds[2];
    if (memory) {
        CHECK_EQ(bide_stream_pair(ends), 0);
        return;
    }
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    for (int i = 0; i < 2; i++)
        CHECK((ends[i] = bide_stream_of_fd(fds[i])));
}

static void send_part(const char *data, bool memory, int64_t at, size_t size)
{
    bide_stream *ends[2];
    size_t rest = LARGE - (size_t)at, expected = size < rest ? size : rest;
    char *got = malloc(expected + 1);
    make_ends(ends, memory);
    bide_auto(file) f = bide_file_open("a", "r");
    struct sending s = { ends[0], f, at, size, 0 };
    {
        BIDE_GROUP(g);
        bide_spawn(g, send_it, &s);
        CHECK_EQ(bide_read_exactly(ends[1], got, expected), 0);
        CHECK_EQ(bide_read(ends[1], got + expected, 1), 0);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK_EQ(s.sent, expected);
    CHECK_MEM(got, data + at, expected);
    CHECK_EQ(bide_file_tell(f), 0);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    free(got);
}

FILE_TEST(a_file_is_sent_to_sockets_and_in_memory)
{
    char *data = place_bytes(LARGE);
    place_put("a", data, LARGE);
    for (int memory = 0; memory < 2; memory++) {
        send_part(data, memory, 0, BIDE_UNLIMITED);
        send_part(data, memory, 12345, 1000000);
        send_part(data, memory, LARGE - 10, 1000);
        send_part(data, memory, LARGE, 5);
        send_part(data, memory, 0, 0);
    }
    free(data);
}

FILE_TEST(what_the_system_cannot_send_is_copied)
{
    char got[100];
    bide_stream *ends[2];
    make_ends(ends, false);
    bide_auto(file) f = bide_file_open("/proc/self/status", "r");
    CHECK_EQ(bide_sendfile(ends[0], f, 0, 100), 100);
    CHECK_EQ(bide_read_exactly(ends[1], got, 100), 0);
    CHECK_MEM(got, "Name:", 5);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

FILE_TEST(sending_cut_short_is_the_last_write)
{
    char *data = place_bytes(LARGE);
    place_put("a", data, LARGE);
    for (int memory = 0; memory < 2; memory++) {
        bide_stream *ends[2];
        make_ends(ends, memory);
        bide_auto(file) f = bide_file_open("a", "r");
        {
            BIDE_TIMEOUT(t, 1);
            CHECK_EQ(bide_sendfile(ends[0], f, 0, LARGE), BIDE_ECANCELED);
        }
        CHECK_EQ(bide_write(ends[0], "x", 1), BIDE_ECLOSED);
        bide_stream_close(ends[1]);
        bide_stream_close(ends[0]);
    }
    free(data);
}

FILE_TEST(a_peer_that_is_gone_is_an_error_and_no_signal)
{
    place_put_text("a", "text");
    for (int memory = 0; memory < 2; memory++) {
        bide_stream *ends[2];
        make_ends(ends, memory);
        bide_stream_close(ends[1]);
        bide_auto(file) f = bide_file_open("a", "r");
        CHECK_EQ(bide_sendfile(ends[0], f, 0, 4), -EPIPE);
        CHECK_HAS(bide_errmsg(), "sendfile: a: ");
        CHECK_EQ(bide_sendfile(ends[0], f, -1, 4), BIDE_EINVAL);
        CHECK_EQ(bide_sendfile(NULL, f, 0, 4) < 0, 1);
        bide_stream_close(ends[0]);
    }
}

/* --- as a stream --- */

FILE_TEST(streams_copy_from_and_to_files)
{
    char *data = place_bytes(LARGE);
    place_put("a", data, LARGE);
    bide_auto(file) from = bide_file_open("a", "r");
    bide_auto(file) to = bide_file_open("b", "w");
    CHECK_EQ(bide_copy(bide_file_stream(to), bide_file_stream(from), NULL, NULL), LARGE);
    CHECK_EQ(bide_write_end(bide_file_stream(to)), 0);
    place_holds("b", data, LARGE);
    CHECK_PTR(bide_file_stream(from), bide_file_stream(from));
    free(data);
}

FILE_TEST(a_closed_view_leaves_its_file_open)
{
    char *line;
    place_put_text("a", "one\r\ntwo\r\n");
    bide_auto(file) f = bide_file_open("a", "r");
    bide_stream *s = bide_file_stream(f);
    CHECK_EQ(bide_read_until(s, "\r\n", &line), 5);
    CHECK_EQ(bide_stream_fd(s), bide_file_fd(f));
    bide_stream_close(s);
    CHECK_EQ(bide_file_seek(f, 5, SEEK_SET), 5);
    CHECK_EQ(bide_read_until(bide_file_stream(f), "\r\n", &line), 5);
    CHECK_STR(line, "two\r\n");
}

static int copy_slowly(void *arg)
{
    struct sending *s = arg;
    int64_t n = bide_copy(s->to, bide_file_stream(s->file), NULL, NULL);
    return n < 0 ? (int)n : 0;
}

FILE_TEST(a_file_closed_while_it_is_copied_ends_the_copy)
{
    char *data = place_bytes(LARGE), byte;
    place_put("a", data, LARGE);
    bide_stream *ends[2];
    bide_task *copier;
    make_ends(ends, true);
    struct sending s = { ends[0], bide_file_open("a", "r"), 0, 0, 0 };
    BIDE_KEEP_GOING(g);
    bide_spawn(g, copy_slowly, &s, .handle = &copier);
    CHECK_EQ(bide_sleep(1), 0);
    bide_file_close(s.file);
    size_t seen = 0;
    for (char *buf = malloc(65536); !bide_task_done(copier) || !buf; seen++) {
        if (bide_read(ends[1], buf, 65536) <= 0)
            break;
        CHECK_EQ(bide_yield(), 0);
        if (bide_task_done(copier))
            free(buf);
    }
    CHECK_EQ(bide_task_result(copier), BIDE_ECLOSED);
    bide_ignore(bide_group_wait(g));
    bide_ignore(bide_read(ends[1], &byte, 0));
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    CHECK(seen > 0);
    free(data);
}
