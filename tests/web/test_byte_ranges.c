/* Parts of files, over real sockets (RFC 9110, section 14). */
#include "web/files.h"
#include "web/site.h"

static int letters(bide_request *req)
{
    return bide_respond_file(req, in_place("letters.txt"));
}

static int large(bide_request *req)
{
    return bide_respond_file(req, in_place("large.bin"));
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/letters", letters), 0);
    CHECK_EQ(bide_route(app, "GET", "/large", large), 0);
    return app;
}

enum { LARGE = 300000 };

static char out[LARGE + 4000];

/* Asks for a path with a header, which may be "". */
static const char *ask(const struct site *site, const char *path, const char *header)
{
    char request[1000];
    snprintf(request, sizeof request, "GET %s" H "%s%s\r\n", path, header, *header ? "\r\n" : "");
    exchange(site, request, false, out, sizeof out);
    return out;
}

static void make_files(void)
{
    make_place();
    put_large("letters.txt", 1000);
    put_large("large.bin", LARGE);
    put_text("empty", "");
}

static void check_letters(size_t from, size_t count)
{
    char text[1001];
    CHECK(count < sizeof text);
    for (size_t i = 0; i < count; i++)
        text[i] = letter(from + i);
    text[count] = '\0';
    check_body(out, text);
}

TASK_TEST(a_part_says_which_one_it_is)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "/letters", "Range: bytes=100-149");
    CHECK(begins(out, "HTTP/1.1 206 Partial Content\r\n"));
    CHECK_HAS(out, "\r\nContent-Range: bytes 100-149/1000\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 50\r\n");
    CHECK_HAS(out, "\r\nContent-Type: text/plain; charset=utf-8\r\n");
    CHECK_HAS(out, "\r\nETag: \"");
    check_letters(100, 50);
    ask(&site, "/letters", "Range: bytes=-5");
    CHECK_HAS(out, "\r\nContent-Range: bytes 995-999/1000\r\n");
    check_letters(995, 5);
    ask(&site, "/letters", "Range: bytes=990-5000");
    CHECK_HAS(out, "\r\nContent-Range: bytes 990-999/1000\r\n");
    ask(&site, "/large", "Range: bytes=299990-");
    CHECK_HAS(out, "\r\nContent-Range: bytes 299990-299999/300000\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 10\r\n");
    check_letters(299990, 10);
    end_place();
}

TASK_TEST(several_parts_have_heads_of_their_own)
{
    static const char *const paths[] = { "/letters", "/large" };
    static const char *const types[] = { "text/plain; charset=utf-8", "application/octet-stream" };
    struct site site = { 0 };
    make_files();
    SITE(&site);
    for (int i = 0; i < 2; i++) {
        char boundary[17], expected[1000];
        ask(&site, paths[i], "Range: bytes=0-2, 500-504, -1");
        CHECK(begins(out, "HTTP/1.1 206 Partial Content\r\n"));
        static const char type[] = "\r\nContent-Type: multipart/byteranges; boundary=";
        const char *at = strstr(out, type);
        CHECK(at != NULL);
        snprintf(boundary, sizeof boundary, "%s", at + strlen(type));
        int size = i ? LARGE : 1000;
        snprintf(expected, sizeof expected,
                 "--%s\r\nContent-Type: %s\r\nContent-Range: bytes 0-2/%d\r\n\r\nabc\r\n"
                 "--%s\r\nContent-Type: %s\r\nContent-Range: bytes 500-504/%d\r\n\r\n"
                 "%c%c%c%c%c\r\n"
                 "--%s\r\nContent-Type: %s\r\nContent-Range: bytes %d-%d/%d\r\n\r\n%c\r\n"
                 "--%s--\r\n", boundary, types[i], size, boundary, types[i], size, letter(500),
                 letter(501), letter(502), letter(503), letter(504), boundary, types[i], size - 1,
                 size - 1, size, letter((size_t)size - 1), boundary);
        check_body(out, expected);
        char length[100];
        snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", strlen(expected));
        CHECK_HAS(out, length);
    }
    end_place();
}

TASK_TEST(what_is_not_there_cannot_be_sent)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "/letters", "Range: bytes=1000-");
    CHECK(begins(out, "HTTP/1.1 416 "));
    CHECK_HAS(out, "\r\nContent-Range: bytes */1000\r\n");
    CHECK(!strstr(out, "abcde"));
    end_place();
}

TASK_TEST(a_range_that_does_not_count_gets_the_whole)
{
    static const char *const headers[] = {
        "", "Range: bytes=x", "Range: lines=1-2", "Range: bytes=5-1",
        "Range: bytes=0-9\r\nIf-Range: \"other\"",
        "Range: bytes=0-9\r\nIf-Range: Sun, 06 Nov 1994 08:49:38 GMT",
    };
    struct site site = { 0 };
    make_files();
    SITE(&site);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        ask(&site, "/letters", headers[i]);
        CHECK(begins(out, "HTTP/1.1 200 OK\r\n"));
        check_letters(0, 1000);
    }
    exchange(&site, "HEAD /letters" H "Range: bytes=0-9\r\n\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 200 OK\r\n"));
    end_place();
}

TASK_TEST(nobody_gets_more_than_so_many_parts)
{
    struct site site = { 0 };
    char header[1000] = "Range: bytes=0-0";
    make_files();
    SITE(&site);
    for (int i = 1; i < 16; i++)
        sprintf(header + strlen(header), ",%d-%d", 1000 * i, 1000 * i);
    ask(&site, "/large", header);
    CHECK(begins(out, "HTTP/1.1 206 "));
    strcat(header, ",20000-20000");
    ask(&site, "/large", header);
    CHECK(begins(out, "HTTP/1.1 200 OK\r\n"));
    strcpy(header, "Range: bytes=0-");
    for (int i = 0; i < 100; i++)
        strcat(header, ",0-");
    ask(&site, "/letters", header);
    CHECK(begins(out, "HTTP/1.1 206 "));
    check_letters(0, 1000);
    end_place();
}

TASK_TEST(a_part_of_exactly_what_the_client_has_is_sent)
{
    struct site site = { 0 };
    char header[200], etag[64];
    make_files();
    SITE(&site);
    ask(&site, "/letters", "");
    snprintf(etag, sizeof etag, "%.*s", (int)strcspn(strstr(out, "ETag: ") + 6, "\r"),
             strstr(out, "ETag: ") + 6);
    snprintf(header, sizeof header, "Range: bytes=0-9\r\nIf-Range: %s", etag);
    ask(&site, "/letters", header);
    CHECK(begins(out, "HTTP/1.1 206 "));
    ask(&site, "/letters", "Range: bytes=0-9\r\nIf-Range: " OLD_DATE);
    CHECK(begins(out, "HTTP/1.1 206 "));
    end_place();
}
