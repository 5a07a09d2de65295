function count(n) {
  const d = new Map();
  let x = 12345;
  for (let i = 0; i < n; i++) {
    x = (x * 16807) % 2147483647;
    const k = x % 1000;
    d.set(k, (d.get(k) ?? 0) + 1);
  }
  return d;
}
const d = count(Number(process.argv[2]));
console.log(d.size, d.get(0), d.get(999));
