//! Each test gives source and its tokens, as `dump` writes them without positions; or what is wrong with it.

use super::*;
use crate::syntax::dump;

/// The tokens of `source` in one line, and its faults as `CODE LINE:COL MESSAGE`.
fn lexed(source: &str) -> (String, Vec<String>) {
    let mut map = SourceMap::new();
    let file = map.add("t.ruff", source);
    let mut faults = Vec::new();
    lex(&map, file, &mut faults);
    let tokens = dump::tokens(&map, file);
    let tokens: Vec<&str> = tokens
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, token)| token)
        .collect();
    let shown = |fault: &Diagnostic| {
        let at = map.line_col(fault.span.expect("a lexer error has a place"));
        format!("{} {}:{} {}", fault.code, at.line, at.col, fault.message)
    };
    (
        tokens[..tokens.len() - 1].join(", "),
        faults.iter().map(shown).collect(),
    )
}

fn check(source: &str, expected: &str) {
    assert_eq!(lexed(source), (expected.to_owned(), vec![]), "{source}");
}

fn check_faults(source: &str, tokens: &str, expected: &[&str]) {
    let expected = expected.iter().map(|fault| fault.to_string()).collect();
    assert_eq!(lexed(source), (tokens.to_owned(), expected), "{source}");
}

#[test]
fn symbols_are_taken_as_long_as_possible() {
    check(
        "a:=b::c:d",
        "identifier a, :=, identifier b, ::, identifier c, :, identifier d",
    );
    check(
        "e?.f ?? g? .h",
        "identifier e, ?., identifier f, ??, identifier g, ?, ., identifier h",
    );
    check("...a..b", "..., identifier a, ., ., identifier b");
    check(
        "a|>b||c|d->e-f",
        "identifier a, |>, identifier b, ||, identifier c, |, identifier d, ->, identifier e, -, identifier f",
    );
    check(
        "<= >= == != += -= *= /= %= && & !",
        "<=, >=, ==, !=, +=, -=, *=, /=, %=, &&, &, !",
    );
}

#[test]
fn every_word_and_symbol_lexes_to_itself() {
    for &kind in TokenKind::ALL {
        if kind.is_word()
            || !kind
                .spelling()
                .starts_with(|c: char| c.is_ascii_alphabetic())
        {
            check(kind.spelling(), kind.spelling());
        }
    }
}

#[test]
fn blanks_and_comments_separate() {
    check(
        "#!/usr/bin/env ruff\na # b\r// c\r\n/// d\ne",
        "identifier a, identifier e",
    );
    check(
        "a/* x /* y */b/**/c",
        "identifier a, identifier b, identifier c",
    );
    check("", "");
    check("\u{feff}\ta ", "identifier a");
}

#[test]
fn names_go_on_with_any_letter() {
    check(
        "_ a1 _b größe x٣",
        "identifier _, identifier a1, identifier _b, identifier größe, identifier x٣",
    );
    check(
        "lets test_setup testing",
        "identifier lets, test_setup, identifier testing",
    );
}

#[test]
fn numbers() {
    check(
        "0 007 9223372036854775807",
        "integer 0, integer 7, integer 9223372036854775807",
    );
    check(
        "1.50 5.abs 1.2.3",
        "float 1.5, integer 5, ., identifier abs, float 1.2, ., integer 3",
    );
    check(".5 1.", "., integer 5, integer 1, .");
    check("-1", "-, integer 1");
}

#[test]
fn wrong_numbers() {
    check_faults(
        "12ab",
        "integer 0",
        &["RUFLEX007 1:1 Malformed numeric literal: 12ab"],
    );
    check_faults(
        "x 1e3",
        "identifier x, integer 0",
        &["RUFLEX007 1:3 Malformed numeric literal: 1e3"],
    );
    check_faults(
        "1_000 0xFF",
        "integer 0, integer 0",
        &[
            "RUFLEX007 1:1 Malformed numeric literal: 1_000",
            "RUFLEX007 1:7 Malformed numeric literal: 0xFF",
        ],
    );
    check_faults(
        "1.5e3",
        "float 1500.0",
        &["RUFLEX007 1:1 Malformed numeric literal: 1.5e3"],
    );
    let huge = "99999999999999999999";
    check_faults(
        huge,
        "integer 0",
        &["RUFLEX006 1:1 Numeric literal overflow: 99999999999999999999"],
    );
    let float = format!("{}.0", "9".repeat(400));
    check_faults(
        &float,
        "float 0.0",
        &[&format!("RUFLEX006 1:1 Numeric literal overflow: {float}")],
    );
}

#[test]
fn strings() {
    check(r#""" "a b""#, r#"string, string "a b""#);
    check(r#""\n\t\r\\\"\$""#, r#"string "\n\t\r\\\"$""#);
    check(r#""$x $ {y} #z /*""#, r#"string "$x $ {y} #z /*""#);
}

#[test]
fn interpolation_counts_braces_only() {
    check(r#""a${d["k"]}b""#, r#"string "a" ${d["k"]} "b""#);
    check(r#""${ {"a": {}} }${x}""#, r#"string ${ {"a": {}} } ${x}"#);
    check(r#""${}""#, "string ${}");
    check(r#""\${x}""#, r#"string "${x}""#);
}

#[test]
fn wrong_strings() {
    check_faults(
        "a \"b\nc",
        "identifier a, string \"b\", identifier c",
        &["RUFLEX003 1:3 Unterminated string literal"],
    );
    check_faults(
        "\"b\\\nc",
        "string \"b\", identifier c",
        &["RUFLEX003 1:1 Unterminated string literal"],
    );
    check_faults(
        "\"é${x\nc",
        "string \"é\", identifier c",
        &["RUFLEX003 1:3 Unterminated interpolated string expression"],
    );
    check_faults(
        r#""a\qb\x" 1"#,
        "string \"ab\", integer 1",
        &[
            r"RUFLEX005 1:3 Invalid escape sequence: \\q",
            r"RUFLEX005 1:6 Invalid escape sequence: \\x",
        ],
    );
}

#[test]
fn wrong_characters() {
    check_faults(
        "a @ 'b",
        "identifier a, identifier b",
        &[
            "RUFLEX001 1:3 Invalid character: '@'",
            "RUFLEX001 1:5 Invalid character: '''",
        ],
    );
    check_faults(
        "éa := 1",
        "identifier éa, :=, integer 1",
        &["RUFLEX001 1:1 Invalid character: 'é'"],
    );
    check_faults(
        "a\0b",
        "identifier a, identifier b",
        &["RUFLEX002 1:2 Null byte is not allowed in source"],
    );
    check_faults(
        "\"\0\"",
        "string",
        &["RUFLEX002 1:2 Null byte is not allowed in source"],
    );
    check_faults(
        "a /* b",
        "identifier a",
        &["RUFLEX004 1:3 Unterminated block comment"],
    );
    check_faults("/*/", "", &["RUFLEX004 1:1 Unterminated block comment"]);
    check_faults(
        "\u{b}\u{a0}",
        "",
        &[
            "RUFLEX001 1:1 Invalid character: '\u{b}'",
            "RUFLEX001 1:2 Invalid character: '\u{a0}'",
        ],
    );
}

#[test]
fn literals_have_limits() {
    let message = |source: &str| lexed(source).1.join("\n");
    assert_eq!(
        message(&"é".repeat(257).replacen('é', "e", 1)),
        "RUFLEX008 1:1 Identifier is longer than 256 characters"
    );
    assert_eq!(message(&"é".repeat(256).replacen('é', "e", 1)), "");
    assert_eq!(
        message(&format!("\"{}\"", "é".repeat(8193))),
        "RUFLEX009 1:1 String literal is longer than 8192 characters"
    );
    assert_eq!(message(&format!("\"{}\"", "é".repeat(8192))), "");
    assert_eq!(
        message(&"0".repeat(513)),
        "RUFLEX010 1:1 Numeric literal is longer than 512 characters"
    );
    assert_eq!(message(&"0".repeat(512)), "");
}
