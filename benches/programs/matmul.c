#include <stdio.h>
#include <stdlib.h>
static double *fill(long n, long k) {
    double *m = malloc(sizeof *m * n * n);
    for (long i = 0; i < n * n; i++) m[i] = i * k % 10 * 0.5;
    return m;
}
int main(int argc, char **argv) {
    long n = atol(argv[1]);
    double *a = fill(n, 7), *b = fill(n, 3), *c = malloc(sizeof *c * n * n), sum = 0;
    for (long i = 0; i < n; i++)
        for (long j = 0; j < n; j++) {
            double s = 0;
            for (long k = 0; k < n; k++) s += a[i * n + k] * b[k * n + j];
            c[i * n + j] = s;
        }
    for (long i = 0; i < n * n; i++) sum += c[i];
    printf("%ld %ld %ld\n", (long)c[0], (long)c[n * n / 2], (long)sum);
    return argc - 2;
}
