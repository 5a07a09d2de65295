#include <stdio.h>
#include <stdlib.h>
/* A hash table with linear probing, as a C programmer would write one for this. */
enum { SIZE = 4096 };
static struct { long key, count; int used; } table[SIZE];
static long *slot(long key) {
    unsigned long at = (unsigned long)key * 0x9E3779B97F4A7C15ul >> 52;
    while (table[at].used && table[at].key != key) at = (at + 1) % SIZE;
    table[at].used = 1;
    table[at].key = key;
    return &table[at].count;
}
int main(int argc, char **argv) {
    long n = atol(argv[1]), x = 12345, len = 0;
    for (long i = 0; i < n; i++) {
        x = x * 16807 % 2147483647;
        ++*slot(x % 1000);
    }
    for (int i = 0; i < SIZE; i++) len += table[i].used;
    printf("%ld %ld %ld\n", len, *slot(0), *slot(999));
    return argc - 2;
}
