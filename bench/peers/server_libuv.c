/* The server rows with libuv and http-parser: server_libuv PORT WORKERS FOLDER.
 *
 * libuv knows no HTTP, so this is what one writes on it: a parser's callbacks, one buffer to read
 * into (it is free again when libuv asks for the next), and all answers of a read in one
 * uv_try_write; what that leaves goes the long way. Every request is read to its end by the
 * parser, and its path looked at. Workers are processes with a listener each. No TLS: libuv has
 * none. */
#include <http_parser.h>
#include <uv.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 4096, INPUT = 65536, OUTPUT = 1 << 20, PATH_SIZE = 256, FILE_MAX = 1 << 16 };

struct client {
    uv_tcp_t tcp;
    http_parser parser;
    char path[PATH_SIZE];
    size_t path_size;
};

struct rest {                   /* what the socket had no room for */
    uv_write_t write;
    char text[];
};

static char input[INPUT], output[OUTPUT], file_path[4096], date[64];
static size_t output_size;
static uv_timer_t second;

/* ---- answers ---- */

static void tell_date(uv_timer_t *unused)
{
    struct tm parts;
    time_t now = time(NULL);
    (void)unused;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
}

static void answer(const char *status, const char *type, const char *body, size_t size)
{
    if (OUTPUT - output_size < size + 300)
        return;                 /* nobody asks that often at once */
    output_size += (size_t)snprintf(output + output_size, 300,
        "HTTP/1.1 %s\r\nServer: libuv\r\nDate: %s\r\nContent-Type: %s\r\n"
        "Content-Length: %zu\r\n\r\n", status, date, type, size);
    memcpy(output + output_size, body, size);
    output_size += size;
}

/* In the page cache it takes less time than a thread takes to be asked. */
static void answer_with_file(uv_loop_t *loop)
{
    static char text[FILE_MAX];
    uv_buf_t into = uv_buf_init(text, sizeof text);
    uv_fs_t call;
    int fd = uv_fs_open(loop, &call, file_path, UV_FS_O_RDONLY, 0, NULL);
    int size = fd < 0 ? fd : uv_fs_read(loop, &call, fd, &into, 1, 0, NULL);
    if (fd >= 0)
        uv_fs_close(loop, &call, fd, NULL);
    if (size < 0)
        answer("404 Not Found", "text/plain", "", 0);
    else
        answer("200 OK", "application/octet-stream", text, (size_t)size);
}

static int take_path(http_parser *parser, const char *text, size_t size)
{
    struct client *c = parser->data;
    if (c->path_size + size >= sizeof c->path)
        return 1;
    memcpy(c->path + c->path_size, text, size);
    c->path_size += size;
    return 0;
}

static int begin_message(http_parser *parser)
{
    ((struct client *)parser->data)->path_size = 0;
    return 0;
}

static int end_message(http_parser *parser)
{
    struct client *c = parser->data;
    c->path[c->path_size] = '\0';
    if (strcmp(c->path, "/plaintext") == 0) {
        answer("200 OK", "text/plain", "Hello, World!", 13);
    } else if (strcmp(c->path, "/json") == 0) {
        char text[64];
        int size = snprintf(text, sizeof text, "{\"message\":\"%s\"}", "Hello, World!");
        answer("200 OK", "application/json", text, (size_t)size);
    } else {
        answer_with_file(c->tcp.loop);
    }
    return 0;
}

static const http_parser_settings settings = { .on_message_begin = begin_message,
                                               .on_url = take_path,
                                               .on_message_complete = end_message };

/* ---- one connection ---- */

static void end(uv_handle_t *handle)
{
    free(handle->data);
}

static void written(uv_write_t *write, int status)
{
    (void)status;
    free(write->data);
}

static void send_output(struct client *c)
{
    uv_buf_t all = uv_buf_init(output, (unsigned)output_size);
    int sent = output_size > 0 ? uv_try_write((uv_stream_t *)&c->tcp, &all, 1) : 0;
    size_t done = sent > 0 ? (size_t)sent : 0, left = output_size - done;
    output_size = 0;
    if (left == 0)
        return;
    struct rest *rest = malloc(sizeof *rest + left);
    if (!rest)
        exit(1);
    memcpy(rest->text, output + done, left);
    rest->write.data = rest;
    all = uv_buf_init(rest->text, (unsigned)left);
    if (uv_write(&rest->write, (uv_stream_t *)&c->tcp, &all, 1, written) < 0)
        free(rest);
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(input, sizeof input);
}

static void take(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct client *c = stream->data;
    if (size == 0)
        return;
    bool good = size > 0 && http_parser_execute(&c->parser, &settings, buffer->base,
                                                (size_t)size) == (size_t)size;
    send_output(c);
    if (!good)
        uv_close((uv_handle_t *)stream, end);
}

static void welcome(uv_stream_t *listener, int status)
{
    struct client *c = status < 0 ? NULL : calloc(1, sizeof *c);
    if (!c)
        return;
    uv_tcp_init(listener->loop, &c->tcp);
    http_parser_init(&c->parser, HTTP_REQUEST);
    c->tcp.data = c->parser.data = c;
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) < 0 ||
        uv_tcp_nodelay(&c->tcp, 1) < 0 ||
        uv_read_start((uv_stream_t *)&c->tcp, give_buffer, take) < 0)
        uv_close((uv_handle_t *)&c->tcp, end);
}

/* ---- all of them ---- */

/* libuv 1.44 cannot share a port between processes by itself. */
static int socket_at(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    return bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : fd;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    for (int i = 1; i < atoi(argv[2]); i++)
        if (fork() == 0)
            break;
    uv_tcp_t listener;
    uv_loop_t *loop = uv_default_loop();
    snprintf(file_path, sizeof file_path, "%s/static/10k.bin", argv[3]);
    tell_date(NULL);
    uv_timer_init(loop, &second);
    uv_timer_start(&second, tell_date, 1000, 1000);
    uv_tcp_init(loop, &listener);
    if (uv_tcp_open(&listener, socket_at(atoi(argv[1]))) < 0 ||
        uv_listen((uv_stream_t *)&listener, BACKLOG, welcome) < 0) {
        fprintf(stderr, "it does not start\n");
        return 1;
    }
    return uv_run(loop, UV_RUN_DEFAULT);
}
