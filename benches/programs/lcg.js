function lcg(n) {
  let x = 1;
  for (let i = 0; i < n; i++) x = (x * 16807 + 11) % 2147483647;
  return x;
}
console.log(lcg(Number(process.argv[2])));
