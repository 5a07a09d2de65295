#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    long n = atol(argv[1]), s = 0;
    for (long i = 0; i < n; i++)
        for (long j = 0; j < n; j++)
            s = s + i * j - j * 3;
    printf("%ld\n", s);
    return argc - 2;
}
