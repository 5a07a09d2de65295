//! Sources that nobody writes: the parser answers all of them with a tree or with diagnostics, in bounded time and on a
//! small native stack, and every diagnostic can be rendered. What outgrows an instruction is a compile error.

use std::fmt::Write as _;

use ruff::diag::{self, ColorChoice};
use ruff::driver::front::{Source, front};
use ruff::source::{MAX_SOURCE_BYTES, SourceMap};
use ruff::syntax::{self, token::TokenKind};

/// Parses and renders; gives the number of diagnostics.
fn parse(source: &str) -> usize {
    let mut map = SourceMap::new();
    let file = map.add("hostile.ruff", source);
    let (tree, faults) = syntax::parse(&map, file);
    let shown = faults.len().min(100);
    diag::render_all(&map, &faults[..shown], ColorChoice::Colored);
    if source.len() < 10_000 {
        syntax::dump::tree(&tree);
        syntax::dump::tokens(&map, file);
    }
    faults.len()
}

/// Parses on a stack of 1 MiB.
fn survives(source: String) -> usize {
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || parse(&source));
    thread
        .expect("a thread starts")
        .join()
        .expect("the parser does not panic")
}

fn filled(unit: &str) -> String {
    unit.repeat((MAX_SOURCE_BYTES - 2) / unit.len())
}

#[test]
fn deep_nesting_is_an_error_and_long_chains_are_not() {
    let deep = [
        "(",
        "[",
        "{",
        "{a:",
        "-",
        "!",
        "await ",
        "yield ",
        "f(",
        "a[",
        "a.b(",
        "Ok(",
        "throw(",
        "P{x:",
        "A::B(",
        "x := [",
        "if x {",
        "while (",
        "func f() {",
        "x := func() {",
        "f(func() {",
        "[func() {",
        "match x { case 1 {",
        "try {",
        "spawn {",
        "test \"t\" {",
        "struct S { func m() {",
        "let [",
        "[a, [",
        "let x: list<",
        "let x: func(",
        "func f(a: func() -> ",
        "\"${",
        "if x { } else { ",
        "loop { ",
        "for x in (",
        "1 + (",
        "a ?? b || c && d == e < f + g * -h[",
    ];
    for unit in deep {
        assert!(survives(filled(unit)) > 0, "{unit}");
    }
    let long = [
        "a;",
        "1+",
        "a.b",
        "f()",
        "a?",
        "a|>",
        "x[0]",
        "a ?? ",
        "a || ",
        "1 - 2 * 3 / ",
        "[],",
        "f(1)\n",
    ];
    for unit in long {
        let source = filled(unit);
        let complete = match unit {
            "[]," => format!("[{source}]"),
            _ if unit.ends_with(['+', '>', ' ']) => source + "1",
            _ => source,
        };
        assert_eq!(survives(complete), 0, "{unit}");
    }
    let chain = format!("if a {{ }} {}", "else if a { } ".repeat(70_000));
    assert_eq!(survives(chain), 0);
}

#[test]
fn nesting_up_to_the_limits_is_accepted() {
    let nested = |open: &str, inner: &str, close: &str, times| {
        open.repeat(times) + inner + &close.repeat(times)
    };
    assert_eq!(survives(nested("(", "1", ")", 255)), 0);
    assert_eq!(survives(nested("(", "1", ")", 256)), 1);
    assert_eq!(survives(nested("[", "", "]", 256)), 0);
    assert_eq!(
        survives(nested(
            "a ?? b || c && d == e < f + g * P { x: ",
            "1",
            "}",
            255
        )),
        0
    );
    assert_eq!(survives(nested("\"${", "1", "}\"", 100)), 0);
    assert_eq!(survives(nested("-", "1", "", 255)), 0);
    assert_eq!(survives(nested("-", "1", "", 256)), 1);
    assert_eq!(survives(nested("if x { ", "y", " }", 128)), 0);
    assert_eq!(survives(nested("if x { ", "y", " }", 129)), 1);
    assert_eq!(survives(nested("f(func() { return ", "y", " })", 127)), 0);
    let (open, close) = (
        "match f(func() { match x { case 1 { a[f(func() { ",
        " })] } } }) { } ",
    );
    assert_eq!(survives(nested(open, "y", close, 42)), 0);
}

#[test]
fn many_errors_take_linear_time() {
    for unit in [
        "@", "\0", ")", "];", "\"\n", "\"\\q\"", "1x ", "case ", "let ", "x := ;", "f(;", "}", "é",
        "\n+", "\"${}\"", "= ", "{ ", "( )) ",
    ] {
        assert!(survives(unit.repeat(100_000 / unit.len())) > 0, "{unit}");
    }
}

/// A sequence of numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn token_soup_does_not_upset_the_parser() {
    let mut dice = Dice(1);
    let values = [
        "x",
        "_",
        "Ok",
        "None",
        "throw",
        "12",
        "1.5",
        "\"s\"",
        "\"${x + 1}\"",
        "\"${\"",
        "é",
        "@",
        "\n",
        "\n",
        "{",
        "}",
        "(",
        ")",
    ];
    for _ in 0..4000 {
        let mut source = String::new();
        for _ in 0..dice.roll(60) {
            let kind = TokenKind::ALL[dice.roll(TokenKind::ALL.len())];
            let fixed = kind.is_word()
                || !kind
                    .spelling()
                    .starts_with(|c: char| c.is_ascii_alphabetic());
            let text = if fixed && dice.roll(3) > 0 {
                kind.spelling()
            } else {
                values[dice.roll(values.len())]
            };
            let _ = write!(source, "{text} ");
        }
        parse(&source);
    }
}

#[test]
fn byte_soup_does_not_upset_the_lexer() {
    let mut dice = Dice(2);
    let alphabet = "\0\t\n\r \"$\\{}()[]#/*.:=+-&|?<>!,;@é€𝄞_aeExz0189'";
    let alphabet: Vec<char> = alphabet.chars().collect();
    for _ in 0..4000 {
        let source: String = (0..dice.roll(80))
            .map(|_| alphabet[dice.roll(alphabet.len())])
            .collect();
        parse(&source);
    }
}

#[test]
fn broken_programs_do_not_upset_the_parser() {
    let program = "struct P { x: int func m(self) { return self.x } }\nfunc* g(a, b: list<int>?) -> func(int) -> int { \
        for i in range(3) { try { yield [i, ...a] } except e { throw(\"e ${e.message}\") } } }\nlet {k, ...r} := {\"k\": 1}\n\
        match v { case Ok(x) | Err(x) if x > 1 { loop while true { break } } default { } }\nexport const C := a?.b?(1)[2] |> f ?? -1\n";
    let mut dice = Dice(3);
    for _ in 0..4000 {
        let (from, to) = (dice.roll(program.len()), dice.roll(program.len()));
        let (from, to) = (from.min(to), from.max(to));
        parse(&if dice.roll(2) == 0 {
            program[from..to].into()
        } else {
            format!("{}{}", &program[..from], &program[to..])
        });
    }
}

#[test]
fn an_instruction_takes_255_operands() {
    let list = |n: usize, item: fn(usize) -> String| (0..n).map(item).collect::<Vec<_>>();
    let commas = |n, item| list(n, item).join(", ");
    let programs: [(&str, &dyn Fn(usize) -> String); 5] = [
        ("arguments", &|n| {
            format!("print({})", commas(n, |i| i.to_string()))
        }),
        ("arguments", &|n| {
            let params = commas(n, |i| format!("p{i}"));
            format!("func f({params}) {{ }} f({params})")
        }),
        ("fields", &|n| {
            format!("P {{ {} }}", commas(n, |i| format!("f{i}: {i}")))
        }),
        ("payloads", &|n| {
            format!("A::B({})", commas(n, |i| i.to_string()))
        }),
        ("captured variables", &|n| {
            let variables = list(n, |i| format!("let v{i} := {i}")).join("\n");
            let sum = list(n, |i| format!("v{i}")).join(" + ");
            format!("func f() {{ {variables}\nreturn func() {{ return {sum} }} }}")
        }),
    ];
    for (what, program) in programs {
        let compile = |n| {
            let (name, text) = ("large".to_owned(), program(n));
            front(&Source::Text { name, text }, ColorChoice::Plain).map(drop)
        };
        assert!(compile(255).is_ok(), "255 {what}");
        let error = compile(256).expect_err("too many").to_string();
        let message = format!("Compilation error: more than 255 {what}");
        assert!(error.contains(&message), "{error}");
    }
}
