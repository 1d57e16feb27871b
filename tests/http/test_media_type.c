/* What a name says about a file. */
#include "test.h"

#include "http/media_type.h"

#include <stdio.h>
#include <string.h>

TEST(the_last_ending_decides_in_any_case)
{
    CHECK_STR(bide__media_type("a.html"), "text/html");
    CHECK_STR(bide__media_type("A.HTML"), "text/html");
    CHECK_STR(bide__media_type("x.y/app.min.js"), "text/javascript");
    CHECK_STR(bide__media_type("a.tar.gz"), "application/gzip");
    CHECK_STR(bide__media_type("a.3g2"), "video/3gpp2");
    CHECK_STR(bide__media_type("a.zst"), "application/zstd");
    CHECK_STR(bide__media_type("a.z"), "application/x-compress");
    CHECK_STR(bide__media_type("a.7z"), "application/x-7z-compressed");
}

TEST(an_unknown_ending_is_bytes)
{
    static const char *const names[] = { "", "a", "a.", ".", "html", "a.html/b", "a.ht" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_STR(bide__media_type(names[i]), "application/octet-stream");
}

/* The table is searched by halves: one that stands wrongly would not be found. */
TEST(every_ending_that_pages_need_is_found)
{
    static const char *const endings[] = {
        "aac", "apng", "avif", "css", "csv", "cjs", "eot", "flac", "geojson", "gif", "glb", "htm",
        "ico", "ics", "jpe", "jpeg", "jpg", "js", "json", "jsonld", "jxl", "m3u8", "m4a", "m4v",
        "map", "md", "mjs", "mov", "mp3", "mp4", "mpd", "ndjson", "ogg", "ogv", "opus", "otf",
        "png", "rss", "srt", "svg", "ts", "ttf", "txt", "vtt", "wasm", "wav", "weba", "webm",
        "webmanifest", "webp", "woff", "woff2", "xhtml", "xml", "xsl", "xz", "yaml", "yml", "zip",
    };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[32];
        snprintf(name, sizeof name, "a.%s", endings[i]);
        if (strcmp(bide__media_type(name), "application/octet-stream") == 0)
            test_fail(__FILE__, __LINE__, "%s", name);
    }
}

TEST(text_has_a_charset_and_shrinks)
{
    CHECK(bide__media_type_is_text("text/html") && bide__media_type_is_text("TEXT/plain; a=b"));
    CHECK(!bide__media_type_is_text("application/json"));
    CHECK(bide__media_type_shrinks("text/html; charset=utf-8"));
    CHECK(bide__media_type_shrinks("application/json"));
    CHECK(bide__media_type_shrinks("application/problem+json; x=y"));
    CHECK(bide__media_type_shrinks("image/svg+xml"));
    CHECK(!bide__media_type_shrinks("image/png"));
    CHECK(!bide__media_type_shrinks("application/gzip"));
    CHECK(!bide__media_type_shrinks("application/octet-stream"));
    CHECK(!bide__media_type_shrinks("text/event-stream; charset=utf-8"));
    CHECK(!bide__media_type_shrinks(""));
    CHECK(!bide__media_type_shrinks("application/jsonx"));
}
