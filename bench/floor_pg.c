/* The ceiling of PostgreSQL: the protocol on a blocking socket, what libpq would send made before
 * the clock starts, and of what comes back each message's kind and length looked at, no value.
 *
 * `pipelined` sends what a driver must whose statements stand alone: a Sync behind each, at which
 * the server ends a transaction and writes its answer. Then it is done once more with one Sync for
 * all that are in flight, one transaction ("rate_one_sync"); that is more than twice as fast, and
 * wrong for statements of tasks that know nothing of each other. `import FILE` instead of `copy`
 * gives the server the file, as CSV. stint.h says what it is told and what it prints. */
#define BENCH_TLS 0
#include "dial.h"
#include "stint.h"

#include <arpa/inet.h>

enum { PIECE = 65536, ROOM = 1 << 18 };

static struct stint stint;
static int fd;

/* ---- messages ---- */

static char *put_number(char *at, uint32_t number)
{
    number = htonl(number);
    memcpy(at, &number, sizeof number);
    return at + sizeof number;
}

static size_t make_message(char *to, char kind, const void *body, size_t size)
{
    *to = kind;
    memcpy(put_number(to + 1, (uint32_t)size + 4), body, size);
    return size + 5;
}

static void put(const void *bytes, size_t size)
{
    if (send(fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
        fail("send");
}

static void say(char kind, const char *text)
{
    char message[256];
    put(message, make_message(message, kind, text, strlen(text) + 1));
}

/* Messages that have come, by their kinds. */
static struct { char bytes[ROOM]; size_t at, have, bytes_in; long of[128]; } in;

static void walk(void)
{
    while (in.have - in.at >= 5) {
        uint32_t size;
        memcpy(&size, in.bytes + in.at + 1, sizeof size);
        size = ntohl(size) + 1;
        if (in.have - in.at < size)
            return;
        char kind = in.bytes[in.at];
        if (kind == 'E') {
            fprintf(stderr, "the server says: %.80s\n", in.bytes + in.at + 6);
            exit(1);
        }
        in.of[kind & 127]++;
        in.at += size;
    }
}

static void receive(void)
{
    memmove(in.bytes, in.bytes + in.at, in.have - in.at);
    in.have -= in.at;
    in.at = 0;
    ssize_t n = recv(fd, in.bytes + in.have, sizeof in.bytes - in.have, 0);
    if (n <= 0)
        fail("recv");
    in.have += (size_t)n;
    in.bytes_in += (size_t)n;
    walk();
}

/* Until one more of that kind has come. */
static void await(char kind)
{
    for (long before = in.of[(int)kind]; in.of[(int)kind] == before;)
        receive();
}

static void log_in(void)
{
    static const char words[] = "user\0bench\0database\0postgres\0";
    char message[8 + sizeof words];
    memcpy(put_number(put_number(message, sizeof message), 196608), words, sizeof words);
    put(message, sizeof message);
    await('Z');
}

/* ---- statements ---- */

/* Bind (results in binary), Describe, Execute: what libpq sends for one that is prepared as "s". */
static size_t make_statement(char *to, const char *parameter, size_t size)
{
    char bind[64] = "\0s\0\0\0\0", *at = bind + 5;
    *at++ = 0;
    *at++ = size ? 1 : 0;
    if (size) {
        at = put_number(at, (uint32_t)size);
        memcpy(at, parameter, size);
        at += size;
    }
    memcpy(at, "\0\1\0\1", 4);
    size_t made = make_message(to, 'B', bind, (size_t)(at + 4 - bind));
    made += make_message(to + made, 'D', "P", 2);
    return made + make_message(to + made, 'E', "\0\0\0\0", 5);
}

static void prepare(const char *sql)
{
    char text[128] = "s", message[256];
    strcpy(text + 2, sql);
    size_t size = make_message(message, 'P', text, 2 + strlen(sql) + 1 + 2);
    put(message, size + make_message(message + size, 'S', "", 0));
    await('Z');
}

static void wake_at(int bytes)
{
    if (setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes) < 0)
        fail("SO_RCVLOWAT");
}

/* So many of the message again as were answered, until all are. A quarter of them at once, and no
 * sooner is the core woken: waking it for each answer is the dearest part for both sides. */
static void keep_in_flight(const char *message, size_t size, long count)
{
    long asked = STINT_FLIGHT < count ? STINT_FLIGHT : count, first, seen;
    size_t before = in.bytes_in;
    put(message, size);
    await('Z');
    wake_at((int)(in.bytes_in - before) * STINT_FLIGHT / 4);
    first = seen = in.of['Z'];
    put(message, size * (size_t)asked);
    while (seen - first < count) {
        if (asked == count)
            wake_at(1);
        receive();
        long some = in.of['Z'] - seen, more = some < count - asked ? some : count - asked;
        if (more > 0)
            put(message, size * (size_t)more);
        asked += more;
        seen += some;
    }
}

static void sequential(long count)
{
    char message[256];
    size_t size = make_statement(message, NULL, 0);
    size += make_message(message + size, 'S', "", 0);
    for (long i = 0; i < count; i++) {
        put(message, size);
        await('Z');
    }
}

static void pipelined(long count)
{
    static char messages[STINT_FLIGHT * 64];
    size_t size = make_statement(messages, NULL, 0);
    size += make_message(messages + size, 'S', "", 0);
    for (size_t i = 1; i < STINT_FLIGHT; i++)
        memcpy(messages + i * size, messages, size);
    keep_in_flight(messages, size, count);
}

static void pipelined_one_sync(long count)
{
    static char messages[STINT_FLIGHT * 64];
    size_t size = 0;
    for (int i = 0; i < STINT_FLIGHT; i++)
        size += make_statement(messages + size, NULL, 0);
    size += make_message(messages + size, 'S', "", 0);
    for (long i = 0; i < count; i += STINT_FLIGHT) {
        put(messages, size);
        await('Z');
    }
}

static void rows(long count)
{
    char message[256], number[16];
    long before = in.of['D'];
    size_t size = make_statement(message, number, (size_t)sprintf(number, "%ld", count));
    put(message, size + make_message(message + size, 'S', "", 0));
    await('Z');
    if (in.of['D'] - before != count)
        fail("not the rows expected");
}

/* ---- COPY ---- */

static char *copied;            /* messages */
static size_t copied_size;

static void make_rows(long count)
{
    copied = malloc((size_t)count * 80 + PIECE + 1000);
    char *message = copied, *at = copied + 5;
    for (long i = 0; i < count; i++) {
        char name[STINT_ROW_MAX], email[STINT_ROW_MAX];
        stint_make_row(i, name, email);
        at += sprintf(at, "%ld\t%s\t%s\t%c\n", i, name, email, i & 1 ? 't' : 'f');
        if (at - message < PIECE && i < count - 1)
            continue;
        *message = 'd';
        put_number(message + 1, (uint32_t)(at - message - 1));
        message = at;
        at += 5;
    }
    copied_size = (size_t)(message - copied);
}

static void end_copy(void)
{
    char message[8];
    put(message, make_message(message, 'c', "", 0));
    await('Z');
}

static void copy(long count)
{
    (void)count;
    say('Q', "copy bench_copy from stdin");
    await('G');
    for (size_t at = 0; at < copied_size; at += PIECE)
        put(copied + at, copied_size - at < PIECE ? copied_size - at : PIECE);
    end_copy();
}

static void import(const char *path)
{
    static char message[5 + PIECE];
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path);
    setvbuf(file, NULL, _IONBF, 0);
    say('Q', "copy bench_import from stdin (format csv, header)");
    await('G');
    for (size_t n; (n = fread(message + 5, 1, PIECE, file)) > 0;) {
        message[0] = 'd';
        put_number(message + 1, (uint32_t)n + 4);
        put(message, n + 5);
    }
    fclose(file);
    end_copy();
}

/* ---- all ---- */

static void measure(void (*run)(long count), long warm, const char *rate)
{
    if (warm > 0)
        run(warm);
    stint_begin(&stint);
    run(stint.count);
    stint_print(&stint, rate);
}

int main(int argc, char **argv)
{
    bool imports = argc == 5 && strcmp(argv[1], "import") == 0;
    if (!stint_read(&stint, imports ? 4 : argc, argv))
        return 2;
    fd = dial(stint_port(&stint), 0);
    log_in();
    long warm = stint.count / 10 + 1;
    if (imports) {
        import(argv[4]);
    } else if (stint_is(&stint, "copy")) {
        make_rows(stint.count);
        measure(copy, 0, "rate");
    } else {
        prepare(stint_is(&stint, "rows") ? STINT_SERIES : STINT_QUERY);
    }
    if (stint_is(&stint, "rows"))
        measure(rows, 0, "rate");
    if (stint_is(&stint, "sequential"))
        measure(sequential, warm, "rate");
    if (stint_is(&stint, "pipelined")) {
        measure(pipelined, warm, "rate");
        measure(pipelined_one_sync, warm, "rate_one_sync");
    }
    return 0;
}
