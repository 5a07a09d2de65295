import sys
def build(n):
    a = []
    i = 0
    while i < n:
        a.append(i * 2)
        i += 1
    return a
total = 0
for r in range(int(sys.argv[1])):
    a = build(200000)
    total += a[len(a) - 1] + len(a)
print(total)
