function fill(n, k) {
  const m = [];
  for (let i = 0; i < n * n; i++) m.push(((i * k) % 10) * 0.5);
  return m;
}
function product(a, b, n) {
  const c = [];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let s = 0.0;
      for (let k = 0; k < n; k++) s += a[i * n + k] * b[k * n + j];
      c.push(s);
    }
  return c;
}
const n = Number(process.argv[2]);
const c = product(fill(n, 7), fill(n, 3), n);
console.log(Math.trunc(c[0]), Math.trunc(c[Math.trunc((n * n) / 2)]), Math.trunc(c.reduce((s, x) => s + x, 0)));
