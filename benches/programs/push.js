function build(n) {
  const a = [];
  for (let i = 0; i < n; i++) a.push(i * 2);
  return a;
}
let total = 0;
for (let r = Number(process.argv[2]); r > 0; r--) {
  const a = build(200000);
  total += a[a.length - 1] + a.length;
}
console.log(total);
