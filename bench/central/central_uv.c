/* A list of URLs on libuv's loop, with libcurl's multi interface: so many at a time, five seconds
 * for each, tried again where that is worth it, an error for each that fails.
 *
 *     bench_central_uv URLS LIMIT
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct transfer {
    CURL *easy;
    char url[2001], why[CURL_ERROR_SIZE];
    char *text;                 /* the body */
    size_t size;
    uint64_t end, pause;        /* milliseconds: when its time is over; before the next try */
    int attempt;
    uv_timer_t again;
};
struct watch { uv_poll_t poll; curl_socket_t socket; };

static FILE *urls;
static int fetched, failed;
static CURLM *multi;
static uv_timer_t due;

static size_t keep(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    char *text = realloc(t->text, t->size + count * size + 1);
    if (!text)
        return 0;
    memcpy(text + t->size, data, count * size);
    t->text = text;
    t->size += count * size;
    return count * size;
}

static bool is_worth_a_retry(CURLcode code, long status)
{
    if (code == CURLE_OK)
        return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
    return code == CURLE_COULDNT_CONNECT || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
           code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE;
}

/* ---- a transfer, from one callback to the next ---- */

static void try_now(struct transfer *t)
{
    uint64_t now = uv_now(uv_default_loop());
    t->attempt++;
    t->size = 0;
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, t->end > now ? (long)(t->end - now) : 1L);
    curl_multi_add_handle(multi, t->easy);
}

static void try_again(uv_timer_t *timer)
{
    try_now(timer->data);
}

static void drop(uv_handle_t *handle)
{
    struct transfer *t = handle->data;
    curl_easy_cleanup(t->easy);
    free(t->text);
    free(t);
}

static void start_next(struct transfer *t)
{
    if (fscanf(urls, "%2000s", t->url) != 1) {
        uv_close((uv_handle_t *)&t->again, drop);
        return;
    }
    curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
    t->end = uv_now(uv_default_loop()) + 5000;
    t->pause = 100;
    t->attempt = 0;
    try_now(t);
}

static void ended(struct transfer *t, CURLcode code)
{
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(multi, t->easy);
    bool good = code == CURLE_OK && status < 400;
    if (!good && t->attempt < 3 && is_worth_a_retry(code, status) &&
        uv_now(uv_default_loop()) + t->pause < t->end) {
        uv_timer_start(&t->again, try_again, t->pause, 0);
        t->pause *= 2;
        return;
    }
    if (!good && code == CURLE_OK)
        printf("%s: status %ld\n", t->url, status);
    else if (!good)
        printf("%s: %s\n", t->url, t->why);
    ++*(good ? &fetched : &failed);
    start_next(t);
}

static void reap(void)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
        struct transfer *t;
        CURLcode code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        ended(t, code);
    }
}

static struct transfer *transfer_new(void)
{
    struct transfer *t = calloc(1, sizeof *t);
    if (!t || !(t->easy = curl_easy_init()))
        exit(2);
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->why);
    curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
    uv_timer_init(uv_default_loop(), &t->again);
    t->again.data = t;
    return t;
}

/* ---- libcurl on the loop ---- */

static void on_ready(uv_poll_t *poll, int failure, int events)
{
    struct watch *w = poll->data;
    int flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0) | (failure ? CURL_CSELECT_ERR : 0);
    int running;
    curl_multi_socket_action(multi, w->socket, flags, &running);
    reap();
}

static void free_watch(uv_handle_t *handle)
{
    free(handle->data);
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *unused, void *known)
{
    struct watch *w = known;
    (void)easy;
    (void)unused;
    if (what == CURL_POLL_REMOVE) {
        uv_poll_stop(&w->poll);
        uv_close((uv_handle_t *)&w->poll, free_watch);
        return 0;
    }
    if (!w) {
        w = calloc(1, sizeof *w);
        if (!w)
            return -1;
        w->socket = socket;
        uv_poll_init_socket(uv_default_loop(), &w->poll, socket);
        w->poll.data = w;
        curl_multi_assign(multi, socket, w);
    }
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    return uv_poll_start(&w->poll, events, on_ready);
}

static void on_due(uv_timer_t *unused)
{
    int running;
    (void)unused;
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    reap();
}

static int on_timer(CURLM *unused, long timeout_ms, void *none)
{
    (void)unused;
    (void)none;
    if (timeout_ms < 0)
        return uv_timer_stop(&due);
    return uv_timer_start(&due, on_due, (uint64_t)timeout_ms, 0);
}

int main(int argc, char **argv)
{
    long limit = argc > 2 ? atol(argv[2]) : 10;
    urls = argc > 1 ? fopen(argv[1], "r") : NULL;
    if (!urls || curl_global_init(CURL_GLOBAL_ALL) != 0)
        return 2;
    uv_timer_init(uv_default_loop(), &due);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, limit);
    for (long i = 0; i < limit; i++)
        start_next(transfer_new());
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    curl_multi_cleanup(multi);
    printf("Fetched %d of %d URLs\n", fetched, fetched + failed);
    return failed > 0;
}
