/* A form with files, taken by a server.  In Python:
 *
 *     data = await request.post()
 *     photo = data["photo"]               # kept in memory, or in a temporary file
 *
 * Small files are kept in memory, larger ones lie in temporary files without a name, and what is
 * too large is refused: all of it without a line here. */
#include "serve.h"

static int take(bide_request *req)
{
    const bide_form *form = bide_request_form(req, .file_max = 1000000, .spill = 1000);
    if (!form)
        return bide_errcode();              /* which becomes a 413, 415 or 400 */
    const char *title = bide_form_get(form, "title");
    const struct bide_form_file *photo = bide_form_file(form, "photo");
    if (!title || !photo)
        return bide_respond_error(req, 422, "a title and a photo are wanted");
    return bide_respond_text(req, 200, "\"%s\": %s, %s, %llu bytes, %s\n", title, photo->name,
                             photo->type, (unsigned long long)photo->size,
                             photo->data ? "in memory" : "in a file");
}

static int send_photo(bide_session *session, const char *name, size_t size)
{
    static const char photo[2000000];
    bide_auto(multipart) form = bide_multipart_new(NULL);
    bide_multipart_text(form, "title", "At the sea");
    bide_multipart_add(form, "photo", .data = photo, .size = size, .filename = name,
                       .type = "image/jpeg");
    bide_auto(response) response = bide_post(session, "/photos", .multipart = form);
    const char *text = bide_response_text(response, NULL);
    if (!text)
        return bide_errcode();
    printf("%d %s", bide_response_status(response), bide_response_status(response) == 200 ? text
           : "refused\n");
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    bide_app *app = bide_app_new(NULL);
    bide_route(app, "POST", "/photos", take, .body_max = BIDE_UNLIMITED);
    bide_auto(session) session = bide_session_open(.base_url = serve(server, app));
    int rc = send_photo(session, "small.jpg", 500);
    if (rc == 0)
        rc = send_photo(session, "../../large.jpg", 500000);    /* only its last part is told */
    return rc < 0 ? rc : send_photo(session, "huge.jpg", 2000000);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
