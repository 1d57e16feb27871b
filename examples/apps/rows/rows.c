/* A view that streams rows as JSON: a million of them in the memory of a page.  In Django:
 *
 *     async def async_view(request):
 *         posts = [p async for p in Post.objects.filter(published=True)]
 *         return JsonResponse({'posts': [...]})
 *
 * which holds all posts, and then all of their JSON, in memory.  Here a page of rows is fetched,
 * written, and forgotten.  bide_respond_write() waits while the reader is slow, and so no rows
 * are fetched that nobody reads.
 *
 *     rows [--address HOST:PORT]
 *
 *     GET /posts               {"posts": [{...}, ...], "count": N}
 *     GET /posts.ndjson        a row a line, each a document of its own
 *     GET /stats               rows fetched so far, and the memory that this takes
 *
 * Both take ?count=N and ?all=1 (unpublished ones too). */
#include "posts.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *address = "127.0.0.1:8080";

/* How rows stand in an answer. */
struct form { const char *type, *before, *between, *after; };

static const struct form json = {
    "application/json", "{\"posts\":[", ",\n", "],\"count\":%d}",
};
static const struct form ndjson = { "application/x-ndjson", "", "\n", "\n" };

/* The text of one page of rows, in the request's memory. */
struct sheet { char *at; size_t size; };

enum { SHEET_SIZE = 65536 };

static int put(struct sheet *sheet, const char *text, size_t size)
{
    if (size > SHEET_SIZE - sheet->size)
        return bide_fail(BIDE_ELIMIT, "a page of rows does not fit on its sheet");
    memcpy(sheet->at + sheet->size, text, size);
    sheet->size += size;
    return 0;
}

static int put_row(struct sheet *sheet, const struct post *post)
{
    size_t size;
    bide_auto(json) row = bide_json_new();
    bide_json_set(row, "id", bide_value(post->id));
    bide_json_set(row, "author", bide_value(post->author));
    bide_json_set(row, "title", bide_value(post->title));
    bide_json_set(row, "likes", bide_value(post->likes));
    bide_json_set(row, "published", bide_value(post->published));
    char *text = bide_json_write(row, &size);
    int rc = text ? put(sheet, text, size) : bide_errcode();
    bide_json_text_free(text);
    return rc;
}

static int put_page(struct sheet *sheet, const struct form *form, const struct post *page,
                    int count, bool first)
{
    int rc = 0;
    sheet->size = 0;
    for (int i = 0; i < count && rc == 0; i++) {
        rc = first && i == 0 ? 0 : put(sheet, form->between, strlen(form->between));
        if (rc == 0)
            rc = put_row(sheet, &page[i]);
    }
    return rc;
}

BIDE_WAITS static int write_all(bide_request *req, const struct form *form, struct posts *posts)
{
    struct post page[POSTS_PAGE];
    struct sheet sheet = { bide_request_alloc(req, SHEET_SIZE), 0 };
    int count, rc = sheet.at ? 0 : bide_errcode();
    while (rc == 0 && (count = posts_fetch(posts, page)) != 0) {
        if (count < 0)
            return count;
        rc = put_page(&sheet, form, page, count, posts->count == count);
        if (rc == 0)
            rc = bide_respond_write(req, sheet.at, sheet.size);
    }
    return rc;
}

/* A failure in the middle closes the connection before the end of the answer: the client sees that
 * it is not whole, for the status has left long ago. */
BIDE_WAITS static int stream(bide_request *req, const struct form *form)
{
    const char *count = bide_request_query(req, "count");
    struct posts posts = {
        .published_only = !bide_request_query(req, "all"),
        .count_max = count ? atoi(count) : POSTS_COUNT,
    };
    int rc = bide_respond_header(req, "Content-Type", form->type);
    if (rc == 0)
        rc = bide_respond_start(req, 200);
    if (rc == 0)
        rc = bide_respond_printf(req, "%s", form->before);
    if (rc == 0)
        rc = write_all(req, form, &posts);
    return rc < 0 ? rc : bide_respond_printf(req, form->after, posts.count);
}

static int as_json(bide_request *req)
{
    return stream(req, &json);
}

static int as_lines(bide_request *req)
{
    return stream(req, &ndjson);
}

/* KiB of memory that is no file's. */
static long memory(void)
{
    char line[128];
    long size = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "RssAnon: %ld", &size) == 1)
            break;
    if (file)
        fclose(file);
    return size;
}

static int stats(bide_request *req)
{
    bide_auto(json) told = bide_json_new();
    bide_json_set(told, "fetched", bide_value(posts_fetched()));
    bide_json_set(told, "memory_kib", bide_value(memory()));
    return bide_respond_json(req, 200, told);
}

static void tell(void *unused, const char *where)
{
    (void)unused;
    printf("http://%s\n", where);
    fflush(stdout);
}

static int serve(void *unused)
{
    (void)unused;
    bide_auto(app) app = bide_app_new(NULL);
    bide_route(app, "GET", "/posts", as_json);
    bide_route(app, "GET", "/posts.ndjson", as_lines);
    bide_route(app, "GET", "/stats", stats);
    return bide_app_run(app, address, .listening = tell, .grace = 1);
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "address", required_argument, NULL, 'a' }, { NULL, 0, NULL, 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "a:", known, NULL)) != -1;) {
        if (option != 'a')
            return 2;
        address = optarg;
    }
    if (optind != argc) {
        fprintf(stderr, "usage: rows [--address HOST:PORT]\n");
        return 2;
    }
    int rc = bide_run(serve, NULL, .stop_on_signal = true);
    if (rc == 0 || rc == BIDE_ECANCELED)
        return 0;
    fprintf(stderr, "rows: %s\n", bide_errmsg());
    return 1;
}
