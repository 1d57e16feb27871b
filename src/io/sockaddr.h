/* Socket addresses as text: "127.0.0.1:8080", "[::1]:80". */
#ifndef IO_SOCKADDR_H
#define IO_SOCKADDR_H
#include <stddef.h>
#include <sys/socket.h>

enum { SOCKADDR_TEXT = 64 };
/* The text's length; 0 and "" for what is not IP. */
size_t bide__sockaddr_format(const struct sockaddr *address, char text[SOCKADDR_TEXT]);

#endif
