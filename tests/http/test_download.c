/* Downloads against a server that can do ranges, or pretends to: whatever it does, the file is
 * whole and right, or it is not there. */
#include "io/place.h"
#include "stand.h"

#include <bide/download.h>

/* ---- the server ---- */

enum habit {
    RANGES,                     /* as it should be */
    NO_RANGES,                  /* 200 to everything */
    WRONG_PART,                 /* 206 that begins elsewhere */
    NO_WORD,                    /* 206 that does not say which part */
    OTHER_TOTAL,                /* 206 of something larger */
    OTHER_TAG,                  /* 206 with another ETag */
    ALWAYS_PART,                /* 206 though nobody asked */
    NOTHING_LEFT,               /* 416 to every range */
    PIECEMEAL,                  /* 206 with 1000 bytes at most */
    UNKNOWN_TOTAL,              /* 206 that ends with the file, and does not say so */
    CHUNKS,                     /* 200 in chunks */
};

struct depot {
    struct stand stand;         /* first */
    enum habit habit;
    const char *data, *etag;    /* etag NULL: none */
    const char *more;           /* further headers */
    size_t size;
    size_t cut;                 /* the body ends after so many bytes, for so many replies: */
    int cuts;
    int status;                 /* instead of all that, for `cuts` replies */
    int whole, parts;           /* replies of 200 and 206 */
    char asked[200];            /* ranges asked for, "-" for none */
};

static size_t range_of(struct depot *d, bool *has_range)
{
    const char *range = strcasestr(d->stand.last, "\r\nRange: bytes=");
    const char *if_range = strcasestr(d->stand.last, "\r\nIf-Range: ");
    size_t first = range ? strtoul(range + 15, NULL, 10) : 0;
    char line[40] = "-";
    if (range)
        snprintf(line, sizeof line, "%zu", first);
    strcat(strcat(d->asked, line), " ");
    CHECK(!range || if_range);
    bool same = if_range && d->etag && strncmp(if_range + 12, d->etag, strlen(d->etag)) == 0;
    *has_range = range && (same || d->habit == OTHER_TAG);
    return *has_range ? first : 0;
}

/* The head and body of one reply; may cut it short. */
static int reply(bide_stream *s, struct depot *d, int status, const char *range, size_t first,
                 size_t size)
{
    const char *etag = d->habit == OTHER_TAG && status == 206 ? "\"other\"" : d->etag;
    char length[60];
    snprintf(length, sizeof length, d->habit == CHUNKS ? "Transfer-Encoding: chunked\r\n"
                                                       : "Content-Length: %zu\r\n", size);
    int rc = bide_printf(s, "HTTP/1.1 %d X\r\n%s%s%s%s%s%s\r\n", status, length, range,
                         etag ? "ETag: " : "", etag ? etag : "", etag ? "\r\n" : "",
                         d->more ? d->more : "");
    size_t left = d->cuts > 0 && d->cut < size ? d->cut : size;
    if (d->habit == CHUNKS && rc == 0)
        rc = bide_printf(s, "%zx\r\n", size);
    if (rc == 0)
        rc = bide_write(s, d->data + first, left);
    if (d->habit == CHUNKS && rc == 0 && left == size)
        rc = bide_printf(s, "\r\n0\r\n\r\n");
    if (rc == 0 && d->cuts > 0) {
        d->cuts--;
        return -1;
    }
    return rc;
}

static int serve_one(bide_stream *s, struct depot *d)
{
    bool has_range;
    char range[100] = "";
    size_t first = range_of(d, &has_range), size = d->size - first;
    if (d->status && d->cuts > 0) {
        d->cuts--;
        return bide_printf(s, "HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n", d->status);
    }
    if ((has_range && first >= d->size) || (has_range && d->habit == NOTHING_LEFT))
        return bide_printf(s, "HTTP/1.1 416 X\r\nContent-Length: 0\r\n"
                           "Content-Range: bytes */%zu\r\n\r\n", d->size);
    if (d->habit != ALWAYS_PART && (!has_range || d->habit == NO_RANGES)) {
        d->whole++;
        return reply(s, d, 200, "", 0, d->size);
    }
    d->parts++;
    if (d->habit == WRONG_PART)
        first++;
    if (d->habit == PIECEMEAL && size > 1000)
        size = 1000;
    char total[30];
    snprintf(total, sizeof total, d->habit == UNKNOWN_TOTAL ? "*" : "%zu",
             d->size + (d->habit == OTHER_TOTAL));
    if (d->habit != NO_WORD)
        snprintf(range, sizeof range, "Content-Range: bytes %zu-%zu/%s\r\n", first,
                 first + size - 1, total);
    return reply(s, d, 206, range, first, d->size - first < size ? d->size - first : size);
}

static int depot_talk(bide_stream *s, struct stand *stand)
{
    int rc = 0;
    while (rc == 0 && stand_read(s, stand) > 0)
        rc = serve_one(s, (struct depot *)(void *)stand);
    return rc;
}

enum { SIZE = 5000 };
static char *data;              /* SIZE bytes */

/* One that has the data and does as it should. */
static struct depot depot_of(enum habit habit)
{
    if (!data)
        data = place_bytes(SIZE + 1);
    return (struct depot){ .stand = { .talk = depot_talk }, .habit = habit, .data = data,
                           .size = SIZE, .etag = "\"one\"" };
}

/* Each test has a directory of its own. */
#define DOWNLOAD_TEST(name_) \
    static void name_(void); \
    TEST(name_##_) { place_run(name_, PLACE_USUAL); } \
    static void name_(void)

/* What is left in the directory after a failure that keeps a part. */
static void check_part(size_t size)
{
    place_holds("a.part", data, size);
    CHECK_EQ(place_count("."), 2);
}

/* A first call that ends after `cut` bytes and keeps them. */
static void begin(struct depot *d, bide_session *session, size_t cut)
{
    d->cut = cut;
    d->cuts = 1;
    CHECK_EQ(bide_download(session, d->stand.url, "a", .resume = true), BIDE_EEOF);
    check_part(cut);
    struct stat st;
    CHECK_EQ(stat("a.part.from", &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0600);  /* there may be a password in the URL */
    d->asked[0] = '\0';
    d->whole = d->parts = 0;
}

/* The file is whole, and nothing else is left. */
static void check_whole(const struct depot *d, int64_t rc)
{
    if (rc != (int64_t)d->size)
        test_fail(__FILE__, __LINE__, "%lld: %s", (long long)rc, bide_errmsg());
    place_holds("a", d->data, d->size);
    CHECK_EQ(place_count("."), 1);
}

/* ---- whole ---- */

static int64_t told, told_total;
static int times;

static void progress(void *arg, int64_t done, int64_t total)
{
    CHECK_PTR(arg, &told);
    told = done;
    told_total = total;
    times++;
}

DOWNLOAD_TEST(a_file_comes_whole)
{
    struct depot d = depot_of(RANGES);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    check_whole(&d, bide_download(session, d.stand.url, "a", .sync = true, .progress = progress,
                                  .progress_arg = &told));
    CHECK(times >= 2 && told == SIZE && told_total == SIZE);
    CHECK_HAS(d.stand.last, "Accept-Encoding: identity\r\n");
    CHECK_STR(d.asked, "- ");
    d.size = 0;
    check_whole(&d, bide_download(session, d.stand.url, "a"));
    d.size = SIZE;
    check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
}

DOWNLOAD_TEST(a_file_without_a_length_comes_whole)
{
    struct depot d = depot_of(CHUNKS);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    check_whole(&d, bide_download(session, d.stand.url, "a", .progress = progress,
                                  .progress_arg = &told));
    CHECK_EQ(told_total, -1);
}

DOWNLOAD_TEST(headers_are_sent_but_not_those_that_are_ours)
{
    struct depot d = depot_of(RANGES);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    struct bide_fetch_opts more = { .abi_ = sizeof more, .headers = BIDE_PAIRS({ "X-B", "2" }),
                                    .query = BIDE_PAIRS({ "q", "1" }) };
    check_whole(&d, bide_download(session, d.stand.url, "a", .request = &more,
                                  .headers = BIDE_PAIRS({ "X-A", "1" }, { "Range", "bytes=7-" })));
    CHECK_HAS(d.stand.last, "GET /?q=1 ");
    CHECK_HAS(d.stand.last, "X-A: 1\r\n");
    CHECK_HAS(d.stand.last, "X-B: 2\r\n");
    CHECK_PTR(strstr(d.stand.last, "bytes="), NULL);
}

/* ---- cut short ---- */

DOWNLOAD_TEST(without_resume_nothing_is_left_of_a_failure)
{
    struct depot d = depot_of(RANGES);
    d.cut = 1000;
    d.cuts = 1;
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    place_put_text("a", "old");
    CHECK_EQ(bide_download(session, d.stand.url, "a"), BIDE_EEOF);
    CHECK_HAS(bide_errmsg(), "download a: get http://127.0.0.1");
    place_holds_text("a", "old");
    CHECK_EQ(place_count("."), 1);
}

DOWNLOAD_TEST(a_later_call_goes_on_where_the_first_stopped)
{
    for (size_t cut = 1; cut < SIZE; cut += 1666) {
        struct depot d = depot_of(RANGES);
        char expected[20];
        STAND(&d.stand);
        bide_auto(session) session = bide_session_open();
        begin(&d, session, cut);
        CHECK_HAS(bide_errmsg(), "bytes are kept)");
        check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
        snprintf(expected, sizeof expected, "%zu ", cut);
        CHECK_STR(d.asked, expected);
        CHECK_EQ(d.parts, 1);
        CHECK_EQ(bide_unlink("a"), 0);
    }
}

DOWNLOAD_TEST(tries_within_a_call_go_on_too)
{
    struct depot d = depot_of(RANGES);
    d.cut = 1500;
    d.cuts = 3;
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    double start = bide_now();
    check_whole(&d, bide_download(session, d.stand.url, "a", .retries = 3));
    CHECK_STR(d.asked, "- 1500 3000 4500 ");
    CHECK(bide_now() - start > 0.7);
    CHECK_EQ(bide_unlink("a"), 0);
    d.cuts = 3;
    CHECK_EQ(bide_download(session, d.stand.url, "a", .retries = 2), BIDE_EEOF);
    CHECK_EQ(place_count("."), 0);
}

DOWNLOAD_TEST(a_busy_server_is_asked_again)
{
    struct depot d = depot_of(RANGES);
    d.status = 503;
    d.cuts = 2;
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    check_whole(&d, bide_download(session, d.stand.url, "a", .retries = 2));
    d.cuts = 2;
    CHECK_EQ(bide_download(session, d.stand.url, "a", .retries = 1), BIDE_EHTTP);
    CHECK_HAS(bide_errmsg(), "503");
    check_whole(&d, bide_download(session, d.stand.url, "a"));
}

DOWNLOAD_TEST(without_proof_it_starts_anew)
{
    static const char *const tags[] = { NULL, "W/\"weak\"", "bare" };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        struct depot d = depot_of(RANGES);
        d.etag = tags[i];
        d.cut = 1000;
        d.cuts = 1;
        STAND(&d.stand);
        bide_auto(session) session = bide_session_open();
        CHECK_EQ(bide_download(session, d.stand.url, "a", .resume = true), BIDE_EEOF);
        CHECK_EQ(place_count("."), 0);
        d.cuts = 1;
        check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true, .retries = 1));
        CHECK_STR(d.asked, "- - - ");
        CHECK_EQ(bide_unlink("a"), 0);
    }
}

DOWNLOAD_TEST(an_old_last_modified_is_proof)
{
    struct depot d = depot_of(RANGES);
    d.etag = NULL;
    d.more = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
             "Date: Sun, 06 Nov 1994 09:49:37 GMT\r\n";
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    begin(&d, session, 1000);
    d.etag = "Sun, 06 Nov 1994 08:49:37 GMT";     /* what If-Range must bring */
    check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
    CHECK_STR(d.asked, "1000 ");
    CHECK_EQ(d.parts, 1);
}

/* ---- the server has something else, or misbehaves ---- */

DOWNLOAD_TEST(a_changed_file_comes_whole)
{
    struct depot d = depot_of(RANGES);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    begin(&d, session, 1000);
    d.etag = "\"two\"";
    d.data++;
    check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
    CHECK_STR(d.asked, "1000 ");
    CHECK_EQ(d.whole, 1);
}

DOWNLOAD_TEST(whatever_does_not_fit_the_part_starts_anew)
{
    static const enum habit habits[] = { NO_RANGES, WRONG_PART, NO_WORD, OTHER_TOTAL, OTHER_TAG,
                                         NOTHING_LEFT };
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++) {
        struct depot d = depot_of(RANGES);
        STAND(&d.stand);
        bide_auto(session) session = bide_session_open();
        begin(&d, session, 1000);
        d.habit = habits[i];
        check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
        CHECK_STR(d.asked, habits[i] == NO_RANGES ? "1000 " : "1000 - ");
        CHECK_EQ(bide_unlink("a"), 0);
    }
}

DOWNLOAD_TEST(a_part_that_nobody_asked_for_is_refused)
{
    struct depot d = depot_of(ALWAYS_PART);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    CHECK_EQ(bide_download(session, d.stand.url, "a"), BIDE_EHTTP);
    CHECK_HAS(bide_errmsg(), "206 without having been asked");
    CHECK_EQ(place_count("."), 0);
}

DOWNLOAD_TEST(a_server_may_give_less_than_it_is_asked_for)
{
    static const enum habit habits[] = { PIECEMEAL, UNKNOWN_TOTAL };
    for (size_t i = 0; i < 2; i++) {
        struct depot d = depot_of(RANGES);
        STAND(&d.stand);
        bide_auto(session) session = bide_session_open();
        begin(&d, session, 1000);
        d.habit = habits[i];
        check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
        CHECK_EQ(d.parts, i == 0 ? 4 : 1);
        CHECK_EQ(bide_unlink("a"), 0);
    }
}

DOWNLOAD_TEST(a_part_that_is_the_whole_is_done)
{
    struct depot d = depot_of(RANGES);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    begin(&d, session, 1000);
    place_put("a.part", data, SIZE);
    check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
    CHECK_STR(d.asked, "5000 ");
    CHECK_EQ(d.whole + d.parts, 0);
}

DOWNLOAD_TEST(a_part_that_is_no_part_of_this_is_not_used)
{
    struct depot d = depot_of(RANGES);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    static const char *const from[] = { NULL, "", "x", "\n\n\n", "%s\n\n5000\n",
        "%s\n\"one\"\n5\n", "%s\n\"one\"\n5000", "%sx\n\"one\"\n5000\n",
        "%s\n\"one\"\n5000\n\n", "%s\n\"one\"\nx\n" };
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        char text[200];
        snprintf(text, sizeof text, from[i] ? from[i] : "", d.stand.url);
        if (from[i])
            place_put_text("a.part.from", text);
        place_put_text("a.part", "something");
        d.asked[0] = '\0';
        check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
        CHECK_STR(d.asked, "- ");
        CHECK_EQ(bide_unlink("a"), 0);
    }
}

DOWNLOAD_TEST(a_part_is_kept_by_a_call_that_fails_before_it_begins_anew)
{
    struct depot d = depot_of(RANGES);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    place_put("a.part", data, 1000);
    CHECK_EQ(mkdir("a.part.from", 0700), 0);
    CHECK_EQ(bide_download(session, d.stand.url, "a", .resume = true), -EISDIR);
    check_part(1000);
    CHECK_EQ(rmdir("a.part.from"), 0);
    place_put_text("a.part.from", "http://another.example/\n\"one\"\n5000\n");
    d.status = 500;
    d.cuts = 1;
    CHECK_EQ(bide_download(session, d.stand.url, "a", .resume = true), BIDE_EHTTP);
    check_part(1000);
    check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
}

DOWNLOAD_TEST(a_part_that_is_a_link_is_left_alone)
{
    struct depot d = depot_of(RANGES);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    place_put_text("other", "precious");
    CHECK_EQ(symlink("other", "a.part"), 0);
    CHECK_EQ(bide_download(session, d.stand.url, "a", .resume = true), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "a.part is no plain file");
    place_holds("other", "precious", 8);
    CHECK_EQ(place_count("."), 2);
}

DOWNLOAD_TEST(a_reply_without_a_file_is_an_error)
{
    static const int statuses[] = { 204, 304, 404, 500 };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct stand stand = { .reply = NULL };
        char text[60];
        snprintf(text, sizeof text, statuses[i] < 400 ? "HTTP/1.1 %d X\r\n\r\n"
                 : "HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n", statuses[i]);
        stand.reply = text;
        STAND(&stand);
        bide_auto(session) session = bide_session_open();
        CHECK_EQ(bide_download(session, stand.url, "a", .resume = true), BIDE_EHTTP);
        CHECK_EQ(place_count("."), 0);
    }
}

/* ---- limits, the disk, cancelling ---- */

DOWNLOAD_TEST(more_than_is_allowed_is_refused)
{
    static const enum habit habits[] = { RANGES, CHUNKS };
    for (size_t i = 0; i < 2; i++) {
        struct depot d = depot_of(habits[i]);
        STAND(&d.stand);
        bide_auto(session) session = bide_session_open();
        check_whole(&d, bide_download(session, d.stand.url, "a", .size_max = SIZE));
        CHECK_EQ(bide_unlink("a"), 0);
        CHECK_EQ(bide_download(session, d.stand.url, "a", .size_max = SIZE - 1), BIDE_ELIMIT);
        CHECK_HAS(bide_errmsg(), "more than the 4999 bytes that are allowed");
        CHECK_EQ(place_count("."), 0);
    }
}

static ssize_t (*real_pwrite)(int fd, const void *buf, size_t size, off_t at);
static off_t disk_size;

static ssize_t small_disk(int fd, const void *buf, size_t size, off_t at)
{
    if (at >= disk_size) {
        errno = ENOSPC;
        return -1;
    }
    size_t room = (size_t)(disk_size - at);
    return real_pwrite(fd, buf, size < room ? size : room, at);
}

DOWNLOAD_TEST(a_full_disk_is_told_and_the_part_is_kept)
{
    enum { LARGE = 700000 };
    char *large = place_bytes(LARGE);
    struct depot d = depot_of(RANGES);
    d.data = large;
    d.size = LARGE;
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    real_pwrite = bide__sys.pwrite;
    disk_size = 300000;
    bide__sys.pwrite = small_disk;
    bide__sys.ring_operation = NULL;            /* a ring writes to the whole disk */
    CHECK_EQ(bide_download(session, d.stand.url, "a", .resume = true, .retries = 5), -ENOSPC);
    CHECK_HAS(bide_errmsg(), "No space left on device");
    CHECK_HAS(bide_errmsg(), "262144 bytes are kept");
    bide__sys.pwrite = real_pwrite;
    place_holds("a.part", large, 300000);
    d.asked[0] = '\0';
    check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
    CHECK_STR(d.asked, "300000 ");
    free(large);
}

DOWNLOAD_TEST(a_place_beyond_4_gib_is_told_in_full)
{
    struct depot d = depot_of(RANGES);
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    begin(&d, session, 1000);
    place_put_text("a.part.from", "");
    char from[200];
    snprintf(from, sizeof from, "%s\n\"one\"\n-\n", d.stand.url);
    place_put_text("a.part.from", from);
    CHECK_EQ(truncate("a.part", 5368709120), 0);
    check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
    CHECK_STR(d.asked, "5368709120 - ");
}

struct job { bide_session *session; const char *url; int64_t rc; };

static int download_job(void *arg)
{
    struct job *job = arg;
    job->rc = bide_download(job->session, job->url, "a", .resume = true);
    return job->rc < 0 ? (int)job->rc : 0;
}

static int stall_talk(bide_stream *s, struct stand *stand)
{
    if (stand_read(s, stand) <= 0)
        return 0;
    int rc = bide_printf(s, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nETag: \"one\"\r\n\r\n");
    if (rc == 0)
        rc = bide_write(s, data, 700);
    return rc < 0 ? rc : bide_sleep(1000);
}

DOWNLOAD_TEST(a_cancelled_download_keeps_what_has_come)
{
    struct depot d = depot_of(RANGES);
    d.stand.talk = stall_talk;
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    struct job job = { session, d.stand.url, 0 };
    {
        BIDE_GROUP(group);
        bide_spawn(group, download_job, &job);
        CHECK_EQ(bide_sleep(30), 0);
        CHECK_EQ(bide_download(session, d.stand.url, "a", .resume = true), BIDE_EBUSY);
        bide_group_cancel(group);
    }
    CHECK_EQ(job.rc, BIDE_ECANCELED);
    check_part(700);
    d.stand.talk = depot_talk;
    check_whole(&d, bide_download(session, d.stand.url, "a", .resume = true));
    CHECK_STR(d.asked, "700 ");
}

DOWNLOAD_TEST(a_server_that_stalls_is_left_in_time)
{
    struct depot d = depot_of(RANGES);
    d.stand.talk = stall_talk;
    STAND(&d.stand);
    bide_auto(session) session = bide_session_open();
    double start = bide_now();
    CHECK_EQ(bide_download(session, d.stand.url, "a"), BIDE_ETIMEDOUT);
    CHECK_NEAR(bide_now() - start, 60, 1);
    start = bide_now();
    CHECK_EQ(bide_download(session, d.stand.url, "a", .idle = 5), BIDE_ETIMEDOUT);
    CHECK_NEAR(bide_now() - start, 5, 1);
    start = bide_now();
    CHECK_EQ(bide_download(session, d.stand.url, "a", .timeout = 2), BIDE_ETIMEDOUT);
    CHECK_NEAR(bide_now() - start, 2, 1);
    CHECK_HAS(bide_errmsg(), "download a: ");
    CHECK_EQ(place_count("."), 0);
}

/* ---- misuse ---- */

DOWNLOAD_TEST(bad_options_are_refused)
{
    bide_auto(session) session = bide_session_open();
    const char *url = "http://127.0.0.1:1/";
    CHECK_EQ(bide_download(session, NULL, "a"), BIDE_EINVAL);
    CHECK_EQ(bide_download(session, url, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_download(session, url, ""), BIDE_EINVAL);
    CHECK_EQ(bide_download(session, url, "a", .retries = -1), BIDE_EINVAL);
    CHECK_EQ(bide_download(session, url, "a", .timeout = -1), BIDE_EINVAL);
    CHECK_EQ(bide_download(session, url, "none/a"), -ENOENT);
    CHECK_EQ(bide_download(session, url, "a"), -ECONNREFUSED);
    CHECK_EQ(bide_download(session, "http://x\n/", "a"), BIDE_EURL);
    CHECK_EQ(place_count("."), 0);
    bide_fail(-EPROTO, "before");
    CHECK_EQ(bide_download(NULL, url, "a"), -EPROTO);
}
