/* GETs every URL of a file with libcurl's multi interface, so many at a time.
 *
 *     fetch_curl URLS JOBS
 *
 * Each easy handle is used again for the next URL, and the multi handle keeps the connections.
 * Exits with 1 unless every answer was a 200 that was read to its end. */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *urls;

static size_t throw_away(char *data, size_t size, size_t count, void *unused)
{
    (void)data;
    (void)unused;
    return size * count;
}

/* Gives the handle the next URL; false if there is none. */
static bool start_next(CURLM *multi, CURL *easy)
{
    char url[4096];
    if (!fgets(url, sizeof url, urls))
        return false;
    url[strcspn(url, "\n")] = '\0';
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
    return easy;
}

/* Takes what has ended and starts what comes next; the number of transfers that ended. */
static int reap(CURLM *multi)
{
    int ended = 0, left;
    for (CURLMsg *m = curl_multi_info_read(multi, &left); m;
         m = curl_multi_info_read(multi, &left)) {
        CURL *easy = m->easy_handle;
        if (m->data.result != CURLE_OK) {
            fprintf(stderr, "fetch_curl: %s\n", curl_easy_strerror(m->data.result));
            exit(1);
        }
        curl_multi_remove_handle(multi, easy);
        if (!start_next(multi, easy))
            curl_easy_cleanup(easy);
        ended++;
    }
    return ended;
}

int main(int argc, char **argv)
{
    if (argc < 3 || !(urls = fopen(argv[1], "r")))
        return 2;
    long jobs = atol(argv[2]);
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, jobs);
    for (long i = 0; i < jobs; i++)
        if (!start_next(multi, handle_new()))
            break;
    int running = 1;
    while (running > 0) {
        curl_multi_perform(multi, &running);
        if (reap(multi) > 0)
            running = 1;
        else if (running > 0)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    curl_multi_cleanup(multi);
    return 0;
}
