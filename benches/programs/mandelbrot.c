#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    long size = atol(argv[1]), total = 0;
    for (long py = 0; py < size; py++)
        for (long px = 0; px < size; px++) {
            double cx = px * 3.0 / size - 2.0, cy = py * 2.0 / size - 1.0, x = 0, y = 0;
            long n = 0;
            while (x * x + y * y <= 4.0 && n < 500) {
                double t = x * x - y * y + cx;
                y = 2.0 * x * y + cy;
                x = t;
                n++;
            }
            total += n;
        }
    printf("%ld\n", total);
    return argc - 2;
}
