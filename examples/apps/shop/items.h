/* items.h -- the routes of single items, and of pages of them. */
#ifndef ITEMS_H
#define ITEMS_H
#include <bide.h>

void items_join(bide_app *app);

#endif
