/* Lines of access logs: as others write them, and never more than one. */
#include "test.h"

#include "base/memory.h"
#include "http/heap_writer.h"
#include "web/access_line.h"

#include <bide/json.h>
#include <string.h>

static struct access usual(void)
{
    return (struct access){
        .second = 971211336, .millisecond = 7, .remote = text_from("192.0.2.1"),
        .method = text_from("GET"), .target = text_from("/apache_pb.gif?x=1"),
        .version = text_from("HTTP/1.0"), .status = 200, .bytes = 2326, .seconds = 0.0123456,
        .referer = text_from("http://www.example.com/start.html"),
        .agent = text_from("Mozilla/4.08 [en] (Win98; I ;Nav)"), .host = text_from("example.com"),
        .scheme = text_from("http"), .route = text_from("/{file}"), .id = text_from("abc"),
    };
}

static const char *line(int form, const struct access *access)
{
    static char out[8000];
    struct writer w = bide__heap_writer();
    bide__access_write(&w, form, access);
    CHECK_EQ(w.code, 0);
    CHECK(w.size < sizeof out && !memchr(w.at, '\n', w.size) && !memchr(w.at, '\r', w.size));
    memcpy(out, w.at, w.size);
    out[w.size] = '\0';
    bide__free(w.at);
    return out;
}

TEST(common_and_combined_lines_are_as_other_servers_write_them)
{
    struct access a = usual();
    CHECK_STR(line(BIDE_LOG_COMMON, &a), "192.0.2.1 - - [10/Oct/2000:20:55:36 +0000] "
              "\"GET /apache_pb.gif?x=1 HTTP/1.0\" 200 2326");
    CHECK_STR(line(BIDE_LOG_COMBINED, &a), "192.0.2.1 - - [10/Oct/2000:20:55:36 +0000] "
              "\"GET /apache_pb.gif?x=1 HTTP/1.0\" 200 2326 \"http://www.example.com/start.html\" "
              "\"Mozilla/4.08 [en] (Win98; I ;Nav)\"");
}

TEST(a_line_of_json_is_a_document)
{
    struct access a = usual();
    const char *text = line(BIDE_LOG_JSON, &a);
    CHECK_STR(text, "{\"time\":\"2000-10-10T20:55:36.007Z\",\"remote\":\"192.0.2.1\","
              "\"method\":\"GET\",\"target\":\"/apache_pb.gif?x=1\",\"version\":\"HTTP/1.0\","
              "\"scheme\":\"http\",\"host\":\"example.com\",\"route\":\"/{file}\",\"status\":200,"
              "\"bytes\":2326,\"seconds\":0.012346,\"id\":\"abc\","
              "\"referer\":\"http://www.example.com/start.html\","
              "\"agent\":\"Mozilla/4.08 [en] (Win98; I ;Nav)\"}");
    bide_auto(json) j = bide_json_parse(text, strlen(text));
    CHECK(j != NULL);
}

TEST(what_is_not_known_is_a_dash_or_left_out)
{
    struct access a = { .status = 400 };
    CHECK_STR(line(BIDE_LOG_COMBINED, &a),
              "- - - [01/Jan/1970:00:00:00 +0000] \"-\" 400 - \"-\" \"-\"");
    CHECK_STR(line(BIDE_LOG_JSON, &a), "{\"time\":\"1970-01-01T00:00:00.000Z\",\"status\":400,"
              "\"bytes\":0,\"seconds\":0.000000}");
}

TEST(no_bytes_of_a_client_end_a_line_or_a_quotation)
{
    char hostile[256];
    struct access a = usual();
    for (int i = 0; i < 256; i++)
        hostile[i] = (char)i;
    a.agent = a.referer = a.target = text_of(hostile, sizeof hostile);
    const char *text = line(BIDE_LOG_COMBINED, &a);
    size_t quotes = 0;
    for (const char *at = text; *at; at++) {
        CHECK((unsigned char)*at >= ' ' && (unsigned char)*at < 0x7f);
        quotes += *at == '"';
    }
    CHECK_EQ(quotes, 6);
    CHECK_HAS(text, "\\x0A");
    CHECK_HAS(text, "\\x22");
    CHECK_HAS(text, "\\x5C");
    text = line(BIDE_LOG_JSON, &a);
    bide_auto(json) j = bide_json_parse(text, strlen(text));
    CHECK(j != NULL);
}

TEST(what_is_utf_8_stays_so_in_json_and_the_rest_is_latin_1)
{
    struct access a = { .agent = text_from("\xc3\xbc \xfc \xc3") };
    CHECK_HAS(line(BIDE_LOG_JSON, &a), "\"agent\":\"\xc3\xbc \\u00fc \\u00c3\"}");
}
