/* The server rows with libmicrohttpd: server_microhttpd PORT WORKERS FOLDER [CERTIFICATE KEY].
 *
 * Its threads wait by epoll. The plain answer is made once, the others for each request. The
 * memory of a connection is 4 KB instead of 32: it is cleared for each request, and that was nine
 * tenths of its instructions. */
#include <microhttpd.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONNECTIONS = 110000, IDLE_SECONDS = 600, BACKLOG = 4096, POOL = 4096 };

static struct MHD_Response *hello;
static char file_path[4096];

static struct MHD_Response *make_json(void)
{
    char text[64];
    int size = snprintf(text, sizeof text, "{\"message\":\"%s\"}", "Hello, World!");
    struct MHD_Response *made =
        MHD_create_response_from_buffer((size_t)size, text, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(made, "Content-Type", "application/json");
    return made;
}

static struct MHD_Response *open_file(void)
{
    struct stat about;
    int fd = open(file_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) < 0)
        return NULL;
    return MHD_create_response_from_fd((uint64_t)about.st_size, fd);
}

/* Called twice: what is answered at the first call, before the body, closes the connection. */
static enum MHD_Result answer(void *unused, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    (void)unused, (void)method, (void)version, (void)data, (void)size;
    if (!*state) {
        *state = &hello;
        return MHD_YES;
    }
    if (strcmp(url, "/plaintext") == 0)
        return MHD_queue_response(connection, 200, hello);
    struct MHD_Response *made = strcmp(url, "/json") == 0 ? make_json() : open_file();
    if (!made)
        return MHD_NO;
    enum MHD_Result rc = MHD_queue_response(connection, 200, made);
    MHD_destroy_response(made);
    return rc;
}

static char *text_of(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 16);
    if (!file || !text)
        exit(1);
    text[fread(text, 1, (1 << 16) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void make_hello(void)
{
    static char text[] = "Hello, World!";
    hello = MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(hello, "Content-Type", "text/plain");
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)atoi(argv[1])),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    unsigned workers = (unsigned)atoi(argv[2]), secure = argc > 5 ? MHD_USE_TLS : 0;
    char *certificate = secure ? text_of(argv[4]) : NULL, *key = secure ? text_of(argv[5]) : NULL;
    struct MHD_OptionItem options[] = {
        { MHD_OPTION_SOCK_ADDR, 0, &address },
        { MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, NULL },
        { MHD_OPTION_LISTEN_BACKLOG_SIZE, BACKLOG, NULL },
        { secure ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, certificate },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, key },
        { MHD_OPTION_END, 0, NULL },
    };
    snprintf(file_path, sizeof file_path, "%s/static/10k.bin", argv[3]);
    make_hello();
    if (!MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | secure, 0, NULL, NULL,
                          answer, NULL, MHD_OPTION_THREAD_POOL_SIZE, workers > 1 ? workers : 0u,
                          MHD_OPTION_ARRAY, options, MHD_OPTION_END)) {
        fprintf(stderr, "it does not start\n");
        return 1;
    }
    pause();
}
