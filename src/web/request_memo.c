/* A small table with several places for what begins alike: clients of different kinds ask for the
 * same path. */
#include "web/request_memo.h"

#include "base/memory.h"
#include "web/request.h"
#include "web/worker.h"

#include <string.h>

enum { LOOKED_AT = 24 };        /* bytes that tell where a request would be; "GET / HTTP/1.1\r\n"
                                   and a field have as many */

struct known_request {
    uint16_t size;              /* of the head; 0: nobody is here */
    bool used;                  /* since somebody else wanted the place */
    bool keep_alive;
    uint16_t path_size;         /* without the query */
    struct route *route;
    bide_app *app;
    uint16_t head_size;
    char head[offsetof(struct head, fields) + KNOWN_FIELDS * sizeof(struct field)];
    char came[KNOWN_SIZE];      /* as it came */
    char text[KNOWN_SIZE];      /* as the request has it, each text ended by a NUL */
};

/* ---- places ---- */

static struct known_request *places_for(const struct request_memo *memo, const char *data)
{
    uint64_t words[LOOKED_AT / 8];
    memcpy(words, data, LOOKED_AT);
    uint64_t hash = (words[0] ^ words[1] << 1 ^ words[2] << 2) * UINT64_C(0x9e3779b97f4a7c15);
    return &memo->known[(hash >> 32) % KNOWN_SETS * KNOWN_WAYS];
}

/* The end is looked at first: requests of different clients begin alike. */
static bool is_there(const struct known_request *known, const char *data, size_t size)
{
    enum { END = 8 };
    return known->size && known->size <= size &&
           memcmp(data + known->size - END, known->came + known->size - END, END) == 0 &&
           memcmp(data, known->came, known->size) == 0;
}

static struct known_request *find(const struct request_memo *memo, const char *data, size_t size)
{
    if (!memo->known || size < LOOKED_AT)
        return NULL;
    struct known_request *known = places_for(memo, data);
    for (unsigned i = 0; i < KNOWN_WAYS; i++, known++)
        if (is_there(known, data, size))
            return known;
    return NULL;
}

/* Who was used lately keeps its place for once. */
static struct known_request *make_place(struct request_memo *memo, const char *data)
{
    if (!memo->known)
        memo->known = bide__zalloc(KNOWN_SETS * KNOWN_WAYS * sizeof *memo->known);
    if (!memo->known)
        return NULL;
    struct known_request *known = places_for(memo, data) + memo->next++ % KNOWN_WAYS;
    bool used = known->used;
    known->used = false;
    return used ? NULL : known;
}

/* ---- requests ---- */

static size_t size_of_head(const struct head *head)
{
    return offsetof(struct head, fields) + head->count * sizeof *head->fields;
}

size_t bide__request_recall(const struct request_memo *memo, struct bide_request *req,
                            const char *data, size_t size)
{
    struct known_request *known = find(memo, data, size);
    char *text = known ? bide__scratch_take(&req->scratch, known->size + 1) : NULL;
    if (!text)
        return 0;
    known->used = true;
    memcpy(text, known->text, known->size);
    text[known->size] = '\0';
    memcpy(&req->head, known->head, known->head_size);
    req->text = text;
    req->target = text + req->head.target;
    req->raw = text_of(req->target, known->path_size);
    req->keep_alive = known->keep_alive;
    req->body.done = true;
    req->route = known->route;
    req->app = known->app;
    return known->size;
}

/* One that asks for another protocol says something new each time. */
static bool is_worth_it(const struct bide_request *req)
{
    const struct head *head = &req->head;
    return req->body.kind == BODY_NONE && !head->upgrade && head->method == 0 &&
           head->size >= LOOKED_AT && head->size <= KNOWN_SIZE && head->count <= KNOWN_FIELDS;
}

void bide__request_remember(struct request_memo *memo, struct bide_request *req, const char *data)
{
    if (!is_worth_it(req) || !bide__route_find_fixed(req, req->worker->app))
        return;
    struct known_request *known = make_place(memo, data);
    if (!known)
        return;
    known->size = req->head.size;
    known->keep_alive = req->keep_alive;
    known->path_size = (uint16_t)req->raw.size;
    known->route = req->route;
    known->app = req->app;
    known->head_size = (uint16_t)size_of_head(&req->head);
    memcpy(known->head, &req->head, known->head_size);
    memcpy(known->came, data, known->size);
    memcpy(known->text, req->text, known->size);
}

void bide__request_memo_end(struct request_memo *memo)
{
    bide__free(memo->known);
    *memo = (struct request_memo){ .known = NULL };
}
