/* How every answer of this second begins.
 *
 * The clock is looked at once per turn of the poller, and the beginning of a 200, which most
 * answers are, is made once per second. */
#include "core/loop.h"
#include "web/worker.h"

#include <time.h>

static void write_beginning(const struct bide_worker *worker, struct writer *w, int status)
{
    const char *server = worker->serving->server_header;
    bide__write_status_line(w, status);
    writer_literal(w, "Date: ");
    writer_put(w, worker->date, DATE_SIZE);
    writer_literal(w, "\r\n");
    if (server)
        bide__write_field(w, text_from("Server"), text_from(server));
}

static void look_at_date(struct bide_worker *worker)
{
    uint32_t turn = bide__loop()->turns;
    if (worker->dated && worker->dated_turn == turn)
        return;
    int64_t now = (int64_t)time(NULL);
    worker->dated_turn = turn;
    if (now == worker->dated)
        return;
    worker->dated = now;
    bide__date_write(worker->date, now);
    worker->usual = (struct writer){ .at = worker->usual_space, .room = USUAL_MAX };
    write_beginning(worker, &worker->usual, 200);
}

void bide__worker_write_head(struct bide_worker *worker, struct writer *w, int status)
{
    look_at_date(worker);
    if (status == 200 && worker->usual.code == 0)
        writer_put(w, worker->usual.at, worker->usual.size);
    else
        write_beginning(worker, w, status);
}
