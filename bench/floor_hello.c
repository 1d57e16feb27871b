/* The floor of starting a program: nothing but a word. */
#include <stdio.h>

int main(void)
{
    return puts("hello") < 0;
}
