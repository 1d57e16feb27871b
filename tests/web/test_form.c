/* Forms taken whole: fields, files in memory and on disk, and all that is refused. */
#include "web/asked.h"

#define MULTIPART "multipart/form-data; boundary=B"
#define PART(disposition) "--B\r\nContent-Disposition: form-data; " disposition "\r\n"
#define FIELD(name, value) PART("name=\"" name "\"") "\r\n" value "\r\n"
#define FILE_PART(name, filename, data) \
    PART("name=\"" name "\"; filename=\"" filename "\"") "\r\n" data "\r\n"
#define END "--B--\r\n"

static struct bide_form_opts limits;

static const bide_form *take(bide_request *req)
{
    limits.abi_ = sizeof limits;
    return bide_request_form_opts(req, &limits);
}

/* Everything, in a line each. */
static int tell(bide_request *req)
{
    char out[4000] = "", piece[100];
    size_t at = 0;
    const bide_form *form = take(req);
    if (!form)
        return bide_errcode();
    CHECK(take(req) == form);
    for (const struct bide_pair *pair = bide_form_fields(form); pair->name; pair++)
        at += (size_t)snprintf(out + at, sizeof out - at, "%s=%s;", pair->name, pair->value);
    for (const struct bide_form_file *f = bide_form_files(form); f->field; f++) {
        ssize_t n = bide_form_read(f, piece, sizeof piece - 1, 0);
        if (n < 0)
            return (int)n;
        piece[n] = '\0';
        at += (size_t)snprintf(out + at, sizeof out - at, "%s:%s:%s:%llu:%s:%s;", f->field,
                               f->name, f->type, (unsigned long long)f->size,
                               f->data ? "memory" : "disk", piece);
    }
    return bide_respond_text(req, 200, "[%s]", out);
}

static void check(const char *type, const char *body, const char *want)
{
    for (size_t step = 1; step < 20; step += 6) {
        post_sized(tell, type, "", body, strlen(body), step);
        CHECK_ANSWER(200, want);
    }
    post(tell, type, "", body);
    CHECK_ANSWER(200, want);
}

static void check_refused(const char *type, const char *body, int status, const char *why)
{
    post(tell, type, "", body);
    CHECK_ANSWER(status, why);
}

TASK_TEST(urlencoded_fields_are_pairs)
{
    static const char type[] = "application/x-www-form-urlencoded; charset=utf-8";
    check(type, "a=1&b=x+y%26%c3%a4&a=2&c", "[a=1;b=x y&\xc3\xa4;a=2;c=;]");
    check(type, "", "[]");
    check(type, "&&=v&", "[=v;]");
}

TASK_TEST(multipart_fields_and_files_are_told_apart)
{
    check(MULTIPART, FIELD("a", "1") FIELD("b", "two\r\nlines") FIELD("a", "") END,
          "[a=1;b=two\r\nlines;a=;]");
    check(MULTIPART, FIELD("a", "1") FILE_PART("f", "x.txt", "hello") END,
          "[a=1;f:x.txt:application/octet-stream:5:memory:hello;]");
    check(MULTIPART,
          PART("name=f; filename=x.png") "Content-Type: Image/PNG; a=b\r\n\r\nxy\r\n" END,
          "[f:x.png:image/png:2:memory:xy;]");
    check(MULTIPART, END, "[]");
    check(MULTIPART, FILE_PART("f", "", "") FIELD("a", "b") END, "[a=b;]");
    check(MULTIPART, FILE_PART("f", "empty", "") END,
          "[f:empty:application/octet-stream:0:memory:");
}

TASK_TEST(a_file_that_is_large_lies_on_the_disk)
{
    limits = (struct bide_form_opts){ .spill = 4 };
    check(MULTIPART, FILE_PART("a", "a", "1234") FILE_PART("b", "b", "12345") END,
          "[a:a:application/octet-stream:4:memory:1234;"
          "b:b:application/octet-stream:5:disk:12345;]");
    limits = (struct bide_form_opts){ .memory_max = 6 };
    check(MULTIPART, FILE_PART("a", "a", "1234") FILE_PART("b", "b", "123") FIELD("c", "12") END,
          "[c=12;a:a:application/octet-stream:4:memory:1234;"
          "b:b:application/octet-stream:3:disk:123;]");
}

TASK_TEST(a_name_never_leads_anywhere)
{
    static const char *const cases[][2] = {
        { "../../etc/passwd", "passwd" }, { "C:\\\\dir\\\\x.txt", "x.txt" },
        { "C:\\dir\\x.txt", "x.txt" }, { "..", "" }, { ".bashrc", "bashrc" }, { "a/", "" },
        { "/", "" }, { "a\\\"b", "a\"b" }, { "  x. ", "x" }, { "a;b=c", "a;b=c" },
        { "%2e%2e%2fx", "%2e%2e%2fx" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[400], want[200];
        snprintf(body, sizeof body, FILE_PART("f", "%s", "x") END, cases[i][0]);
        snprintf(want, sizeof want, "[f:%s:", cases[i][1]);
        check_refused(MULTIPART, body, 200, want);
    }
}

TASK_TEST(fields_are_in_the_charset_that_they_tell)
{
    check(MULTIPART, PART("name=a") "Content-Type: text/plain; charset=latin1\r\n\r\n\xe4\r\n" END,
          "[a=\xc3\xa4;]");
    check_refused(MULTIPART, FIELD("a", "\xe4") END, 400, "not in utf-8");
}

/* ---- what is refused ---- */

TASK_TEST(what_is_no_form_is_refused)
{
    check_refused("", "a=b", 415, "is to be a form");
    check_refused("text/plain", "a=b", 415, "not text/plain");
    check_refused("multipart/mixed; boundary=B", FIELD("a", "1") END, 415, "not multipart/mixed");
    check_refused("multipart/form-data", FIELD("a", "1") END, 415, "with a boundary");
    check_refused("multipart/form-data; boundary=\"\"", FIELD("a", "1") END, 415, "boundary");
    check_refused(MULTIPART, PART("name=a") "Content-Transfer-Encoding: base64\r\n\r\neA==\r\n" END,
                  415, "Content-Transfer-Encoding base64");
}

TASK_TEST(what_is_cut_short_or_malformed_is_refused)
{
    static const char *const bad[] = {
        "", "x", FIELD("a", "1"), "--B", "--B\r\n", PART("name=a"), FIELD("a", "1") "--B-",
        "--B\nContent-Disposition: form-data; name=a\n\n1\n--B--\n",
        "--B\r\nContent-Disposition : form-data; name=a\r\n\r\n1\r\n" END,
        "--B\r\n folded: x\r\n\r\n1\r\n" END, "--Bx\r\n\r\n1\r\n" END,
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_refused(MULTIPART, bad[i], 400, "the body's parts");
    static const char nul[] = FIELD("a", "x\0y") END;
    post_sized(tell, MULTIPART, "", nul, sizeof nul - 1, ASKED_AT_ONCE);
    CHECK_ANSWER(400, "NUL");
}

TASK_TEST(each_limit_of_a_form_holds)
{
    static const char url[] = "application/x-www-form-urlencoded";
    static const struct { struct bide_form_opts opts; const char *type, *good, *bad; } cases[] = {
        { { .fields_max = 2 }, url, "a=1&b=2", "a=1&b=2&c=3" },
        { { .field_max = 3 }, url, "a=123", "a=1234" },
        { { .memory_max = 8 }, url, "a=123456", "a=1234567" },
        { { .size_max = 8 }, url, "a=123456", "a=1234567" },
        { { .fields_max = 1 }, MULTIPART, FIELD("a", "1") END, FIELD("a", "1") FIELD("b", "") END },
        { { .field_max = 3 }, MULTIPART, FIELD("a", "123") END, FIELD("a", "1234") END },
        { { .memory_max = 4 }, MULTIPART, FIELD("a", "12") FIELD("b", "34") END,
          FIELD("a", "123") FIELD("b", "34") END },
        { { .files_max = 1 }, MULTIPART, FILE_PART("a", "a", "x") END,
          FILE_PART("a", "a", "x") FILE_PART("b", "b", "x") END },
        { { .file_max = 3 }, MULTIPART, FILE_PART("a", "a", "123") END,
          FILE_PART("a", "a", "1234") END },
        { { .file_max = 3, .spill = 1 }, MULTIPART, FILE_PART("a", "a", "123") END,
          FILE_PART("a", "a", "1234") END },
        { { .size_max = 80 }, MULTIPART, FIELD("a", "123") END,
          FIELD("a", "12345678901234567890123456789") END },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        limits = cases[i].opts;
        check_refused(cases[i].type, cases[i].good, 200, "");
        check_refused(cases[i].type, cases[i].bad, 413, "");
    }
}

/* What may be read whole is the default for fields, and no limit beside their own. */
TASK_TEST(a_form_may_be_larger_than_what_is_read_whole)
{
    static const char url[] = "application/x-www-form-urlencoded";
    enum { SIZE = 3000000 };
    char *body = malloc(SIZE + 1);
    memset(body, '&', SIZE);
    memcpy(body, "a=1", 3);
    body[SIZE] = '\0';
    limits = (struct bide_form_opts){ .fields_max = BIDE_UNLIMITED };
    check_refused(url, body, 413, "");
    limits.memory_max = SIZE;
    check_refused(url, body, 200, "[a=1;]");
    limits = (struct bide_form_opts){ 0 };
    free(body);
}

TASK_TEST(many_parts_without_anything_in_them_are_refused)
{
    static char body[200000];
    size_t at = 0;
    while (at < sizeof body - 100)
        at += (size_t)snprintf(body + at, 100, FIELD("a", ""));
    memcpy(body + at, END, sizeof END);
    check_refused(MULTIPART, body, 413, "");
}

/* ---- saving ---- */

static char saved[200];

static int save(bide_request *req)
{
    const struct bide_form_file *f = bide_form_file(take(req), "f");
    int rc = bide_form_save(f, saved);
    if (rc < 0)
        return bide_respond_text(req, 200, "[%s]", bide_strerror(rc));
    bide_auto(bytes) all = bide_file_load(saved);
    return all ? bide_respond_text(req, 200, "[%s]", all->data) : bide_errcode();
}

TASK_TEST(a_file_is_saved_where_none_is)
{
    bide_auto(temp_dir) dir = bide_temp_dir_open();
    CHECK(dir != NULL);
    for (size_t spill = 0; spill < 2; spill++) {
        limits = (struct bide_form_opts){ .spill = spill };
        snprintf(saved, sizeof saved, "%s/%zu", bide_temp_dir_path(dir), spill);
        post(save, MULTIPART, "", FILE_PART("f", "x", "the data") END);
        CHECK_ANSWER(200, "[the data]");
        post(save, MULTIPART, "", FILE_PART("f", "x", "other data") END);
        CHECK_ANSWER(200, "[File exists]");
    }
    CHECK_EQ(bide_temp_dir_remove(dir), 0);
}

static int ask_all(void *unused)
{
    static const char body[] = FIELD("a", "1") FILE_PART("f", "x", "123") FILE_PART("g", "y", "1")
        END;
    (void)unused;
    limits = (struct bide_form_opts){ .spill = 2 };
    return try_posting(tell, MULTIPART, "", body, sizeof body - 1, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    check_faults(ask_all, 20);
}
