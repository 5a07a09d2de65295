import sys
def fill(n, k):
    return [i * k % 10 * 0.5 for i in range(n * n)]
def product(a, b, n):
    c = []
    for i in range(n):
        for j in range(n):
            s = 0.0
            for k in range(n):
                s += a[i * n + k] * b[k * n + j]
            c.append(s)
    return c
n = int(sys.argv[1])
c = product(fill(n, 7), fill(n, 3), n)
print(int(c[0]), int(c[n * n // 2]), int(sum(c)))
