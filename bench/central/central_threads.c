/* A list of URLs, by a thread for each that is fetched at the same time, with libcurl: so many at a
 * time, five seconds for each, tried again where that is worth it, an error for each that fails.
 *
 *     bench_central_threads URLS LIMIT
 */
#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static FILE *urls;
static int fetched, failed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;    /* of the three above and the output */

struct body { char *text; size_t size; };

static size_t keep(char *data, size_t size, size_t count, void *arg)
{
    struct body *body = arg;
    char *text = realloc(body->text, body->size + count * size + 1);
    if (!text)
        return 0;
    memcpy(text + body->size, data, count * size);
    body->text = text;
    body->size += count * size;
    return count * size;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool is_worth_a_retry(CURLcode code, long status)
{
    if (code == CURLE_OK)
        return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
    return code == CURLE_COULDNT_CONNECT || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
           code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE;
}

/* True, or false with why. */
static bool fetch(CURL *easy, const char *url, char why[CURL_ERROR_SIZE])
{
    double end = now() + 5, pause = 0.1;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why);
    for (int attempt = 1;; attempt++, pause *= 2) {
        struct body body = { 0 };
        long status = 0, left = (long)((end - now()) * 1000);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left > 0 ? left : 1L);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
        CURLcode code = curl_easy_perform(easy);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        free(body.text);
        if (code == CURLE_OK && status < 400)
            return true;
        if (code == CURLE_OK)
            snprintf(why, CURL_ERROR_SIZE, "status %ld", status);
        if (attempt == 3 || now() + pause > end || !is_worth_a_retry(code, status))
            return false;
        nanosleep(&(struct timespec){ .tv_nsec = (long)(pause * 1e9) }, NULL);
    }
}

static bool next_url(char url[2001])
{
    pthread_mutex_lock(&lock);
    bool there = fscanf(urls, "%2000s", url) == 1;
    pthread_mutex_unlock(&lock);
    return there;
}

static void *work(void *unused)
{
    char url[2001], why[CURL_ERROR_SIZE];
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    while (next_url(url)) {
        bool good = fetch(easy, url, why);
        pthread_mutex_lock(&lock);
        if (!good)
            printf("%s: %s\n", url, why);
        ++*(good ? &fetched : &failed);
        pthread_mutex_unlock(&lock);
    }
    curl_easy_cleanup(easy);
    return unused;
}

int main(int argc, char **argv)
{
    int limit = argc > 2 ? atoi(argv[2]) : 10, begun = 0;
    pthread_t *threads = calloc((size_t)limit, sizeof *threads);
    urls = argc > 1 ? fopen(argv[1], "r") : NULL;
    if (!urls || !threads || curl_global_init(CURL_GLOBAL_ALL) != 0)
        return 2;
    while (begun < limit && pthread_create(&threads[begun], NULL, work, NULL) == 0)
        begun++;
    for (int i = 0; i < begun; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    printf("Fetched %d of %d URLs\n", fetched, fetched + failed);
    return failed > 0;
}
