import sys
def primes(n):
    composite = []
    for i in range(n):
        composite.append(False)
    count = 0
    i = 2
    while i < n:
        if not composite[i]:
            count += 1
            j = i * i
            while j < n:
                composite[j] = True
                j += i
        i += 1
    return count
total = 0
for r in range(int(sys.argv[1])):
    total += primes(200000)
print(total)
