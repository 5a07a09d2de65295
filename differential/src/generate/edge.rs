//! Small functions of the top level that are called with plain arguments until they are compiled for those, and then with
//! arguments at the edge of what they were compiled for: the largest ints, other types, other structs, shared arrays.
//!
//! A row of the table says what such a function may do; what compilers rely on and get wrong is in its edges.

use super::Generator;

/// A function of `a` and `b`, and what to call it with.
struct Shape {
    bodies: &'static [&'static str],
    /// What it is called with while it warms up.
    plain: &'static [&'static str],
    /// What it is called with then. The first argument is also looked at after the call.
    edges: &'static [&'static str],
}

/// `BOUND` is a literal that is the same in a body and in the edges, `STEP` a small one; `MAX` and `MIN` are the limits of ints.
const SHAPES: &[Shape] = &[
    Shape {
        bodies: &[
            "return a + b",
            "return a - b",
            "return a * b",
            "return a / b",
            "return a % b",
            "return -a * b",
            "return b + a % 7",
            "return b - a % 7",
            "return (a % 7) * b",
            "return a / 5 - b",
            "a / b; return a",
            "mut n := 1 try { n := a + b; n := n * a } except { return n } return n",
        ],
        plain: &["7, 2", "40, 3", "1, 1"],
        edges: &[
            "MAX, 1",
            "MIN, -1",
            "MAX, MAX",
            "MIN, MAX",
            "-3, MAX",
            "-3, MIN",
            "0, MIN",
            "3037000500, 3037000500",
            "5, 0",
            "-5, 3",
            "1, 2.5",
            "2.5, 1",
            "1, \"s\"",
            "\"s\", 1",
            "null, 1",
            "9007199254740993, 0.5",
            "-3, 1.5",
            "true, 1",
        ],
    },
    Shape {
        bodies: &[
            "return a == b",
            "return a != b",
            "if a < b { return 1 } return 0",
            "if a >= b { return 1 } return 0",
            "return [a <= b, a > b]",
            "return a + b",
            "return a / b",
        ],
        plain: &["1.5, 2.5", "0.5, 4.0"],
        edges: &[
            "0.1 + 0.2, 0.3",
            "0.5, 0.5",
            "-0.0, 0.0",
            "1, 1.0",
            "1.0, 2",
            "0.3, \"s\"",
            "1.0, null",
            "1.0000000000000002, 1.0",
            "1.0000000000000009, 1.0",
        ],
    },
    Shape {
        bodies: &[
            "if a < BOUND { return a + STEP } return b",
            "if a >= BOUND { return b } return a + STEP",
            "if a <= BOUND { return a + STEP } return b",
            "if a > BOUND { return b } return a + STEP",
            "if a > -BOUND { return a - STEP } return b",
            "if a >= -BOUND { return a - STEP } return b",
        ],
        plain: &["7, 2", "-40, 3"],
        edges: &[
            "BOUND, 1",
            "BOUND - 1, 2",
            "BOUND - 1, 3",
            "BOUND - 2, 3",
            "BOUND - 3, 4",
            "-BOUND, 1",
            "-BOUND + 1, 2",
            "-BOUND + 2, 3",
        ],
    },
    Shape {
        bodies: &[
            "mut n := 0 while a < BOUND { a += STEP n += 1 if n > 9 { break } } return [a, n]",
            "mut n := 0 while a <= BOUND { n += 1 if n > 9 { break } a += 1 } return [a, n]",
            "mut n := 0 while a < b { n += 1 if n > 9 { break } a += 1 } return [a, n]",
            "mut n := 0 while a <= b { n += 1 if n > 9 { break } a += 1 } return [a, n]",
            "mut n := 0 mut s := STEP while a < b { n += 1 if n > 9 { break } a += s } return [a, n]",
            "mut n := b for q in 4 { n := n + a } return n",
            "mut n := b for q in range(9, 0, -2) { n := n + q } return n + a",
        ],
        plain: &["7, 2", "-40, 3"],
        edges: &[
            "-3, BOUND",
            "BOUND - 2, BOUND",
            "MAX - 2, MAX",
            "MAX, 1",
            "MIN, -1",
            "-5, MIN",
            "1.5, 2",
            "\"s\", 1",
        ],
    },
    Shape {
        bodies: &[
            "return a[b]",
            "return len(a) + a[b]",
            "for q in a { b := b + q } return b",
            "mut n := 0 for q in len(a) { n := n + a[q] + b } return n",
            "if b < len(a) { return a[b] } return len(a)",
            "return get(a, b, 7)",
        ],
        plain: &["[1, 2, 3], 1", "[4], 0"],
        edges: &[
            "[1, 2, 3], 3",
            "[1, 2, 3], -1",
            "[1, 2, 3], -3",
            "[1, 2, 3], -4",
            "[], 0",
            "[1.5, 2.5], 1",
            "[1, \"s\"], 1",
            "[true], 0",
            "[[1], [2]], 1",
            "\"héllo\", 1",
            "{\"1\": 2}, 1",
            "{\"05\": 2, \"5\": 3}, \"05\"",
            "[1, 2], 1.0",
            "[1, 2], null",
        ],
    },
    Shape {
        bodies: &[
            "a[0] := b; return a",
            "a[b] += 1; return a",
            "a := push(a, b); return [a, len(a)]",
            "mut n := 0 for q in 3 { a := push(a, b) n += len(a) } return [a, n]",
            "mut n := 0 for q in 9 { a := push(a, q) if len(a) > 5 { n += len(a) } } return n",
            "c := a; a[0] := b; return [a, c]",
            "c := [a, a]; c[0][0] := b; return [a, c]",
            "try { a[0] := b; a[9] := b } except { return a } return b",
        ],
        plain: &["[1, 2, 3], 1", "[4, 5], 0"],
        edges: &[
            "[1, 2, 3], 2",
            "[1], 5",
            "[1, 2], 2.5",
            "[1.5, 2.5], 1",
            "[1, 2], \"s\"",
            "[true, false], 1",
            "[\"s\", \"t\"], 0",
            "[[1], [2]], 1",
            "[], 1",
            "{\"0\": 1}, 2",
            "\"s\", 1",
        ],
    },
    Shape {
        bodies: &[
            "return a.x",
            "return a.x + b",
            "a.x := b; return a",
            "a.y += b; return [a, a.x]",
            "a.z := b; return a",
            "return a == b",
        ],
        plain: &["Left { x: 1, y: 2 }, 1", "Left { x: 3, y: 4 }, 2"],
        edges: &[
            "Right { y: 5, x: 6 }, 1",
            "Left { x: 7 }, 1",
            "Left { x: \"s\", y: [1] }, 2",
            "{\"x\": 1, \"y\": 2}, 3",
            "5, 1",
            "Left { x: 1, y: 2 }, Left { x: 1, y: 3 }",
            "Left { x: 1, y: 2 }, Right { y: 2, x: 1 }",
            "Left { x: 1, y: 2 }, Left { x: 1, y: 2 }",
            "Left { x: 1, y: 2 }, 1.5",
        ],
    },
    Shape {
        bodies: &[
            "mut n := \"\" for q in a { n := \"${n}${q},\" } return n",
            "mut c := a; let h := func(q) { return [c, q] }; c := b; return [h(1), c]",
            "a == b; return [a == b, a != b]",
            "match a { case 1 { return b } case \"s\" | 2 { return a } } return [a]",
        ],
        plain: &["[[1, 2]], 1", "[[3, 4], [2, 5]], \"s\""],
        edges: &[
            "[[2, 1], [1, 2], [2, 3], [1, 4], [1, 5]], 1",
            "\"héllo\", \"日本\"",
            "{\"05\": 1, \"5\": 2}, {\"5\": 2, \"05\": 1}",
            "3, 3.0",
            "[1.5], [1.5]",
            "[[1]], [[1]]",
            "1, \"one\"",
            "0.1 + 0.2, 0.3",
            "null, 1",
        ],
    },
    Shape {
        bodies: &[
            "return sort(a, func(p, q) { return p[0] - q[0] })",
            "return sort(a, func(p, q) { return p[0] < q[0] })",
            "return map(a, func(p) { p[0] := b; return p })",
            "return [a[1], a[0] == a[1]]",
        ],
        plain: &["[[1, 2], [1, 3]], 1"],
        edges: &[
            "[[2, 1], [1, 2], [2, 3], [1, 4], [1, 5]], 1",
            "[[1, 1], [1, \"s\"]], 2",
            "[[1.5], [1]], 2.5",
            "[[3, null], [1], [3, 2]], [4]",
        ],
    },
];

/// Ints whose neighbourhood is worth a look.
const BOUNDS: &[&str] = &[
    "9223372036854775807",
    "9223372036854775807",
    "9223372036854775806",
    "9223372036854775805",
    "5",
];

impl Generator {
    /// A function with its warm-up and its edges.
    pub(super) fn edge_function(&mut self) {
        let shape = &SHAPES[self.random.below(SHAPES.len())];
        let bound = self.random.pick(BOUNDS);
        let step = self.random.within(1, 3).to_string();
        let filled = |text: &str| {
            let text = text.replace("BOUND", bound).replace("STEP", &step);
            let text = text.replace("MAX", "9223372036854775807");
            text.replace("MIN", "(-9223372036854775807 - 1)")
        };
        let inner = self.fresh("w");
        let body = filled(self.random.pick(shape.bodies));
        self.line(&format!("func {inner}(a, b) {{ {body} }}"));
        let name = self.around(&inner);
        let trips = match self.hot && self.random.chance(60) {
            true => self.random.within(1600, 2500),
            false => self.random.within(2, 15),
        };
        let plain = filled(self.random.pick(shape.plain));
        self.guarded(|g| g.line(&format!("for q in {trips} {{ {name}({plain}) }}")));
        for _ in 0..self.random.within(3, 8) {
            let edge = filled(self.random.pick(shape.edges));
            self.edge_call(&name, &edge);
        }
        let edge = filled(self.random.pick(shape.edges));
        self.ending = Some(format!("print({name}({edge}))"));
    }

    /// Perhaps a function around a call of another, which may become part of it.
    fn around(&mut self, inner: &str) -> String {
        let body = match self.random.below(5) {
            0 => format!("return {inner}(a, b)"),
            1 => format!("return [{inner}(a, b), {inner}(a, b), a]"),
            2 => format!("mut r := 0 for q in 3 {{ r := {inner}(a, b) }} return [r, b]"),
            3 => format!("try {{ return {inner}(a, b) }} except {{ return [a, b] }}"),
            _ => return inner.into(),
        };
        let outer = self.fresh("w");
        self.line(&format!("func {outer}(a, b) {{ {body} }}"));
        outer
    }

    fn edge_call(&mut self, name: &str, edge: &str) {
        self.guarded(|g| {
            if g.random.chance(50) {
                return g.line(&format!("print({name}({edge}))"));
            }
            let array = g.fresh("v");
            g.line(&format!("let [{array}, other] := [{edge}]"));
            g.line(&format!("print({name}({array}, other), {array})"));
        });
    }
}
