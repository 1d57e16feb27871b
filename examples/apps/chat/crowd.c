/* A crowd for the chat: comes, listens, and says what it costs.
 *
 *     crowd [--count N] [--rooms N] [--messages N] [--pid PID] URL      "ws://127.0.0.1:8080/ws"
 *
 * N connections are opened and kept, spread over the rooms.  With the server's process id, its
 * memory is read before and after, and told per connection.  Then one member of the first room
 * says something, so many times, and it is told how long it took until all there had heard. */
#include <bide.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { AT_ONCE = 50 };          /* that knock at the door */

static struct crowd {
    const char *url, *pid;
    size_t count, rooms, messages;
    bide_session *session;
    bide_semaphore door;
    bide_event all_here, all_heard;
    size_t here, heard, wanted;
    bide_ws *speaker;
} crowd = { .count = 10000, .rooms = 1, .messages = 20, .door = BIDE_SEMAPHORE(AT_ONCE) };

/* KiB of memory that the server holds for itself; 0: nobody said which it is. */
static long server_memory(void)
{
    char path[64], line[128];
    long size = 0;
    if (!crowd.pid)
        return 0;
    snprintf(path, sizeof path, "/proc/%s/status", crowd.pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "RssAnon: %ld", &size) == 1)
            break;
    if (file)
        fclose(file);
    return size;
}

static void note(const struct bide_message *message, bool in_first_room)
{
    if (!in_first_room || !strstr(message->data, "\"type\":\"said\""))
        return;
    if (++crowd.heard == crowd.wanted)
        bide_event_set(&crowd.all_heard);
}

BIDE_WAITS static bide_ws *knock(size_t number)
{
    char url[300];
    snprintf(url, sizeof url, "%s?room=r%zu&name=m%zu", crowd.url, number % crowd.rooms, number);
    bide_auto(permit) permit = bide_semaphore_acquire(&crowd.door);
    return permit ? bide_ws_connect(crowd.session, url) : NULL;
}

static int listen_to(void *arg)
{
    size_t number = *(size_t *)arg;
    bool in_first_room = number % crowd.rooms == 0;
    struct bide_message message;
    bide_auto(ws) ws = knock(number);
    int rc = bide_ws_recv(ws, &message);        /* the welcome */
    if (rc <= 0)
        return rc < 0 ? rc : bide_fail(BIDE_EEOF, "member %zu was not let in", number);
    if (number == 0)
        crowd.speaker = ws;
    if (++crowd.here == crowd.count)
        bide_event_set(&crowd.all_here);
    while ((rc = bide_ws_recv(ws, &message)) > 0)
        note(&message, in_first_room);
    return rc < 0 ? rc : bide_fail(BIDE_EEOF, "the server has closed member %zu", number);
}

/* One after the other, for one who floods a room is told to be slower. */
BIDE_WAITS static int speak(void)
{
    size_t listeners = (crowd.count + crowd.rooms - 1) / crowd.rooms;
    double longest = 0, sum = 0;
    for (size_t i = 0; i < crowd.messages; i++) {
        double start = bide_now();
        crowd.heard = 0;
        crowd.wanted = listeners;
        bide_event_clear(&crowd.all_heard);
        int rc = bide_ws_send_text(crowd.speaker, "{\"text\": \"hear, hear\"}");
        if (rc == 0)
            rc = bide_event_wait(&crowd.all_heard);
        if (rc == 0)
            rc = bide_sleep(0.2);
        if (rc < 0)
            return rc;
        double seconds = bide_now() - start - 0.2;
        sum += seconds;
        longest = seconds > longest ? seconds : longest;
    }
    printf("%zu messages, each heard by %zu: %.1f ms on average, %.1f ms at most\n",
           crowd.messages, listeners, sum / (double)crowd.messages * 1000, longest * 1000);
    return 0;
}

static int gather(void *unused)
{
    (void)unused;
    long before = server_memory();
    double start = bide_now();
    bide_auto(session) session = crowd.session = bide_session_open(.limit = crowd.count + AT_ONCE);
    BIDE_GROUP(members);
    for (size_t i = 0; i < crowd.count; i++)
        bide_spawn_with(members, listen_to, size_t, i);
    int rc = bide_event_wait(&crowd.all_here);
    if (rc == 0) {
        printf("%zu connections in %.1f s\n", crowd.count, bide_now() - start);
        rc = bide_sleep(2.5);                   /* until it is told who is there, and is quiet */
    }
    if (rc == 0 && crowd.pid)
        printf("memory of the server: %ld KiB before, %ld KiB now, %.0f bytes per connection\n",
               before, server_memory(),
               (double)(server_memory() - before) * 1024 / (double)crowd.count);
    if (rc == 0 && crowd.messages > 0)
        rc = speak();
    bide_group_cancel(members);
    int failed = bide_group_wait(members);
    return failed < 0 && failed != BIDE_ECANCELED ? failed : rc == BIDE_ECANCELED ? failed : rc;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "count", required_argument, NULL, 'c' }, { "rooms", required_argument, NULL, 'r' },
        { "messages", required_argument, NULL, 'm' }, { "pid", required_argument, NULL, 'p' },
        { NULL, 0, NULL, 0 },
    };
    struct rlimit files;
    for (int option; (option = getopt_long(argc, argv, "c:r:m:p:", known, NULL)) != -1;) {
        switch (option) {
        case 'c': crowd.count = (size_t)atol(optarg); break;
        case 'r': crowd.rooms = (size_t)atol(optarg); break;
        case 'm': crowd.messages = (size_t)atol(optarg); break;
        case 'p': crowd.pid = optarg; break;
        default: return 2;
        }
    }
    if (optind + 1 != argc || crowd.count == 0 || crowd.rooms == 0) {
        fprintf(stderr, "usage: crowd [--count N] [--rooms N] [--messages N] [--pid PID] URL\n");
        return 2;
    }
    crowd.url = argv[optind];
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int rc = bide_run(gather, NULL, .stop_on_signal = true);
    if (rc < 0)
        fprintf(stderr, "crowd: %s\n", bide_errmsg());
    return rc < 0;
}
