#include <stdio.h>
#include <stdlib.h>
static long primes(long n) {
    long count = 0, cap = 0, len = 0;
    unsigned char *composite = NULL;
    for (long i = 0; i < n; i++) {
        if (len == cap) composite = realloc(composite, cap = cap ? cap * 2 : 8);
        composite[len++] = 0;
    }
    for (long i = 2; i < n; i++)
        if (!composite[i]) {
            count++;
            for (long j = i * i; j < n; j += i) composite[j] = 1;
        }
    free(composite);
    return count;
}
int main(int argc, char **argv) {
    long total = 0;
    for (long r = atol(argv[1]); r > 0; r--) total += primes(200000);
    printf("%ld\n", total);
    return argc - 2;
}
