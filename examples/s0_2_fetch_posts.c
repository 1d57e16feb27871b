/* Three posts over one session, at once.  In Python:
 *
 *     async with session.get(url) as response:
 *         return await response.json()
 *     ...
 *     posts = await asyncio.gather(*[fetch(session, f"{base}/posts/{i}") for i in (1, 2, 3)])
 */
#include "demo.h"

static bide_session *session;

struct post { char path[32], title[64]; };

static int fetch_url(void *arg)
{
    struct post *post = arg;
    const char *title;
    bide_auto(response) response = bide_get(session, post->path);
    const bide_json *json = bide_response_json(response);       /* the response's */
    if (bide_json_get(json, "title", &title) < 0)
        return bide_errcode();          /* no answer, no JSON, no title: one check for all */
    snprintf(post->title, sizeof post->title, "%s", title);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();

    bide_auto(session) opened = session = bide_session_open(.base_url = base);
    struct post posts[3];
    struct bide_call calls[3];
    for (int i = 0; i < 3; i++) {
        snprintf(posts[i].path, sizeof posts[i].path, "/posts/%d", i + 1);
        calls[i] = (struct bide_call){ .fn = fetch_url, .arg = &posts[i] };
    }
    int rc = bide_gather(calls, 3);         /* posts[] is in order, whoever came first */
    if (rc < 0)
        return rc;
    puts("Fetched 3 posts concurrently");
    for (int i = 0; i < 3; i++)
        puts(posts[i].title);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
