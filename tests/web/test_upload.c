/* Bodies of several parts, read while they come. */
#include "web/asked.h"

#define MIXED "multipart/mixed; boundary=\"a b\""
#define BOUNDARY "--a b\r\n"
#define END "--a b--\r\n"

static struct bide_upload_opts limits;

static bide_upload *begin(bide_request *req)
{
    limits.abi_ = sizeof limits;
    return bide_request_multipart_opts(req, &limits);
}

/* Reads the parts in small pieces; of every third one only the beginning. */
static int tell(bide_request *req)
{
    char out[2000] = "", piece[4];
    size_t at = 0;
    struct bide_upload_part part;
    bide_upload *up = begin(req);
    int rc, count = 0;
    while ((rc = bide_upload_next(up, &part)) > 0) {
        at += (size_t)snprintf(out + at, sizeof out - at, "%s,%s,%s:", part.name,
                               part.filename ? part.filename : "-", part.type);
        ssize_t n;
        do {
            n = bide_upload_read(up, piece, sizeof piece);
            if (n < 0)
                return (int)n;
            at += (size_t)snprintf(out + at, sizeof out - at, "%.*s", (int)n, piece);
        } while (n > 0 && ++count % 3 > 0);
        at += (size_t)snprintf(out + at, sizeof out - at, ";");
    }
    if (rc == 0 && up) {
        CHECK_EQ(bide_upload_next(up, &part), 0);
        CHECK_EQ(bide_upload_read(up, piece, sizeof piece), 0);
    }
    return rc < 0 ? rc : bide_respond_text(req, 200, "[%s]", out);
}

TASK_TEST(parts_come_one_after_the_other)
{
    static const char body[] = "before\r\n" BOUNDARY "Content-Type: text/css\r\n\r\n1234567890\r\n"
        BOUNDARY "Content-Disposition: attachment; filename*=UTF-8''n%c3%a4h.txt\r\n\r\nabc\r\n"
        BOUNDARY "\r\n--a\r\n" END "behind\r\n" BOUNDARY;
    for (size_t step = 1; step < 30; step += 7) {
        post_sized(tell, MIXED, "", body, sizeof body - 1, step);
        CHECK_ANSWER(200, "[,-,text/css:1234567890;"
                     ",n\xc3\xa4h.txt,application/octet-stream:abc;,-,text/plain:--a;]");
    }
}

TASK_TEST(what_has_no_parts_is_refused)
{
    post(tell, "text/plain; boundary=x", "", "--x--");
    CHECK_ANSWER(415, "boundary");
    post(tell, "multipart/mixed", "", "--x--");
    CHECK_ANSWER(415, "boundary");
    post(tell, MIXED, "", BOUNDARY "\r\nabc");
    CHECK_ANSWER(400, "cut short");
}

TASK_TEST(each_limit_of_an_upload_holds)
{
    static const struct { struct bide_upload_opts opts; const char *good, *bad; } cases[] = {
        { { .parts_max = 1 }, BOUNDARY "\r\n\r\n" END,
          BOUNDARY "\r\n\r\n" BOUNDARY "\r\n\r\n" END },
        { { .headers_max = 10 }, BOUNDARY "A: b\r\n\r\n\r\n" END,
          BOUNDARY "A: bcdefg\r\n\r\n\r\n" END },
        { { .part_max = 3 }, BOUNDARY "\r\nabc\r\n" END, BOUNDARY "\r\nabcd\r\n" END },
        { { .size_max = 24 }, BOUNDARY "\r\nabcd\r\n" END, BOUNDARY "\r\nabcde\r\n" END },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        limits = cases[i].opts;
        post(tell, MIXED, "", cases[i].good);
        CHECK_ANSWER(200, "");
        post(tell, MIXED, "", cases[i].bad);
        CHECK_ANSWER(413, "limit");
    }
}

/* ---- a part whole ---- */

static char path[200];

static int take_whole(bide_request *req)
{
    struct bide_upload_part part;
    char first[2];
    size_t size;
    bide_upload *up = begin(req);
    if (bide_upload_next(up, &part) <= 0 || bide_upload_read(up, first, 1) <= 0)
        return bide_errcode();
    const char *text = bide_upload_text(up, 4, &size);
    if (!text || bide_upload_next(up, &part) <= 0)
        return bide_errcode();
    int64_t saved = bide_upload_save(up, path, 5);
    if (saved < 0)
        return bide_respond_text(req, 200, "[%s]", bide_strerror((int)saved));
    bide_auto(bytes) all = bide_file_load(path);
    return all ? bide_respond_text(req, 200, "[%lld,%s]", (long long)saved, all->data)
               : bide_errcode();
}

TASK_TEST(a_part_is_a_text_or_a_file)
{
    bide_auto(temp_dir) dir = bide_temp_dir_open();
    struct stat st;
    CHECK(dir != NULL);
    snprintf(path, sizeof path, "%s/x", bide_temp_dir_path(dir));
    post(take_whole, MIXED, "", BOUNDARY "\r\nabcde\r\n" BOUNDARY "\r\n123456\r\n" END);
    CHECK_ANSWER(200, "[a limit was exceeded]");
    CHECK_EQ(bide_stat(path, &st), -ENOENT);
    post(take_whole, MIXED, "", BOUNDARY "\r\nabcde\r\n" BOUNDARY "\r\n12345\r\n" END);
    CHECK_ANSWER(200, "[5,12345]");
    post(take_whole, MIXED, "", BOUNDARY "\r\nabcde\r\n" BOUNDARY "\r\n12345\r\n" END);
    CHECK_ANSWER(200, "[File exists]");
    post(take_whole, MIXED, "", BOUNDARY "\r\nabcdef\r\n" BOUNDARY "\r\n12345\r\n" END);
    CHECK_ANSWER(413, "larger than 4 bytes");
    post(take_whole, MIXED, "", BOUNDARY "\r\na\xff\r\n" BOUNDARY "\r\n12345\r\n" END);
    CHECK_ANSWER(400, "not in utf-8");
    CHECK_EQ(bide_temp_dir_remove(dir), 0);
}

/* Saves what is behind the first byte. */
static int save_rest(bide_request *req)
{
    struct bide_upload_part part;
    char first[2];
    bide_upload *up = begin(req);
    if (bide_upload_next(up, &part) <= 0 || bide_upload_read(up, first, 1) <= 0)
        return bide_errcode();
    int64_t size = bide_upload_save(up, path, BIDE_UNLIMITED);
    bide_auto(bytes) all = bide_file_load(path);
    return all ? bide_respond_text(req, 200, "[%lld,%s]", (long long)size, all->data)
               : bide_errcode();
}

TASK_TEST(a_part_that_was_begun_is_saved_from_there)
{
    bide_auto(temp_dir) dir = bide_temp_dir_open();
    CHECK(dir != NULL);
    snprintf(path, sizeof path, "%s/x", bide_temp_dir_path(dir));
    post(save_rest, MIXED, "", BOUNDARY "\r\n12345\r\n" END);
    CHECK_ANSWER(200, "[4,2345]");
    CHECK_EQ(bide_temp_dir_remove(dir), 0);
}

/* ---- faults ---- */

static int ask_all(void *unused)
{
    static const char body[] = BOUNDARY "A: b\r\n\r\nabc\r\n" BOUNDARY "\r\nabc\r\n" END;
    (void)unused;
    return try_posting(tell, MIXED, "", body, sizeof body - 1, 9);
}

TEST(every_allocation_and_wait_may_fail)
{
    check_faults(ask_all, 20);
}

TASK_TEST(a_client_that_leaves_midway_is_no_harm)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    static const char text[] = "POST /" H "Content-Type: " MIXED "\r\nContent-Length: 100\r\n\r\n"
        BOUNDARY "\r\nabc";
    ask(tell, text);
    CHECK(asked_answer[0] == '\0' ||
          strstr(asked_answer, " 408 ") || strstr(asked_answer, " 400 "));
}
