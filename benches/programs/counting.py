import sys
def count(n):
    d = {}
    x = 12345
    i = 0
    while i < n:
        x = x * 16807 % 2147483647
        k = x % 1000
        d[k] = d.get(k, 0) + 1
        i += 1
    return d
d = count(int(sys.argv[1]))
print(len(d), d[0], d[999])
