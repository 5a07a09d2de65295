function build(n) {
  let s = "";
  for (let i = 0; i < n; i++) {
    s = s + "ab";
    if (i % 10 === 0) s = s + "-";
  }
  return s;
}
let total = 0;
for (let r = Number(process.argv[2]); r > 0; r--) {
  const s = build(100000);
  let dashes = 0;
  for (let i = 0; i < s.length; i++) if (s[i] === "-") dashes++;
  total += dashes + s.length;
}
console.log(total);
