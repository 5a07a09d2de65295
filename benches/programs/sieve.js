function primes(n) {
  const composite = [];
  for (let i = 0; i < n; i++) composite.push(false);
  let count = 0;
  for (let i = 2; i < n; i++) {
    if (!composite[i]) {
      count++;
      for (let j = i * i; j < n; j += i) composite[j] = true;
    }
  }
  return count;
}
let total = 0;
for (let r = Number(process.argv[2]); r > 0; r--) total += primes(200000);
console.log(total);
