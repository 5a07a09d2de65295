#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static char *s;
static size_t len, cap;
static void append(const char *t) {
    size_t n = strlen(t);
    if (len + n > cap) s = realloc(s, cap = (len + n) * 2);
    memcpy(s + len, t, n);
    len += n;
}
int main(int argc, char **argv) {
    long total = 0;
    for (long r = atol(argv[1]); r > 0; r--) {
        s = NULL;
        len = cap = 0;
        for (long i = 0; i < 100000; i++) {
            append("ab");
            if (i % 10 == 0) append("-");
        }
        long dashes = 0;
        for (size_t i = 0; i < len; i++) dashes += s[i] == '-';
        total += dashes + (long)len;
        free(s);
    }
    printf("%ld\n", total);
    return argc - 2;
}
