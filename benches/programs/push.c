#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    long total = 0;
    for (long r = atol(argv[1]); r > 0; r--) {
        long *a = NULL, len = 0, cap = 0;
        for (long i = 0; i < 200000; i++) {
            if (len == cap) a = realloc(a, sizeof *a * (cap = cap ? cap * 2 : 8));
            a[len++] = i * 2;
        }
        total += a[len - 1] + len;
        free(a);
    }
    printf("%ld\n", total);
    return argc - 2;
}
