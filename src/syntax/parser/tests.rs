//! Each test gives source and the tree it means, as `dump` writes it; or where and how it is wrong. The wording of
//! the messages is tested in `tests/errors`.

use super::*;
use crate::syntax::ast::{ExprKind, PostfixKind, StmtKind};
use crate::syntax::dump;

fn parsed(source: &str) -> (String, Vec<String>) {
    let mut map = SourceMap::new();
    let file = map.add("t.ruff", source);
    let (tree, faults) = parse(&map, file);
    let shown = |fault: &Diagnostic| {
        let at = fault
            .span
            .map(|span| map.line_col(span))
            .expect("a syntax error has a place");
        format!("{}:{} {}", at.line, at.col, fault.message)
    };
    (
        dump::tree(&tree).trim_end().to_owned(),
        faults.iter().map(shown).collect(),
    )
}

fn check(source: &str, expected: &str) {
    assert_eq!(parsed(source), (expected.to_owned(), vec![]), "{source}");
}

/// Checks the positions of the faults and what is left of the tree.
fn check_faults(source: &str, positions: &[&str], expected: &str) {
    let (tree, faults) = parsed(source);
    let found: Vec<&str> = faults
        .iter()
        .filter_map(|fault| fault.split(' ').next())
        .collect();
    assert_eq!(
        (&found[..], tree.as_str()),
        (positions, expected),
        "{source}: {faults:?}"
    );
}

#[test]
fn operators_bind_by_level() {
    check("1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)");
    check("1 < 2 < 3 == 4 >= 5", "(== (< (< 1 2) 3) (>= 4 5))");
    check("a || b && c || d", "(|| a (&& b c) d)");
    check("a ?? b || c |> f ?? g", "(|> (?? a (|| b c)) (?? f g))");
    check("a * b + c * d % e", "(+ (* a b) (% (* c d) e))");
    check("a == b && c |> f", "(|> (&& (== a b) c) f)");
    check("a - b - (c - d)", "(- (- a b) (paren (- c d)))");
}

#[test]
fn prefix_operators_take_a_postfix_expression() {
    check("-2.abs() - -a.b", "(- (neg (.abs() 2)) (neg (.b a)))");
    check("!a && !!b", "(&& (not a) (not (not b)))");
    check("await f() + 1", "(+ (await (call f)) 1)");
    check("await await p", "(await (await p))");
}

#[test]
fn postfix_steps_apply_from_the_left() {
    check(
        "a.b[1](2).c(3)?.d?.e(4)?",
        "(? (?.e() (?.d (.c() (call (index (.b a) 1) 2) 3)) 4))",
    );
    check("(e?).f", "(.f (paren (? e)))");
    check("x.for.test.true", "(.true (.test (.for x)))");
    check("a\n  .b()\n  ?.c\n  ?", "(? (?.c (.b() a)))");
}

#[test]
fn a_bracket_on_a_new_line_starts_a_statement() {
    check("f\n(1)", "f\n(paren 1)");
    check("f\n[1]", "f\n(array 1)");
    check("f /* \n */ (1)", "f\n(paren 1)");
    check("a.f\n(1)", "(.f a)\n(paren 1)");
    check("Ok\n(1)", "Ok\n(paren 1)");
    check("A::B\n(1)", "A::B\n(paren 1)");
    check("(f\n(1))", "(paren (call f 1))");
    check("[f\n[1]]", "(array (index f 1))");
    check(
        "g(func() { f\n(1) }, f\n(2))",
        "(call g (func () { f; (paren 1) }) (call f 2))",
    );
    check("x := a\n- 1", ":= x (- a 1)");
    check("f(1)(2)", "(call (call f 1) 2)");
}

#[test]
fn struct_literals_need_a_field_or_nothing() {
    check("x := P { a: 1, b: 2, }", ":= x (struct P a: 1 b: 2)");
    check("P\n{ }", "(struct P)");
    check("P { for: 1 }.for", "(.for (struct P for: 1))");
    check("if a { }", "if a");
    check_faults("if a { b: 1 }", &["1:9"], "if a\n  b");
    check("while f(P { }) { }", "while (call f (struct P))");
    check("for x in [P { }] { }", "for x (array (struct P))");
    check("if (P { }) == q { x }", "if (== (paren (struct P)) q)\n  x");
    check(
        "match v { case a if b { c } }",
        "match v\n  case a if b\n    c",
    );
    check(
        "if func() { return P { } }() { y }",
        "if (call (func () { return (struct P) }))\n  y",
    );
    check("if a == {b: c} { d }", "if (== a (dict b: c))\n  d");
}

#[test]
fn literals() {
    check("[1, ...a, [],]", "(array 1 (... a) (array))");
    check(
        "{a: 1, \"b\": 2, for: 3, 1 + 2: 4, ...d, true: 5}",
        "(dict a: 1 \"b\": 2 \"for\": 3 (+ 1 2): 4 (... d) true: 5)",
    );
    check(
        "x := {null: 1, self: 2, func: 3}",
        ":= x (dict null: 1 self: 2 \"func\": 3)",
    );
    check("1.0 true null self", "1.0\ntrue\nnull\nself");
    check(
        "Ok(1) Err(x) Some([]) None",
        "(Ok 1)\n(Err x)\n(Some (array))\nNone",
    );
    check("throw(a + b) throw", "(throw (+ a b))\nthrow");
    check("A::B A::C(1, 2) None?", "A::B\n(A::C 1 2)\n(? None)");
}

#[test]
fn interpolations_are_parsed_in_place() {
    check(
        r#""a${b + 1}c${d["k"]}""#,
        r#"(str "a" (+ b 1) "c" (index d "k"))"#,
    );
    check(r#""${"in${0}ner"}""#, r#"(str (str "in" 0 "ner"))"#);
    check(
        r#""${func(x) { return x }(1)}""#,
        "(str (call (func (x) { return x }) 1))",
    );
    check_faults(
        r#"x := "a${}b${1 2}c${)}""#,
        &["1:10", "1:16", "1:21"],
        r#":= x (str "a" "b" "c")"#,
    );
    check_faults(r#""é${ "${a +}" }""#, &["1:12"], r#"(str "é" (str))"#);
    check_faults(r#""${1e3}""#, &["1:4"], "(str 0)");
}

#[test]
fn functions() {
    check(
        "func f(a, b: int,) -> int { return a }",
        "func f (a b: int) -> int\n  return a",
    );
    check(
        "async func f() { }\nfunc* g() { yield 1 }",
        "async func f ()\nfunc* g ()\n  (yield 1)",
    );
    check(
        "f := func*(a) { }",
        ":= f (func* (a))".replace("(a))", "(a) { })").as_str(),
    );
    check("f := async func() { }", ":= f (async func () { })");
    check("func m(self: S, x) { }", "func m (self x)");
    check(
        "x := func(a) { if a { return 1 } else { return 2 } }(3)",
        ":= x (call (func (a) { if a { return 1 } else { return 2 } }) 3)",
    );
}

#[test]
fn operands_of_return_and_yield() {
    check("func f() { return }", "func f ()\n  return");
    check("func f() { return\n  5 }", "func f ()\n  return 5");
    check("func f() { return; 5 }", "func f ()\n  return\n  5");
    check(
        "func f() { return let x := 1 }",
        "func f ()\n  return\n  let x 1",
    );
    check("func f() { return\n(1) }", "func f ()\n  return (paren 1)");
    check(
        "func f() { return await x }",
        "func f ()\n  return (await x)",
    );
    check("return if a { }", "return\nif a");
    check("x := yield", ":= x (yield)");
    check("1 + yield a |> b", "(+ 1 (yield (|> a b)))");
    check(
        "f(yield, [yield], (yield))",
        "(call f (yield) (array (yield)) (paren (yield)))",
    );
}

#[test]
fn declarations_and_assignments() {
    check("let x: list<int>[]? = 1", "let x: (list int)[]? 1");
    check("mut _ := 1", "mut _ 1");
    check(
        "const C: func(int, s) -> t? := 1",
        "const C: (func int s -> t?) 1",
    );
    check("let f: func := 1", "let f: (func) 1");
    check("a.b[c].for += 1", "+= a.b[c].for 1");
    check(
        "x -= 1 x *= 2 x /= 3 x %= 4 x = 5",
        "-= x 1\n*= x 2\n/= x 3\n%= x 4\n:= x 5",
    );
    check("None := 1", ":= None 1");
}

#[test]
fn destructuring_is_recognised_by_what_follows() {
    check(
        "[a, [b, _], ...c] := x",
        "destructure (array a (array b _) ...c) x",
    );
    check("{a, ...b} = x", "destructure (dict a ...b) x");
    check(
        "[] := x; {} := y",
        "destructure (array) x\ndestructure (dict) y",
    );
    check("let [a, {b}] := x", "let (array a (dict b)) x");
    check("[a, b]", "(array a b)");
    check("[a, b] == c", "(== (array a b) c)");
    check("[f(x)].each(g)", "(.each() (array (call f x)) g)");
    check("{a: 1}", "(dict a: 1)");
    check_faults("[a, 1] := x", &["1:1"], "");
}

#[test]
fn control_flow() {
    check(
        "if a { b } else if c { d } else { e }",
        "if a\n  b\nelse if c\n  d\nelse\n  e",
    );
    check(
        "loop { break } loop while x { continue }",
        "loop\n  break\nloop while x\n  continue",
    );
    check("for _ in 3 { }", "for _ 3");
    check(
        "try { a } except { b } try { } except e { }",
        "try\n  a\nexcept\n  b\ntry\nexcept e",
    );
    check("spawn { a }", "spawn\n  a");
    check(";;a;;b;", "a\nb");
}

#[test]
fn match_patterns() {
    check(
        "match v { case -1 | 2.5: { } case \"a\" | null | true { } }",
        "match v\n  case -1 | 2.5\n  case \"a\" | null | true",
    );
    check(
        "match v { case Ok(x) | Err(x) if x > 1 { y } default: { z } }",
        "match v\n  case (Ok x) | (Err x) if (> x 1)\n    y\n  default\n    z",
    );
    check(
        "match v { case A::B(_, q): { } case A::C { } case _ { } }",
        "match v\n  case (A::B _ q)\n  case A::C\n  case _",
    );
    check(
        "match v { case A(x, _) | B(_, x) { } }",
        "match v\n  case (A x _) | (B _ x)",
    );
    check("match v { default { } }", "match v\n  default");
    check_faults(
        "match v { case A(x) | B(y) { } }",
        &["1:23"],
        "match v\n  case (A x) | (B y)",
    );
}

#[test]
fn definitions() {
    check("enum E { A, B, } enum F { }", "enum E A B\nenum F");
    check(
        "struct P { x: int, y z: list<int> func: int test\n func m(self) { } async func n() { } func* g() { } }",
        "struct P x: int y z: (list int) func: int test\n  func m (self)\n  async func n ()\n  func* g ()",
    );
    check(
        "import m from a.test import x, y",
        "import m\nimport a.test: x y",
    );
    check(
        "export let a := 1 export b := 2 export func f() { } export [c] := 3",
        "export let a 1\nexport := b 2\nexport func f ()\nexport destructure (array c) 3",
    );
    check(
        "test \"a\" { x } test_group \"g\" { test_setup { } test_teardown { } }",
        "test \"a\"\n  x\ntest_group \"g\"\n  test_setup\n  test_teardown",
    );
}

#[test]
fn parsing_goes_on_behind_a_fault() {
    check_faults("x := \ny := 2\nz := * 3\nw", &["2:3", "3:6"], "w");
    check_faults("let := 1\nlet b 2\nlet c := 3", &["1:5", "2:7"], "let c 3");
    check_faults(
        "func f() { x := ; y := 2 }\nz",
        &["1:17"],
        "func f ()\n  := y 2\nz",
    );
    check_faults("print(a\nlet b := 1\nfoo)", &["2:1", "3:4"], "let b 1\nfoo");
    check_faults("if a = 1 {\n  b\n}\nelse { }\nc", &["1:6"], "c");
    check_faults("if a {\n  b", &["2:4"], "if a\n  b");
    check_faults("a }\nb", &["1:3"], "a\nb");
    check_faults("f(1, [2, 3)\ng(4)", &["1:11"], "(call g 4)");
}

#[test]
fn positions_are_where_the_language_wants_them() {
    let mut map = SourceMap::new();
    let source = "xs.at(1)[2]?\na + b\nx -= 1\nfor i in xs { }";
    let file = map.add("t.ruff", source);
    let (tree, faults) = parse(&map, file);
    assert_eq!(faults, []);
    let StmtKind::Expr(expr) = &tree.body[0].kind else {
        panic!("an expression")
    };
    let ExprKind::Postfix { steps, .. } = &expr.kind else {
        panic!("a postfix expression")
    };
    let PostfixKind::Method { name, .. } = &steps[0].kind else {
        panic!("a method call")
    };
    assert_eq!(
        [name.span, steps[0].span, steps[1].span, steps[2].span].map(|span| map.text(span)),
        ["at", ".at(1)", "[2]", "?"]
    );
    let StmtKind::Expr(expr) = &tree.body[1].kind else {
        panic!("an expression")
    };
    let ExprKind::Binary { rest, .. } = &expr.kind else {
        panic!("a sum")
    };
    assert_eq!(
        (map.text(expr.span), map.text(rest[0].op_span)),
        ("a + b", "+")
    );
    let StmtKind::CompoundAssign { op_span, place, .. } = &tree.body[2].kind else {
        panic!("an assignment")
    };
    assert_eq!((map.text(*op_span), map.text(place.root.span)), ("-=", "x"));
    let StmtKind::For { iter, .. } = &tree.body[3].kind else {
        panic!("a loop")
    };
    assert_eq!(map.text(iter.span), "xs");
}

#[test]
fn a_file_has_a_size_limit() {
    let (tree, faults) = parsed(&" ".repeat(MAX_SOURCE_BYTES + 1));
    assert_eq!(
        (tree.as_str(), &*faults[0]),
        ("", "1:1 Source file is too large: 1048577 bytes")
    );
    check(&" ".repeat(MAX_SOURCE_BYTES), "");
}
