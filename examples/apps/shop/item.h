/* item.h -- what the shop sells. */
#ifndef ITEM_H
#define ITEM_H
#include <bide.h>
#include <bide/db.h>

enum { ITEM_NAME_MAX = 200, ITEM_PRICE_MAX = 100000000, ITEM_STOCK_MAX = 1000000 };

struct item {
    const char *name;           /* the document's */
    int64_t price, stock;       /* cents; how many are there */
};

/* What item_describe() needs of a row. */
#define ITEM_COLUMNS "id, name, price, stock, version"
void item_describe(bide_json *told, bide_rows *row);
/* An item from what a client has sent; adds to errors what is wrong with it. */
void item_read(struct item *item, const bide_json *asked, bide_json *errors);

#endif
