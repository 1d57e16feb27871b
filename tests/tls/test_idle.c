/* What lies inside of the TLS layer while nobody reads, and what it takes to wait outside of it. */
#include "sides.h"

#include "tls/stream.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A connection over sockets. */
static void meet(struct certificates *c, struct side *s, struct side *t)
{
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"), .no_resumption = true);
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    *s = (struct side){ .tls = server };
    *t = (struct side){ .tls = client, .opts.server_name = "localhost" };
    t->plain = bide_connect(bide_listener_address(l));
    s->plain = bide_accept(l);
    sides_start(s, t);
    CHECK(s->secure && t->secure);
}

static struct tls_stream *inside(bide_stream *s)
{
    return (struct tls_stream *)(void *)s;
}

static int in_socket(bide_stream *s)
{
    int count = -1;
    CHECK_EQ(ioctl(bide_stream_fd(s), FIONREAD, &count), 0);
    return count;
}

/* Reads `piece` bytes at a time for as long as something is held; how many there were. */
static size_t drain(bide_stream *s, size_t piece)
{
    char bytes[20000];
    size_t total = 0;
    while (bide__tls_holds(s)) {
        CHECK(bide_stream_readable(s));
        ssize_t n = bide_read(s, bytes, piece);
        CHECK(n > 0);
        total += (size_t)n;
    }
    return total;
}

TASK_TEST(the_descriptor_of_a_tls_stream_is_the_sockets)
{
    CERTIFICATES(c);
    struct side s, t;
    meet(c, &s, &t);
    CHECK(bide_stream_fd(s.secure) >= 0);
    CHECK_EQ(bide_stream_fd(s.secure), bide_stream_fd(inside(s.secure)->inner));
    sides_close(&s, &t);
}

TASK_TEST(what_came_along_with_what_was_read_is_held)
{
    CERTIFICATES(c);
    struct side s, t;
    char bytes[100];
    const char *data;
    meet(c, &s, &t);
    CHECK(!bide__tls_holds(s.secure));
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_write(t.secure, "0123456789", 10), 0);
    CHECK(!bide__tls_holds(s.secure));                  /* it is the system's yet */
    CHECK(bide_stream_readable(s.secure));
    CHECK_EQ(bide_read(s.secure, bytes, 1), 1);         /* one record is open */
    CHECK_EQ(in_socket(s.secure), 0);
    CHECK(bide__tls_holds(s.secure));
    CHECK_EQ(bide_read(s.secure, bytes, 9), 9);
    CHECK(bide__tls_holds(s.secure));                   /* two are closed */
    CHECK_EQ(drain(s.secure, 7), 20);
    CHECK(!bide_stream_readable(s.secure));
    CHECK_EQ(bide_write(t.secure, "0123456789", 10), 0);
    CHECK_EQ(bide_stream_peek(s.secure, &data), 10);
    CHECK(bide__tls_holds(s.secure));
    bide_stream_consume(s.secure, 9);
    CHECK(bide__tls_holds(s.secure));
    bide_stream_consume(s.secure, 1);
    CHECK(!bide__tls_holds(s.secure));
    sides_close(&s, &t);
}

TASK_TEST(records_that_came_together_are_read_together)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    struct side s = { .tls = server }, t = { .tls = client, .opts.server_name = "localhost" };
    const char *data;
    sides_meet(&s, &t);
    for (int i = 0; i < 20; i++)
        CHECK_EQ(bide_write(t.secure, "0123456789", 10), 0);
    CHECK_EQ(bide_stream_peek(s.secure, &data), 200);
    CHECK_EQ(bide_stream_buffered(s.secure), 200);
    bide_stream_consume(s.secure, 200);
    CHECK(!bide__tls_holds(s.secure));
    sides_close(&s, &t);
}

TASK_TEST(large_records_are_held_until_their_last_byte)
{
    CERTIFICATES(c);
    struct side s, t;
    char much[40000] = "";
    for (size_t piece = 1; piece < 20000; piece = piece * 7 + 1) {
        meet(c, &s, &t);
        CHECK_EQ(bide_write(t.secure, much, sizeof much), 0);
        size_t total = 0;
        while (total < sizeof much) {
            CHECK_EQ(bide_read(s.secure, much, 1), 1);  /* from the system where nothing is held */
            total += 1 + drain(s.secure, piece);
        }
        CHECK_EQ(total, sizeof much);
        sides_close(&s, &t);
    }
}

/* ---- half a record ---- */

/* What the client says goes to the server byte by byte, as records in the making. */
TASK_TEST(half_a_record_is_not_held_but_waited_for)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    struct side s = { .tls = server }, t = { .tls = client, .opts.server_name = "localhost" };
    char record[100], byte;
    sides_meet(&s, &t);
    struct tls_stream *inner = inside(t.secure);
    CHECK_EQ(SSL_write(inner->ssl, "x", 1), 1);
    size_t size = inner->filling.end;
    CHECK(size > 20 && size < sizeof record);
    memcpy(record, inner->filling.data, size);
    inner->filling.end = 0;
    for (size_t i = 0; i < size; i++) {
        CHECK(!bide__tls_holds(s.secure));
        CHECK(!bide_stream_readable(s.secure));         /* takes what is there */
        CHECK(!bide__tls_holds(s.secure));
        struct iovec piece = { record + i, 1 };
        CHECK_EQ(inner->inner->ops->write_now(inner->inner, &piece, 1), 1);
    }
    CHECK(bide_stream_readable(s.secure));
    CHECK(bide__tls_holds(s.secure));
    CHECK_EQ(bide_read(s.secure, &byte, 1), 1);
    CHECK(!bide__tls_holds(s.secure));
    sides_close(&s, &t);
}

/* ---- ends ---- */

TASK_TEST(an_end_that_has_come_is_held)
{
    CERTIFICATES(c);
    struct side s, t;
    char byte;
    meet(c, &s, &t);
    CHECK_EQ(bide_write(t.secure, "x", 1), 0);
    CHECK_EQ(bide_write_end(t.secure), 0);
    CHECK(!bide__tls_holds(s.secure));
    CHECK_EQ(bide_read(s.secure, &byte, 1), 1);
    CHECK(bide__tls_holds(s.secure));
    CHECK_EQ(bide_read(s.secure, &byte, 1), 0);
    CHECK(bide__tls_holds(s.secure));
    sides_close(&s, &t);
}

TASK_TEST(a_failure_that_is_to_be_told_is_held)
{
    CERTIFICATES(c);
    struct side s, t;
    char heard[100];
    meet(c, &s, &t);
    CHECK_EQ(bide_write(t.secure, "good", 4), 0);
    CHECK_EQ(write(bide_stream_fd(t.secure), "\x17\x03\x03\x00\x13" "0123456789abcdefghi", 24), 24);
    CHECK_EQ(bide_read(s.secure, heard, sizeof heard), 4);      /* and a forged record after it */
    CHECK(bide__tls_holds(s.secure));
    CHECK(bide_stream_readable(s.secure));
    CHECK_EQ(bide_read(s.secure, heard, sizeof heard), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), "a record was damaged on its way");
    sides_close(&s, &t);
}

/* OpenSSL keeps errors in a queue of the thread's, where others leave theirs. */
TASK_TEST(what_others_have_left_in_openssls_queue_is_not_taken_for_a_failure)
{
    CERTIFICATES(c);
    struct side s, t;
    char heard[4];
    meet(c, &s, &t);
    ERR_raise(ERR_LIB_USER, 1);
    ERR_raise(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
    CHECK_EQ(bide_write(t.secure, "good", 4), 0);
    CHECK_EQ(bide_read(s.secure, heard, sizeof heard), 4);
    CHECK_EQ(bide_write_end(t.secure), 0);
    CHECK_EQ(bide_read(s.secure, heard, sizeof heard), 0);
    CHECK_EQ(bide_write(s.secure, "last", 4), 0);
    CHECK_EQ(bide_read(t.secure, heard, sizeof heard), 4);
    sides_close(&s, &t);
    ERR_clear_error();
}

TASK_TEST(nor_are_their_words_taken_for_those_of_a_failure)
{
    CERTIFICATES(c);
    struct side s, t;
    char heard[100];
    meet(c, &s, &t);
    ERR_raise(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
    CHECK_EQ(write(bide_stream_fd(t.secure), "\x17\x03\x03\x00\x13" "0123456789abcdefghi", 24), 24);
    CHECK_EQ(bide_read(s.secure, heard, sizeof heard), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), "a record was damaged on its way");
    CHECK_EQ(bide_read(t.secure, heard, sizeof heard), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), "the server says");
    CHECK_EQ(ERR_peek_error(), 0);
    sides_close(&s, &t);
}

TASK_TEST(a_stream_without_tls_holds_what_is_buffered)
{
    bide_stream *ends[2];
    const char *data;
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK_EQ(bide_write(ends[0], "xy", 2), 0);
    CHECK(!bide__tls_holds(ends[1]));
    CHECK_EQ(bide_stream_peek(ends[1], &data), 2);
    CHECK(bide__tls_holds(ends[1]));
    bide_stream_consume(ends[1], 2);
    bide__tls_rest(ends[1]);
    CHECK(!bide__tls_holds(ends[1]) && !ends[1]->buffer);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

/* ---- resting ---- */

static int read_late(void *arg)
{
    char byte;
    return bide_read(arg, &byte, 1) == 1 ? 0 : bide_errcode();
}

TASK_TEST(a_resting_stream_has_no_buffers_and_goes_on)
{
    CERTIFICATES(c);
    struct side s, t;
    const char *data;
    meet(c, &s, &t);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_write(t.secure, "xy", 2), 0);
        CHECK_EQ(bide_stream_peek(s.secure, &data), 2);
        bide_stream_consume(s.secure, 1);
        bide__tls_rest(s.secure);                       /* not of what is there */
        CHECK_EQ(bide_stream_peek(s.secure, &data), 1);
        CHECK_EQ(*data, 'y');
        bide_stream_consume(s.secure, 1);
        bide__tls_rest(s.secure);
        struct tls_stream *in = inside(s.secure);
        CHECK(!in->stream.buffer && !in->inner->buffer && !in->filling.data && !in->sending.data);
        CHECK_EQ(bide_write(s.secure, "z", 1), 0);
        CHECK_EQ(read_late(t.secure), 0);
    }
    sides_close(&s, &t);
}

TASK_TEST(who_reads_is_not_disturbed_by_a_look)
{
    CERTIFICATES(c);
    struct side s, t;
    meet(c, &s, &t);
    BIDE_GROUP(g);
    bide_spawn(g, read_late, s.secure);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(!bide__tls_holds(s.secure));
    bide__tls_rest(s.secure);
    CHECK_EQ(bide_write(t.secure, "x", 1), 0);
    CHECK(!bide__tls_holds(s.secure));
    CHECK_EQ(bide_group_wait(g), 0);
    sides_close(&s, &t);
}
