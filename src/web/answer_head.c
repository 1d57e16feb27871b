/* How the answers of this second begin.
 *
 * The clock is looked at once per turn of the poller.  What most answers of a second have in
 * common, the lines up to their type, is written once for each type and then copied. */
#include "web/answer_head.h"

#include "core/loop.h"
#include "web/worker.h"

#include <bide/error.h>
#include <string.h>
#include <time.h>

/* The type is checked as every value is; its name need not be. */
static void write_type(struct writer *w, const char *type)
{
    size_t size = strlen(type);
    if (bide__chars_skip_field(type, type + size) < type + size) {
        bide__writer_fail(w, BIDE_EINVAL, "a header's value has a control character in it");
        return;
    }
    writer_literal(w, "Content-Type: ");
    writer_put(w, type, size);
    writer_literal(w, "\r\n");
}

static void write_anew(const struct bide_worker *worker, struct writer *w, int status,
                       const char *type)
{
    const char *server = worker->serving->server_header;
    bide__write_status_line(w, status);
    writer_literal(w, "Date: ");
    writer_put(w, worker->beginnings.date, DATE_SIZE);
    writer_literal(w, "\r\n");
    if (server)
        bide__write_field(w, text_from("Server"), text_from(server));
    if (type)
        write_type(w, type);
}

static void look_at_date(struct beginnings *all)
{
    uint32_t turn = bide__loop()->turns;
    if (all->second && all->turn == turn)
        return;
    int64_t now = (int64_t)time(NULL);
    all->turn = turn;
    if (now == all->second)
        return;
    all->second = now;
    bide__date_write(all->date, now);
    for (size_t i = 0; i < BEGINNINGS; i++)
        all->usual[i].size = 0;
}

static const char no_type[] = "\n";     /* which no type can be */

/* Types are constants of the program as a rule: their addresses tell them apart. */
static struct beginning *place_of(struct beginnings *all, const char *type)
{
    return &all->usual[((uintptr_t)type >> 4) % BEGINNINGS];
}

static void keep(struct beginning *b, int status, const char *type, struct text text)
{
    size_t size = strlen(type);
    if (size >= sizeof b->type || text.size > sizeof b->text)
        return;
    memcpy(b->type, type, size + 1);
    memcpy(b->text, text.at, text.size);
    b->status = status;
    b->size = text.size;
}

void bide__answer_begin(struct bide_worker *worker, struct writer *w, int status, const char *type)
{
    const char *known_as = type ? type : no_type;
    struct beginning *b = place_of(&worker->beginnings, known_as);
    size_t start = w->size;
    look_at_date(&worker->beginnings);
    if (b->size > 0 && b->status == status && strcmp(b->type, known_as) == 0) {
        writer_put(w, b->text, b->size);
        return;
    }
    write_anew(worker, w, status, type);
    if (w->code == 0)
        keep(b, status, known_as, text_of(w->at + start, w->size - start));
}
