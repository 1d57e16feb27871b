/* Runs a harness on the files named, or once on standard input: for AFL++ (afl-fuzz -i corpus/head
 * -o out -- ./head_standalone @@) and for looking at a found input again. */
#include "fuzz.h"

enum { INPUT_MAX = 1 << 20 };

static void run(FILE *file)
{
    static uint8_t data[INPUT_MAX];
    size_t size = fread(data, 1, sizeof data, file);
    /* Memory of exactly that size, so that the address sanitizer sees reads past its end. */
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact)
        return;
    for (size_t i = 0; i < size; i++)
        exact[i] = data[i];
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        run(stdin);
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (!file) {
            perror(argv[i]);
            return 2;
        }
        run(file);
        fclose(file);
    }
    return 0;
}
