/* tests/http/answers.h -- a stand that answers by the request's path.
 *
 *     static const struct answer answers[] = { { "/a", REDIRECT(302, "/b") },
 *                                              { "/b", OK(1) "b" } };
 *     struct stand stand = SCRIPT(answers);
 *     STAND(&stand);
 *
 * What was asked is kept, all requests one after the other, in stand_asked. */
#ifndef ANSWERS_H
#define ANSWERS_H
#include "stand.h"

struct answer { const char *path, *reply; };

static const struct answer *script_answers;
static size_t script_count;
static char stand_asked[16384];

__attribute__((unused)) static const char *script_find(const char *request)
{
    const char *path = strchr(request, ' ') + 1;
    size_t size = strcspn(path, " ?");
    for (size_t i = 0; i < script_count; i++)
        if (strlen(script_answers[i].path) == size &&
            memcmp(script_answers[i].path, path, size) == 0)
            return script_answers[i].reply;
    return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
}

__attribute__((unused)) static int script_talk(bide_stream *s, struct stand *stand)
{
    while (stand_read(s, stand) > 0) {
        size_t at = strlen(stand_asked);
        snprintf(stand_asked + at, sizeof stand_asked - at, "%s", stand->last);
        const char *reply = script_find(stand->last);
        if (bide_write(s, reply, strlen(reply)) < 0)
            break;
    }
    return 0;
}

static struct stand script_of(const struct answer *answers, size_t count)
{
    script_answers = answers;
    script_count = count;
    stand_asked[0] = '\0';
    return (struct stand){ .talk = script_talk };
}

#define SCRIPT(answers) script_of(answers, sizeof answers / sizeof *answers)
#define REDIRECT(status, to) \
    "HTTP/1.1 " #status " Elsewhere\r\nLocation: " to "\r\nContent-Length: 0\r\n\r\n"

/* The stand's URL with a path. */
__attribute__((unused)) static const char *at(const struct stand *stand, const char *path)
{
    static char url[4][256];
    static unsigned turn;
    char *out = url[turn++ % 4];
    snprintf(out, sizeof url[0], "%.*s%s", (int)strlen(stand->url) - 1, stand->url, path);
    return out;
}
#endif
