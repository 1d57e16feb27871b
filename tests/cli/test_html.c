/* What cli/html.c must hold: titles and links as a browser sees them; and a page that is made to
 * hurt is an error, not a crash, a lost minute or all memory. */
#include "cli/html.c"
#include "cli/html_page.c"
#include "test.h"

#ifdef BIDE_HTML
static const struct html_limits limits = { (size_t)64 << 20, 5 };
static struct html_page page;

static void read_text(const char *text)
{
    html_free(&page);
    CHECK_EQ(html_read(&page, text, strlen(text), "bide", &limits), 0);
}

static const char *copy(const struct html_text *text)
{
    static char room[8192];
    if (!text->there)
        return NULL;
    memcpy(room, page.text ? page.text + text->at : "", text->size);
    room[text->size] = '\0';
    return room;
}

static const char *title(const char *text)
{
    read_text(text);
    return copy(&page.title);
}

TEST(a_title_is_one_line_of_text)
{
    CHECK_STR(title("<title>\n A &amp;  B\t\n</title>"), "A & B");
    CHECK_STR(title("<title>a<b>c</title>"), "a<b>c");
    CHECK_STR(title("<title>first</title><title>second</title>"), "first");
    CHECK_STR(title("<svg><title>drawn</title></svg><p>"), NULL);
    CHECK_STR(title("<title></title>"), "");
    CHECK_STR(title("<p>no"), NULL);
    CHECK_STR(title(""), NULL);
    CHECK_STR(title("<title>\xc3\xa4\xe2\x82\xac"), "\xc3\xa4\xe2\x82\xac");
    html_free(&page);
}

TEST(a_long_title_is_cut_between_characters)
{
    char *text = malloc(10000);
    strcpy(text, "<title>x");
    for (size_t i = 8; i < 9000; i += 2)
        memcpy(text + i, "\xc3\xa4", 3);
    read_text(text);
    CHECK_EQ(page.title.size, HTML_TITLE_MAX - 1);
    html_free(&page);
    free(text);
}

/* The links, with '-' before those that are not to be followed, between commas. */
static const char *links(const char *text)
{
    static char room[8192];
    read_text(text);
    room[0] = '\0';
    for (size_t i = 0; i < page.link_count; i++) {
        strcat(room, i > 0 ? "," : "");
        strcat(room, page.links[i].nofollow ? "-" : "");
        strcat(room, copy(&page.links[i].reference));
    }
    return room;
}

TEST(links_are_found_wherever_they_stand)
{
    CHECK_STR(links("<a href=a>1</a><A HREF=' b '>2<a href=\"c&amp;d\n\">"), "a,b,c&d");
    CHECK_STR(links("<map><area href=a></map><iframe src=b></iframe>"), "a,b");
    CHECK_STR(links("<frameset><frame src=a><frame src=b></frameset>"), "a,b");
    CHECK_STR(links("<link rel='x NEXT' href=a><link rel=stylesheet href=b><link href=c>"), "a");
    CHECK_STR(links("<a>none</a><a name=x><a href>"), "");
    CHECK_STR(links("<!-- <a href=a> --><script>'<a href=b>'</script><template><a href=c>"
                    "</template><textarea><a href=d></textarea>"), "");
    CHECK_STR(links("<table><a href=a>x</a><tr><td><a href=b>y"), "a,b");
    html_free(&page);
}

TEST(a_refresh_is_a_link)
{
    CHECK_STR(links("<meta http-equiv=Refresh content='5; URL=a'>"), "a");
    CHECK_STR(links("<meta http-equiv=refresh content='0;url = \"a b\" x'>"), "a b");
    CHECK_STR(links("<meta http-equiv=refresh content=\"0,url='a\">"), "a");
    CHECK_STR(links("<meta http-equiv=refresh content='5'><meta http-equiv=refresh>"), "");
    CHECK_STR(links("<meta http-equiv=refresh content='5;url'>"), "");
    html_free(&page);
}

TEST(nofollow_is_a_word_of_rel)
{
    CHECK_STR(links("<a rel='a NoFollow b' href=a><a rel=nofollows href=b>"), "-a,b");
    html_free(&page);
}

TEST(the_first_base_counts)
{
    read_text("<base target=x><base href=' /b/ '><base href=/c/>");
    CHECK_STR(copy(&page.base), "/b/");
    read_text("<p>");
    CHECK(!page.base.there);
    html_free(&page);
}

static const char *flags(const char *text)
{
    read_text(text);
    return page.noindex ? page.nofollow ? "both" : "noindex" : page.nofollow ? "nofollow" : "none";
}

TEST(a_page_may_ask_not_to_be_indexed_or_followed)
{
    CHECK_STR(flags("<meta name=robots content='noindex'>"), "noindex");
    CHECK_STR(flags("<meta name=Robots content='index , NOFOLLOW'>"), "nofollow");
    CHECK_STR(flags("<meta name=robots content=none>"), "both");
    CHECK_STR(flags("<meta name=BIDE content=noindex><meta name=robots content=nofollow>"), "both");
    CHECK_STR(flags("<meta name=other content=none><meta name=robots>"), "none");
    CHECK_STR(flags("<meta name=robots content='all, nofollows'>"), "none");
    html_free(&page);
}

TEST(a_header_may_ask_for_one_crawler)
{
    struct html_page said = { .text = NULL };
    html_directives(&said, "other: none", "bide");
    html_directives(&said, "other: noindex, nofollow", "bide");
    CHECK(!said.noindex && !said.nofollow);
    html_directives(&said, " Bide: noindex", "bide");
    CHECK(said.noindex && !said.nofollow);
    html_directives(&said, "noarchive,nofollow", "bide");
    CHECK(said.nofollow);
}

static int read_many(const char *start, const char *again, size_t count,
                     const struct html_limits *most)
{
    size_t size = strlen(again);
    char *text = malloc(strlen(start) + size * count + 1), *at = text;
    at = stpcpy(at, start);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, again);
    html_free(&page);
    int rc = html_read(&page, text, (size_t)(at - text), "bide", most);
    free(text);
    return rc;
}

TASK_TEST(deep_nesting_needs_no_deep_stack)
{
    CHECK_EQ(read_many("<a href=x>", "<div>", test_is_slow() ? 1000 : 10000, &limits), 0);
    CHECK_EQ(page.link_count, 1);
    html_free(&page);
}

TEST(a_page_that_takes_too_long_is_given_up)
{
    struct html_limits hurry = { limits.memory_max, 0.1 };
    CHECK_EQ(read_many("", "<div>", 100000, &hurry), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "too long");
}

TEST(a_page_that_takes_too_much_memory_is_given_up)
{
    struct html_limits little = { 1 << 20, 60 };
    CHECK_EQ(read_many("", "<p>text</p>", 100000, &little), BIDE_ELIMIT);
    CHECK_STR(bide_errmsg(), "the page takes more than 1048576 bytes of memory to parse");
    CHECK_PTR(page.text, NULL);
}

TEST(any_bytes_are_a_page)
{
    uint64_t seed = 7;
    static const char *const pieces[] = {
        "<", ">", "a", " href=", "'", "\"", "/", "&", "#x", ";", "<!--", "-->", "<table>", "<svg>",
        "<b>", "</b>", "<p>", "\xff", "\xc3", "<![CDATA[", "<title>", "<template>", "=", "<select>",
    };
    for (int round = 0; round < (test_is_slow() ? 30 : 300); round++) {
        char text[2048] = "";
        for (int i = 0; i < 200; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            strcat(text, pieces[(seed >> 33) % (sizeof pieces / sizeof pieces[0])]);
        }
        read_text(text);
    }
    html_free(&page);
}
#else
TEST(without_a_parser_a_page_is_refused)
{
    struct html_page none;
    CHECK(!html_is_built());
    CHECK_EQ(html_read(&none, "", 0, "bide", NULL), -ENOSYS);
}
#endif
