import sys
def total(n):
    s = 0
    i = 0
    while i < n:
        j = 0
        while j < n:
            s = s + i * j - j * 3
            j = j + 1
        i = i + 1
    return s
print(total(int(sys.argv[1])))
