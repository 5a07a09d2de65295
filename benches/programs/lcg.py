import sys
def lcg(n):
    x = 1
    i = 0
    while i < n:
        x = (x * 16807 + 11) % 2147483647
        i += 1
    return x
print(lcg(int(sys.argv[1])))
