/* Documents and pages as answers. */
#include "web/asked.h"

static size_t letters;

static int respond(bide_request *req)
{
    static char text[100000];
    bide_auto(json) j = bide_json_new();
    memset(text, 'a', sizeof text);
    bide_json_set(j, "a", bide_value_sized(text, letters));
    return bide_respond_json(req, 201, j);
}

/* The length that an answer tells is the length that it has, whatever that is. */
TASK_TEST(a_document_is_written_whole_whatever_its_size)
{
    static const size_t sizes[] = { 0, 1, 91, 92, 991, 992, 1500, 1700, 1800, 1900, 2000, 2100,
                                    9991, 9992, 14000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char line[100];
        letters = sizes[i];
        get(respond, "");
        snprintf(line, sizeof line, "Content-Length: %zu", letters + 8);
        CHECK_ANSWER(201, "\r\n\r\n{\"a\":\"");
        CHECK(has_line(line) && has_line("Content-Type: application/json"));
        const char *body = strstr(asked_answer, "\r\n\r\n") + 4;
        CHECK_EQ(strlen(body), letters + 8);
        CHECK_STR(body + letters + 6, "\"}");
    }
}

static int respond_bad(bide_request *req)
{
    bide_auto(json) j = bide_json_new();
    bide_json_set(j, "a", bide_value(BIDE_FOREVER));
    int rc = bide_respond_json(req, 200, j);
    CHECK_EQ(rc, BIDE_EINVAL);
    rc = bide_respond_json(req, 200, NULL);
    CHECK(rc < 0);
    return bide_respond_html(req, 200, "<p>&amp;</p>");
}

TASK_TEST(a_document_that_failed_is_no_answer)
{
    get(respond_bad, "");
    CHECK_ANSWER(200, "\r\n\r\n<p>&amp;</p>");
    CHECK(has_line("Content-Type: text/html; charset=utf-8"));
}

static int ask_all(void *unused)
{
    static const char text[] = "GET /" H "\r\n";
    (void)unused;
    letters = 3000;
    return try_asking(respond, text, sizeof text - 1, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    check_faults(ask_all, 10);
}
