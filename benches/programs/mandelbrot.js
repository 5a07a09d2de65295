function mandelbrot(size) {
  let total = 0;
  for (let py = 0; py < size; py++)
    for (let px = 0; px < size; px++) {
      const cx = (px * 3.0) / size - 2.0, cy = (py * 2.0) / size - 1.0;
      let x = 0.0, y = 0.0, n = 0;
      while (x * x + y * y <= 4.0 && n < 500) {
        const t = x * x - y * y + cx;
        y = 2.0 * x * y + cy;
        x = t;
        n++;
      }
      total += n;
    }
  return total;
}
console.log(mandelbrot(Number(process.argv[2])));
