/* A view that lists rows as JSON.  In Python, with Django:
 *
 *     async def async_view(request):
 *         posts = [p async for p in Post.objects.filter(published=True)]
 *         return JsonResponse({'posts': [...]})
 *
 * For more rows than one likes to hold, see apps/shop, which streams them. */
#include "demo_pg.h"
#include "serve.h"

static void add_post(bide_json *list, bide_rows *row)
{
    bide_json *post = bide_json_object(list, NULL);
    bide_json_set(post, "id", bide_rows_value(row, "id"));
    bide_json_set(post, "title", bide_rows_value(row, "title"));
    bide_json_set(post, "published", bide_rows_value(row, "published"));
}

static int view(bide_request *req)
{
    bide_auto(rows) rows = bide_db_query(bide_request_state(req),
        "select * from posts where published order by id");
    bide_auto(json) told = bide_json_new();
    bide_json *posts = bide_json_array(told, "posts");
    int rc;
    while ((rc = bide_rows_next(rows)) > 0)
        add_post(posts, rows);
    return rc < 0 ? rc : bide_respond_json(req, 200, told);
}

static int program(void *unused)
{
    (void)unused;
    bide_auto(db) pool = demo_open();
    bide_app *app = bide_app_new(pool);
    bide_route(app, "GET", "/posts", view);
    BIDE_GROUP(server);
    const char *base = serve(server, app);
    bide_auto(session) session = bide_session_open(.base_url = base);
    bide_auto(response) response = bide_get(session, "/posts");
    const char *text = bide_response_text(response, NULL);
    return text ? printf("%s\n", text) < 0 : bide_errcode();
}

int main(void)
{
    int rc = bide_run(program, NULL, .stop_on_signal = true);
    if (rc < 0)
        fprintf(stderr, "%s\n", bide_errmsg());
    return rc < 0;
}
