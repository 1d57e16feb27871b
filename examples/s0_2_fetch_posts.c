/* Three posts over one session, at once.  In Python:
 *
 *     async with aiohttp.ClientSession() as session:
 *         posts = await asyncio.gather(*[fetch(session, f"{base}/posts/{i}") for i in (1, 2, 3)])
 */
#include "demo.h"

static bide_session *session;

struct post { char path[32], text[256]; };

static int fetch_url(void *arg)
{
    struct post *post = arg;
    bide_auto(response) response = bide_get(session, post->path);
    const char *text = bide_response_text(response, NULL);
    if (!text)                              /* the get has failed, or reading the body */
        return bide_errcode();
    snprintf(post->text, sizeof post->text, "%s", text);
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
    if (rc == 0)
        puts("Fetched 3 posts concurrently");
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
