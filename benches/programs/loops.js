function total(n) {
  let s = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) s = s + i * j - j * 3;
  return s;
}
console.log(total(Number(process.argv[2])));
