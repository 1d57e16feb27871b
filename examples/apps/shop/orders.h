/* orders.h -- the routes of orders. */
#ifndef ORDERS_H
#define ORDERS_H
#include <bide.h>

void orders_join(bide_app *app);

#endif
