//! Mutants of inputs, the same for the same seed.
//!
//! In: an input, and others of its corpus. Out: a changed copy. It knows a few words of the language and values at edges, nothing
//! about the target.

/// A small generator of numbers (xorshift64*; Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016).
pub struct Random(u64);

impl Random {
    /// Any seed will do.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        mixed as usize % n
    }
}

const WORDS: &[&str] = &[
    "func ",
    "let ",
    ":= ",
    "if ",
    "else ",
    "while ",
    "for ",
    "in ",
    "return ",
    "struct ",
    "match ",
    "case ",
    "try ",
    "except ",
    "import ",
    "export ",
    "enum ",
    "test ",
    "self",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "${",
    "\"",
    "'",
    "...",
    "?",
    "|>",
    "=>",
    "..",
    "#",
    "/*",
    "*/",
    "\\u{",
    "\n",
    "0x",
    "1e999",
    "9223372036854775808",
    "-9223372036854775808",
    "null",
    "--",
    "\u{0}",
    "\u{feff}",
    "\u{1F600}",
    "e\u{301}",
    "İ",
    "ß",
    "\u{2028}",
    "#-1",
    "#1e300",
    "--jit-threshold",
    "run",
    "-e",
    "[[",
    "{\"a\":",
    ",",
];

/// A mutant: one to four changes.
pub fn mutant(input: &[u8], others: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(16)).min(bytes.len());
        match random.below(7) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            2 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            3 if at < bytes.len() => bytes[at] = random.below(256) as u8,
            4 => bytes.truncate(at),
            5 if !others.is_empty() => {
                let other = &others[random.below(others.len())];
                let from = random.below(other.len() + 1);
                let to = (from + random.below(64)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            _ => {
                let word = WORDS[random.below(WORDS.len())];
                drop(bytes.splice(at..at, word.bytes()));
            }
        }
    }
    bytes
}
