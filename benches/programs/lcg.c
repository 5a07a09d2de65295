#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    long n = atol(argv[1]), x = 1;
    for (long i = 0; i < n; i++) x = (x * 16807 + 11) % 2147483647;
    printf("%ld\n", x);
    return argc - 2;
}
