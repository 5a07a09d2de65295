//! What a program hardly ever happens to contain, so that of a few hundred programs some do: each program has one of the builtins and
//! one of these texts in turn, by its seed.

use super::{Generator, Kind::*};

/// Statements; the words in capitals stand for something of the kind.
const TEXTS: &[&str] = &[
    "print(map(ARRAY, to_string), type(len), len == print)",
    "let NAME := func(q) { if q < 1 { return 0 } return q + NAME(q - 1) }; print(NAME(5))",
    "if true { let k := INT; struct NAME { x: int func plus(self, n) { return self.x + n + k } } print(NAME { x: 1 }.plus(2)) }",
    "println(INT, TEXT)",
    "error(TEXT)",
    "print(pad_right(TEXT, 9, \"*\"), pad_start(TEXT, 8, \"-\"), pad_end(TEXT, 7, \"+\"))",
    "print(args(), repeat(TEXT, 3))",
];

impl Generator {
    /// The statements that are the turn of a program.
    pub(super) fn in_turn(&mut self, seed: u64) {
        let text = TEXTS[(seed % TEXTS.len() as u64) as usize];
        let name = self.fresh("R");
        let (int, array, string) = (self.expr(Int, 1), self.expr(Ints, 1), self.expr(Str, 1));
        let text = text.replace("NAME", &name).replace("TEXT", &string);
        let text = text.replace("INT", &int).replace("ARRAY", &array);
        self.guarded(|g| g.line(&text));
        self.builtin_in_turn(seed);
    }
}
