/* The client rows with libcurl's multi interface; errand.h says what it is told and prints.
 *
 * An easy handle per job is used again for the next URL; the multi handle keeps the connections and
 * the TLS sessions. Both are as libcurl's documentation advises for many transfers. */
#include "errand.h"

#include <curl/curl.h>

static struct errand errand;
static struct curl_slist *close_header;

static size_t throw_away(char *data, size_t size, size_t count, void *unused)
{
    (void)data;
    (void)unused;
    errand.bytes += (int64_t)(size * count);
    return size * count;
}

/* Gives the handle the next URL; false if there is none. */
static bool start_next(CURLM *multi, CURL *easy)
{
    const char *url = errand_next(&errand);
    if (!url)
        return false;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    return curl_multi_add_handle(multi, easy) == CURLM_OK;
}

static CURL *handle_new(void)
{
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, throw_away);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, errand.count == 1 ? 1L << 18 : 1L << 14);
    if (errand.ca)
        curl_easy_setopt(easy, CURLOPT_CAINFO, errand.ca);
    if (!errand.keep) {
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, close_header);
    }
    return easy;
}

static void check(const CURLMsg *message)
{
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    if (message->data.result == CURLE_OK && status == 200)
        return;
    fprintf(stderr, "client_curl: %ld, %s\n", status, curl_easy_strerror(message->data.result));
    exit(1);
}

/* Takes what has ended and starts what comes next. */
static void reap(CURLM *multi, int *running)
{
    int left;
    for (CURLMsg *m = curl_multi_info_read(multi, &left); m;
         m = curl_multi_info_read(multi, &left)) {
        CURL *easy = m->easy_handle;
        check(m);
        curl_multi_remove_handle(multi, easy);
        if (start_next(multi, easy))
            *running = 1;
    }
}

static void run(CURLM *multi, CURL **handles, long count)
{
    int running = 1;
    errand.left = count;
    for (int i = 0; i < errand.jobs && start_next(multi, handles[i]); i++)
        continue;
    while (running > 0) {
        curl_multi_perform(multi, &running);
        int before = running;
        reap(multi, &running);
        if (running > 0 && running == before)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

int main(int argc, char **argv)
{
    if (!errand_read(&errand, argc, argv))
        return 2;
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    CURL **handles = calloc((size_t)errand.jobs, sizeof *handles);
    close_header = curl_slist_append(NULL, "Connection: close");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)errand_connections(&errand));
    for (int i = 0; i < errand.jobs; i++)
        handles[i] = handle_new();
    run(multi, handles, errand.warm);
    errand_begin(&errand);
    run(multi, handles, errand.count);
    errand_print(&errand);
    return 0;
}
