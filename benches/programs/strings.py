import sys
def build(n):
    # Python's idiom for building: pieces in a list, joined at the end.
    t = []
    for i in range(n):
        t.append("ab")
        if i % 10 == 0:
            t.append("-")
    return "".join(t)
total = 0
for r in range(int(sys.argv[1])):
    s = build(100000)
    dashes = 0
    for i in range(len(s)):
        if s[i] == "-":
            dashes += 1
    total += dashes + len(s)
print(total)
