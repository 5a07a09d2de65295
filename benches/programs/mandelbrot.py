import sys
def mandelbrot(size):
    total = 0
    for py in range(size):
        for px in range(size):
            cx = px * 3.0 / size - 2.0
            cy = py * 2.0 / size - 1.0
            x = y = 0.0
            n = 0
            while x * x + y * y <= 4.0 and n < 500:
                x, y = x * x - y * y + cx, 2.0 * x * y + cy
                n += 1
            total += n
    return total
print(mandelbrot(int(sys.argv[1])))
