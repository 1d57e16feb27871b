/* order.h -- an order: how many of which items. */
#ifndef ORDER_H
#define ORDER_H
#include <bide.h>

enum { LINES_MAX = 50, LINE_COUNT_MAX = 1000 };

struct line { int64_t item, count, price; };    /* price: of one, when it was ordered */
struct order {
    int64_t id, total;          /* cents */
    struct line lines[LINES_MAX];       /* by item */
    size_t count;
    size_t at;                  /* the line that could not be had */
};

/* From what a client has sent, with the lines in order; adds to errors what is wrong with it. */
void order_read(struct order *order, const bide_json *asked, bide_json *errors);
/* Adds a line that was written down. */
void order_add(struct order *order, int64_t item, int64_t count, int64_t price);
void order_describe(bide_json *told, const struct order *order);

#endif
