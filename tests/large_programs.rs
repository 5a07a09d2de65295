//! Programs that only a generator writes: as large, as long and as deep as the limits allow, and beyond. Every engine runs them or
//! refuses them with a position.

mod harness;

use harness::program::{self, Program};
use harness::suite;

/// A program and what it promises: below its text what it prints, in its first line the error that refuses it.
fn case(name: &str, text: String, promise: &str) -> Program {
    let whole = if promise.starts_with(' ') {
        (text + "\n").replacen('\n', &format!("{promise}\n"), 1)
    } else {
        format!("{}\n{promise}\n", text.trim_end())
    };
    let mut programs = program::split(name, "large.ruff", &whole);
    assert_eq!(programs.len(), 1, "{name}");
    programs.remove(0)
}

/// What `part` gives for the numbers below `n`, joined.
fn each(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect()
}

#[test]
fn long_programs_run() {
    let cases = vec![
        case(
            "a long sum",
            format!("x := {}1", "1+".repeat(100_000)),
            "print(x)  # => 100001",
        ),
        case(
            "many statements",
            format!("x := 0\n{}", "x := x + 1\n".repeat(20_000)),
            "print(x)  # => 20000",
        ),
        case(
            "many statements in a function",
            format!(
                "func f(x) {{\n{} return x }}",
                " x := x + 1\n".repeat(5_000)
            ),
            "print(f(1), f(0.5))  # => 5001 5000.5",
        ),
        case(
            "a very long function with an error in its middle",
            format!(
                "func f(x) {{\ns := \"\"\ntry {{\n{}x := x - s }} except e {{ x := e.message }}\n{}return x + s }}",
                "s := \"${x}\"\nfor i in 2 { if x < 9 { x := x + i } }\n".repeat(1_500),
                "x := x + s\nif len(x) > 30 { x := s }\n".repeat(1_500)
            ),
            "print(len(f(1)))  # => 31",
        ),
        case(
            "a long array",
            format!("a := [{}1]", "1,".repeat(4_000)),
            "print(len(a))  # => 4001",
        ),
        case(
            "a long dict",
            format!("d := {{{}}}", each(2_000, |i| format!("\"k{i}\": {i}, "))),
            "print(len(d), d[\"k1999\"])  # => 2000 1999",
        ),
        case(
            "a long string",
            format!("s := \"{}\"", "ä".repeat(8_000)),
            "print(len(s))  # => 8000",
        ),
        case(
            "a long interpolated string",
            format!("x := 1\ns := \"{}\"", "${x}".repeat(2_000)),
            "print(len(s))  # => 2000",
        ),
        case(
            "many branches",
            format!(
                "x := 2999\nif x == -1 {{ }}{}",
                each(3_000, |i| format!(" else if x == {i} {{ x := \"b{i}\" }}"))
            ),
            "print(x)  # => b2999",
        ),
        case(
            "many cases",
            format!(
                "x := 999\nmatch x {{\n{}}}",
                each(1_000, |i| format!(" case {i} {{ x := \"m{i}\" }}\n"))
            ),
            "print(x)  # => m999",
        ),
        case(
            "many functions",
            each(4_000, |i| format!("func f{i}(x) {{ return x + {i} }}\n")),
            "print(f3999(1))  # => 4000",
        ),
        case(
            "many globals",
            each(10_000, |i| format!("g{i} := {i}\n")) + "func last() { return g9999 }",
            "print(last())  # => 9999",
        ),
        case(
            "many variables of a function",
            format!(
                "func f() {{\n{} return v0 + v9999 }}",
                each(10_000, |i| format!(" let v{i} := {i}\n"))
            ),
            "print(f())  # => 9999",
        ),
        case(
            "many constants",
            each(10_000, |i| format!("x := \"c{i}\"\n")),
            "print(x)  # => c9999",
        ),
        case(
            "deep calls",
            format!(
                "func f(x) {{ return x + 1 }}\nx := {}7{}",
                "f(".repeat(200),
                ")".repeat(200)
            ),
            "print(x)  # => 207",
        ),
        case(
            "a long pipe",
            format!(
                "func f(x) {{ return x + 1 }}\nx := 0{}",
                " |> f".repeat(3_000)
            ),
            "print(x)  # => 3000",
        ),
        case(
            "deep blocks",
            format!(
                "x := 0\n{}x := 1{}",
                "if true { ".repeat(120),
                " }".repeat(120)
            ),
            "print(x)  # => 1",
        ),
        case(
            "deep functions",
            format!(
                "f := {}1{}",
                "func() { return ".repeat(120),
                " }".repeat(120)
            ),
            "print(type(f()()()))  # => function",
        ),
        case(
            "many methods",
            format!(
                "struct S {{\n{}}}",
                each(1_000, |i| format!(" func m{i}(self) {{ return {i} }}\n"))
            ),
            "print(S { }.m999())  # => 999",
        ),
        case(
            "many parameters",
            format!(
                "func f({}) {{ return p0 + p199 }}\nx := f({})",
                each(200, |i| format!("p{i},")),
                each(200, |i| format!("{i},"))
            ),
            "print(x)  # => 199",
        ),
    ];
    suite::run("long programs", cases);
}

#[test]
fn programs_beyond_the_limits_are_refused() {
    let many = |part: &str| each(66_000, |i| part.replace('N', &i.to_string()));
    let cases = vec![
        case(
            "too many arguments",
            format!("print({}1)", "1, ".repeat(300)),
            "  # !compile more than 255 arguments",
        ),
        case(
            "too many functions",
            many("func fN(){\n}"),
            "  # !compile the program has more than 65535 functions",
        ),
        case(
            "too many variables of a function",
            format!("func f() {{\n{}}}", many("vN:=1\n")),
            "  # !compile a function needs more than 65534 registers",
        ),
        case(
            "too many names",
            format!("x := {{}}\n{}", many("x.nN\n")),
            "  # !compile the program has more than 65535 names",
        ),
        case(
            "too large a file",
            format!("x := 1\n# {}", "x".repeat(1 << 20)),
            "  # !syntax Source file is too large: …",
        ),
        case(
            "blocks too deep",
            "if true { ".repeat(5_000),
            "  # !syntax …",
        ),
        case(
            "brackets too deep",
            format!("x := {}", "[".repeat(100_000)),
            "  # !syntax …",
        ),
    ];
    suite::run("programs beyond the limits", cases);
}
