/* bide's side of tests/compare/run: asks for URLs, one after the other, by one session, and says
 * of each "ok STATUS BODY" with the body in hex, or "no SENTENCE". */
#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 8 };
struct wish {
    const char *method, *data, *user, *password;
    struct bide_pair headers[HEADERS_MAX + 1];
    bool environment;
    char **urls;
};

static void say(bide_response *r)
{
    size_t size;
    const char *text = bide_response_text(r, &size);
    if (!text) {
        printf("no %s\n", bide_errmsg());
        return;
    }
    printf("ok %d ", bide_response_status(r));
    for (size_t i = 0; i < size && i < 100; i++)
        printf("%02x", (unsigned char)text[i]);
    printf("\n");
}

static int ask(void *arg)
{
    const struct wish *wish = arg;
    bide_auto(session) session = bide_session_open(.timeout = 5, .trust_env = wish->environment);
    for (char **url = wish->urls; session && *url; url++) {
        bide_auto(response) r = bide_fetch(session, wish->method, *url, .data = wish->data,
            .data_size = wish->data ? strlen(wish->data) : 0, .headers = wish->headers,
            .auth = { .user = wish->user, .password = wish->password });
        say(r);
    }
    return session ? 0 : bide_errcode();
}

/* "Name: value", taken apart in place. */
static void add_header(struct wish *wish, char *line)
{
    size_t i = 0;
    char *colon = strchr(line, ':');
    if (!colon)
        return;
    while (i < HEADERS_MAX && wish->headers[i].name)
        i++;
    *colon = '\0';
    wish->headers[i] = (struct bide_pair){ line, colon + 2 };
}

int main(int argc, char **argv)
{
    struct wish wish = { .method = "GET" };
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        char *value = argv[i + 1];
        switch (argv[i][1]) {
        case 'm': wish.method = value; break;
        case 'd': wish.data = value; break;
        case 'u': wish.user = value; break;
        case 'p': wish.password = value; break;
        case 'e': wish.environment = true; break;
        case 'h': add_header(&wish, value); break;
        }
    }
    wish.urls = argv + i;
    return bide_run(ask, &wish) < 0;
}
