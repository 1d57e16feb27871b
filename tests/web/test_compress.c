/* Answers that are compressed as they are made. */
#include "web/files.h"
#include "web/site.h"

#include "http/coding.h"

#define TEXT "the same words again and again, "

/* ?size=BYTES&type=TYPE&status=STATUS, and headers by ?header=NAME&value=VALUE */
static int whole(bide_request *req)
{
    const char *size = bide_request_query(req, "size"), *type = bide_request_query(req, "type");
    const char *status = bide_request_query(req, "status");
    const char *header = bide_request_query(req, "header");
    size_t count = size ? (size_t)atoi(size) : 4000;
    char *text = bide_request_alloc(req, count + 1);
    for (size_t i = 0; i < count; i++)
        text[i] = TEXT[i % (sizeof TEXT - 1)];
    if (header && bide_respond_header(req, header, bide_request_query(req, "value")) < 0)
        return bide_errcode();
    return bide_respond(req, status ? atoi(status) : 200, type ? type : "text/plain", text, count);
}

static int smaller(bide_request *req)
{
    CHECK_EQ(bide_respond_compress(req, .min_size = 1, .level = 9), 0);
    int rc = whole(req);
    CHECK_EQ(bide_respond_compress(req), BIDE_EINVAL);
    return rc;
}

static bool likes_pictures(const char *type)
{
    return strncmp(type, "image/", 6) == 0;
}

static int pictures(bide_request *req)
{
    CHECK_EQ(bide_respond_compress(req, .wanted = likes_pictures), 0);
    return whole(req);
}

/* Three pieces, a second apart; each must arrive before the next is made. */
static int pieces(bide_request *req)
{
    CHECK_EQ(bide_respond_header(req, "Content-Type", "text/plain"), 0);
    if (bide_request_query(req, "length"))
        CHECK_EQ(bide_respond_header(req, "Content-Length", "4096"), 0);
    for (int i = 0; i < 128; i++) {
        int rc = bide_respond_write(req, TEXT, sizeof TEXT - 1);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int slowly(bide_request *req)
{
    CHECK_EQ(bide_respond_header(req, "Content-Type", "text/plain"), 0);
    for (int i = 0; i < 3; i++) {
        int rc = bide_respond_printf(req, "line %d\n", i);
        if (rc == 0)
            rc = bide_respond_flush(req);
        if (rc == 0)
            rc = bide_sleep(1);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int file(bide_request *req)
{
    return bide_respond_file(req, in_place(bide_request_param(req, "name")),
                             .precompressed = true);
}

/* ---- whether others run between the handler and the end of the request ---- */

static bide_group *others;
static bool began, ran, ran_before_end;

static int run(void *unused)
{
    (void)unused;
    ran = true;
    return 0;
}

static void note_end(void *unused)
{
    (void)unused;
    ran_before_end = ran;
}

static int with_another(bide_request *req)
{
    began = true;
    ran = ran_before_end = false;
    CHECK_EQ(bide_request_set(req, &others, &ran, note_end), 0);
    CHECK_EQ(bide_respond_compress(req), 0);
    bide_spawn(others, run, NULL);
    return whole(req);
}

static int with_another_then_fail(bide_request *req)
{
    int rc = with_another(req);
    return rc < 0 ? rc : bide_fail(-7, "too late to matter");
}

static bool ran_before_written;

/* All in one piece. */
static int at_once(bide_request *req)
{
    size_t count = (size_t)atoi(bide_request_query(req, "size"));
    char *text = bide_request_alloc(req, count);
    for (size_t i = 0; i < count; i++)
        text[i] = TEXT[i % (sizeof TEXT - 1)];
    CHECK_EQ(bide_respond_header(req, "Content-Type", "text/plain"), 0);
    ran = false;
    bide_spawn(others, run, NULL);
    int rc = bide_respond_write(req, text, count);
    ran_before_written = ran;
    return rc;
}

static int page(bide_request *req, int status, const char *why)
{
    (void)why;
    CHECK_EQ(bide_respond_compress(req), 0);
    return status == 404 ? whole(req) : bide_respond_status(req, status);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL), *all = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/whole", whole), 0);
    CHECK_EQ(bide_route(app, "GET", "/smaller", smaller), 0);
    CHECK_EQ(bide_route(app, "GET", "/pictures", pictures), 0);
    CHECK_EQ(bide_route(app, "GET", "/another", with_another), 0);
    CHECK_EQ(bide_route(app, "GET", "/failing", with_another_then_fail), 0);
    CHECK_EQ(bide_app_on_error(app, page), 0);
    CHECK_EQ(bide_use_compress(all), 0);
    CHECK_EQ(bide_route(all, "GET", "/whole", whole), 0);
    CHECK_EQ(bide_route(all, "GET", "/another", with_another), 0);
    CHECK_EQ(bide_route(all, "GET", "/blocking", whole, .blocking = true), 0);
    CHECK_EQ(bide_route(all, "GET", "/pieces", pieces), 0);
    CHECK_EQ(bide_route(all, "GET", "/slowly", slowly), 0);
    CHECK_EQ(bide_route(all, "GET", "/at-once", at_once), 0);
    CHECK_EQ(bide_route(all, "GET", "/file/{name}", file), 0);
    CHECK_EQ(bide_mount(app, "/all", all, NULL), 0);
    return app;
}

static char out[400000], decoded[400000];
static size_t got;

/* Asks, as HTTP/1.0 so that the body comes as it is, and decodes it by the coding it tells. */
static const char *ask(const struct site *site, const char *path, const char *accept)
{
    char request[1000];
    snprintf(request, sizeof request, "GET %s HTTP/1.0\r\n%s%s\r\n", path, accept,
             *accept ? "\r\n" : "");
    bide_auto(stream) s = bide_connect(site->address);
    CHECK_EQ(bide_write(s, request, strlen(request)), 0);
    got = 0;
    for (ssize_t n; (n = bide_read(s, out + got, sizeof out - 1 - got)) > 0;)
        got += (size_t)n;
    out[got] = '\0';
    return out;
}

static void decode(const char *name)
{
    const char *in = strstr(out, "\r\n\r\n") + 4, *why = NULL;
    size_t size = got - (size_t)(in - out), made = sizeof decoded - 1;
    struct coding *coding;
    CHECK_EQ(bide__coding_open(&coding, text_from(name), NULL, &why), 0);
    CHECK_EQ(bide__coding_run(coding, &in, &size, decoded, &made, true), 1);
    bide__coding_free(coding);
    decoded[made] = '\0';
}

static void check_decoded(const char *coding, size_t size)
{
    char header[64];
    snprintf(header, sizeof header, "\r\nContent-Encoding: %s\r\n", coding);
    CHECK_HAS(out, header);
    decode(coding);
    CHECK_EQ(strlen(decoded), size);
    for (size_t i = 0; i < size; i++)
        CHECK_EQ(decoded[i], TEXT[i % (sizeof TEXT - 1)]);
}

static void check_plain(void)
{
    CHECK(!strstr(out, "Content-Encoding: gzip"));
    CHECK_HAS(out, TEXT);
}

TASK_TEST(an_answer_is_as_small_as_the_client_accepts)
{
    static const char *const codings[] = { "gzip", "deflate", "zstd" };
    struct site site = { 0 };
    SITE(&site);
    for (int i = 0; i < 3; i++) {
        char accept[64];
        snprintf(accept, sizeof accept, "Accept-Encoding: %s", codings[i]);
        ask(&site, "/all/whole", accept);
        check_decoded(codings[i], 4000);
        CHECK_HAS(out, "\r\nVary: Accept-Encoding\r\n");
        CHECK(got < 600);
        ask(&site, "/all/pieces", accept);
        check_decoded(codings[i], 4096);
        ask(&site, "/all/pieces?length", accept);
        check_decoded(codings[i], 4096);
        CHECK(!strstr(out, "Content-Length"));
    }
    ask(&site, "/all/whole", "Accept-Encoding: gzip;q=0.5, deflate;q=0.8");
    check_decoded("deflate", 4000);
    ask(&site, "/all/whole", "Accept-Encoding: gzip, deflate, br, zstd");
    check_decoded("zstd", 4000);
}

TASK_TEST(who_does_not_ask_gets_it_plain_and_is_told_that_it_varies)
{
    struct site site = { 0 };
    SITE(&site);
    ask(&site, "/all/whole", "");
    check_plain();
    CHECK_HAS(out, "\r\nVary: Accept-Encoding\r\n");
    ask(&site, "/all/whole", "Accept-Encoding: br");
    check_plain();
    ask(&site, "/all/whole", "Accept-Encoding: gzip;q=0");
    check_plain();
    ask(&site, "/whole", "Accept-Encoding: gzip");      /* nobody wanted it there */
    check_plain();
    CHECK(!strstr(out, "Vary"));
}

TASK_TEST(what_would_not_gain_is_left_alone)
{
    static const char *const queries[] = {
        "size=1023", "type=image/png", "type=text/event-stream", "type=application/octet-stream",
        "status=206", "header=Content-Encoding&value=x-mine", "header=Content-Range&value=bytes",
        "header=Cache-Control&value=max-age=5,+no-transform",
    };
    struct site site = { 0 };
    SITE(&site);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        char path[200];
        snprintf(path, sizeof path, "/all/whole?%s", queries[i]);
        ask(&site, path, "Accept-Encoding: gzip");
        check_plain();
    }
    ask(&site, "/all/whole?size=1024", "Accept-Encoding: gzip");
    check_decoded("gzip", 1024);
    ask(&site, "/all/whole?size=0&status=304", "Accept-Encoding: gzip");
    CHECK(!strstr(out, "Content-Encoding"));
}

TASK_TEST(one_answer_can_be_compressed_by_its_own_rules)
{
    struct site site = { 0 };
    SITE(&site);
    ask(&site, "/smaller?size=10", "Accept-Encoding: gzip");
    check_decoded("gzip", 10);
    ask(&site, "/pictures?type=image/png", "Accept-Encoding: gzip");
    check_decoded("gzip", 4000);
    ask(&site, "/pictures", "Accept-Encoding: gzip");
    check_plain();
}

TASK_TEST(tags_become_weak_and_vary_is_told_once)
{
    struct site site = { 0 };
    SITE(&site);
    ask(&site, "/all/whole?header=ETag&value=%22x%22", "Accept-Encoding: gzip");
    check_decoded("gzip", 4000);
    CHECK_HAS(out, "\r\nETag: W/\"x\"\r\n");
    ask(&site, "/all/whole?header=ETag&value=W/%22x%22", "Accept-Encoding: gzip");
    CHECK_HAS(out, "\r\nETag: W/\"x\"\r\n");
    ask(&site, "/all/whole?header=Vary&value=Accept,+accept-encoding", "Accept-Encoding: gzip");
    CHECK(!strstr(out, "Vary: Accept-Encoding"));
}

TASK_TEST(what_is_flushed_arrives)
{
    struct site site = { 0 };
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    char url[100];
    snprintf(url, sizeof url, "http://%s/all/slowly", site.address);
    double start = bide_now();
    bide_auto(response) r = bide_get(session, url);
    CHECK_STR(bide_response_header(r, "Content-Encoding") ? "coded" : "plain", "coded");
    for (int i = 0; i < 3; i++) {
        char piece[8];
        CHECK_EQ(bide_response_read(r, piece, 7), 7);
        CHECK_NEAR(bide_now() - start, i, 0.2);
        piece[7] = '\0';
        char expected[8];
        snprintf(expected, sizeof expected, "line %d\n", i);
        CHECK_STR(piece, expected);
    }
}

TASK_TEST(files_are_compressed_too_but_not_parts_of_them)
{
    struct site site = { 0 };
    char *text = malloc(200001);
    for (size_t i = 0; i < 200000; i++)
        text[i] = TEXT[i % (sizeof TEXT - 1)];
    make_place();
    put_sized("small.txt", text, 5000);
    put_sized("large.txt", text, 200000);
    put_sized("large.png", text, 200000);
    put_text("coded.txt.gz", "not really");
    put_sized("coded.txt", text, 5000);
    free(text);
    SITE(&site);
    ask(&site, "/all/file/small.txt", "Accept-Encoding: gzip");
    check_decoded("gzip", 5000);
    CHECK_HAS(out, "\r\nETag: W/\"");
    ask(&site, "/all/file/large.txt", "Accept-Encoding: gzip");
    check_decoded("gzip", 200000);
    CHECK(!strstr(out, "Content-Length"));
    ask(&site, "/all/file/large.png", "Accept-Encoding: gzip");
    check_plain();
    CHECK_HAS(out, "\r\nContent-Length: 200000\r\n");
    ask(&site, "/all/file/large.txt", "Accept-Encoding: gzip\r\nRange: bytes=0-99");
    CHECK(begins(out, "HTTP/1.1 206 "));
    check_plain();
    ask(&site, "/all/file/coded.txt", "Accept-Encoding: gzip");
    CHECK_HAS(out, "\r\n\r\nnot really");
    end_place();
}

TASK_TEST(a_long_answer_is_compressed_beside_the_loop)
{
    static const char *const paths[] = { "", "/all" };
    struct site site = { 0 };
    BIDE_GROUP(group);
    others = group;
    SITE(&site);
    for (int i = 0; i < 2; i++) {
        char path[100];
        snprintf(path, sizeof path, "%s/another?size=32768", paths[i]);
        ask(&site, path, "Accept-Encoding: gzip");
        check_decoded("gzip", 32768);
        CHECK(!ran_before_end);
        snprintf(path, sizeof path, "%s/another?size=300000", paths[i]);
        ask(&site, path, "Accept-Encoding: gzip");
        check_decoded("gzip", 300000);
        CHECK(ran_before_end);
        ask(&site, path, "");
        check_plain();
        CHECK(!ran_before_end);
        ask(&site, path, "Accept-Encoding: zstd");
        check_decoded("zstd", 300000);
    }
    ask(&site, "/all/blocking?size=300000", "Accept-Encoding: gzip");
    check_decoded("gzip", 300000);
    CHECK_EQ(bide_group_wait(group), 0);
}

TASK_TEST(a_long_piece_of_an_answer_is_compressed_beside_the_loop)
{
    struct site site = { 0 };
    BIDE_GROUP(group);
    others = group;
    SITE(&site);
    ask(&site, "/all/at-once?size=20000", "Accept-Encoding: gzip");
    check_decoded("gzip", 20000);
    CHECK(!ran_before_written);
    ask(&site, "/all/at-once?size=300000", "Accept-Encoding: gzip");
    check_decoded("gzip", 300000);
    CHECK(ran_before_written);
    CHECK_EQ(bide_group_wait(group), 0);
}

TASK_TEST(a_long_answer_stands_though_its_handler_failed_and_pages_may_be_long)
{
    struct site site = { 0 };
    BIDE_GROUP(group);
    others = group;
    SITE(&site);
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    ask(&site, "/failing?size=300000", "Accept-Encoding: gzip");
    check_decoded("gzip", 300000);
    ask(&site, "/none?size=300000&status=404", "Accept-Encoding: gzip");
    CHECK(begins(out, "HTTP/1.1 404 "));
    check_decoded("gzip", 300000);
    CHECK_EQ(bide_group_wait(group), 0);
}

TASK_TEST(who_is_cancelled_while_its_answer_is_compressed_ends)
{
    BIDE_GROUP(group);
    others = group;
    began = false;
    struct site site = { .opts = { .grace = 0.001 } };
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_printf(s, "GET /another?size=8000000" H "Accept-Encoding: gzip\r\n\r\n"), 0);
    while (!began)
        CHECK_EQ(bide_yield(), 0);
    bide_cancel(site_task);
    CHECK_EQ(bide_join(site_task), 0);
}
