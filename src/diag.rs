//! Diagnostics as data, and the one place that renders them. In: what a stage found, with its spans. Out: the lines a
//! person reads, in the shape the language documents. Knows neither who found a fault nor where the text is written.

use std::fmt::Write as _;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::source::{SourceFile, SourceMap, Span};

/// The part of the toolchain a diagnostic speaks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Subsystem {
    /// Characters and tokens.
    Lexer,
    /// Syntax.
    Parser,
    /// Everything behind the syntax: names, placement of statements, unsupported features.
    Vm,
    /// Files and arguments.
    Cli,
}

impl Subsystem {
    /// The name between the second pair of brackets.
    pub fn name(self) -> &'static str {
        match self {
            Subsystem::Lexer => "lexer",
            Subsystem::Parser => "parser",
            Subsystem::Vm => "vm",
            Subsystem::Cli => "cli",
        }
    }

    /// The letters of its codes.
    fn prefix(self) -> &'static str {
        match self {
            Subsystem::Lexer => "RUFLEX",
            Subsystem::Parser => "RUFPARSE",
            Subsystem::Vm => "RUFVM",
            Subsystem::Cli => "RUFCLI",
        }
    }

    /// The exit code of a process that stops for such a diagnostic.
    pub fn exit_code(self) -> i32 {
        match self {
            Subsystem::Lexer | Subsystem::Parser => 3,
            Subsystem::Vm => 4,
            Subsystem::Cli => 5,
        }
    }
}

/// A diagnostic's code, printed as `RUFLEX001`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Code {
    /// Whose code it is.
    pub subsystem: Subsystem,
    /// Its number within the subsystem.
    pub number: u16,
}

impl Code {
    /// The one code of syntax errors.
    pub const PARSE: Code = Code {
        subsystem: Subsystem::Parser,
        number: 1,
    };
    /// The one code of compile errors.
    pub const COMPILE: Code = Code {
        subsystem: Subsystem::Vm,
        number: 1,
    };
    /// A file that cannot be read or written.
    pub const FILE: Code = Code {
        subsystem: Subsystem::Cli,
        number: 1,
    };

    /// The code of a lexer error.
    pub const fn lexer(number: u16) -> Code {
        Code {
            subsystem: Subsystem::Lexer,
            number,
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{:03}", self.subsystem.prefix(), self.number)
    }
}

/// How grave a diagnostic is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Severity {
    /// The program cannot run.
    Error,
    /// The program runs, perhaps not as meant.
    Warning,
}

impl Severity {
    /// The word in the first line.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A further place that matters to a diagnostic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say about it.
    pub text: String,
}

/// One fault of a program, found before it runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// The code.
    pub code: Code,
    /// The severity.
    pub severity: Severity,
    /// The message, one line.
    pub message: String,
    /// The place of the fault; none for a fault of no place in a text.
    pub span: Option<Span>,
    /// What to write at the caret under the place; empty for nothing.
    pub label: String,
    /// Further places, which may lie in other files.
    pub related: Vec<Label>,
    /// Advice, one line each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            span: Some(span),
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning at a place.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(code, span, message)
        }
    }

    /// A compile error, `Compilation error: MESSAGE`.
    pub fn compile(span: Span, message: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::error(Code::COMPILE, span, format!("Compilation error: {message}"))
    }

    /// An error about a file or an argument, which has no place in a text.
    pub fn file(message: impl Into<String>) -> Diagnostic {
        let nowhere = Span::new(crate::source::FileId(0), 0, 0);
        Diagnostic {
            span: None,
            ..Diagnostic::error(Code::FILE, nowhere, message)
        }
    }

    /// With `text` at the caret.
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.label = text.into();
        self
    }

    /// With a further place.
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.related.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// With a line of advice.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }

    /// The exit code of a process that stops for this diagnostic.
    pub fn exit_code(&self) -> i32 {
        self.code.subsystem.exit_code()
    }
}

/// Whether to use terminal colours; who writes the text decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColorChoice {
    /// Plain text.
    Plain,
    /// ANSI colours.
    Colored,
}

impl ColorChoice {
    /// `text`, in bold with the given SGR colour if colours are wanted.
    fn paint(self, sgr: &str, text: &str) -> String {
        match self {
            ColorChoice::Plain => text.to_owned(),
            ColorChoice::Colored => format!("\x1b[1;{sgr}m{text}\x1b[0m"),
        }
    }
}

/// Renders diagnostics one below the other, each ending with a line end.
pub fn render_all(map: &SourceMap, diagnostics: &[Diagnostic], color: ColorChoice) -> String {
    diagnostics.iter().map(|d| render(map, d, color)).collect()
}

/// Renders one diagnostic, ending with a line end: the line with the code and message, `  --> FILE:LINE:COL`, the source
/// with a caret, `  = help: …` lines.
pub fn render(map: &SourceMap, d: &Diagnostic, color: ColorChoice) -> String {
    let sgr = if d.severity == Severity::Error {
        "91"
    } else {
        "93"
    };
    let title = format!(
        "[{}] [{}] {}",
        d.code,
        d.code.subsystem.name(),
        d.severity.name()
    );
    let mut out = format!("{}: {}\n", color.paint(sgr, &title), d.message);
    if let Some(span) = d.span {
        let _ = writeln!(out, "  {} {}", color.paint("94", "-->"), map.position(span));
        let (here, elsewhere): (Vec<&Label>, _) = d
            .related
            .iter()
            .partition(|label| label.span.file == span.file);
        let level = if d.severity == Severity::Error {
            Level::ERROR
        } else {
            Level::WARNING
        };
        out += &source(map.file(span.file), span, &d.label, &here, level, color);
        for label in elsewhere {
            let _ = writeln!(
                out,
                "  {} {}: {}",
                color.paint("94", "-->"),
                map.position(label.span),
                label.text
            );
        }
    }
    for help in &d.help {
        let _ = writeln!(out, "  {} {help}", color.paint("96", "= help:"));
    }
    out
}

/// The longest line that is shown whole, in bytes; of a longer one only the surroundings of the place are shown.
const SHOWN_LINE: usize = 200;

/// The source lines around `span` with carets and labels, or nothing if there is no text.
fn source(
    file: &SourceFile,
    span: Span,
    label: &str,
    related: &[&Label],
    level: Level<'_>,
    color: ColorChoice,
) -> String {
    let line = file.line_col(span.start).line;
    let range = file.line_range(line);
    if file.text().is_empty() {
        return String::new();
    }
    let shown = if range.len() > SHOWN_LINE || related.is_empty() {
        (line, window(file.text(), range, span.start as usize))
    } else {
        whole_lines(file, related.iter().map(|label| label.span).chain([span]))
    };
    let (line, window) = shown;
    let mut snippet = Snippet::source(&file.text()[window.clone()])
        .line_start(line as usize)
        .annotation(annotation(AnnotationKind::Primary, span, label, &window));
    let inside = |label: &&&Label| {
        window.start <= label.span.start as usize && label.span.end as usize <= window.end
    };
    for label in related.iter().filter(inside) {
        snippet = snippet.annotation(annotation(
            AnnotationKind::Context,
            label.span,
            &label.text,
            &window,
        ));
    }
    let renderer = match color {
        ColorChoice::Plain => Renderer::plain(),
        ColorChoice::Colored => Renderer::styled(),
    };
    let text = renderer.render(&[Group::with_level(level).element(snippet)]);
    // The gutter of one-digit line numbers is one blank narrower than the documented arrow.
    let narrow = file.line_col(window.end as u32).line < 10;
    let pad = if narrow { " " } else { "" };
    text.lines()
        .map(|shown| format!("{pad}{}\n", shown.trim_end()))
        .collect()
}

/// `span` as an annotation of the text in `window`, cut to its borders.
fn annotation<'a>(
    kind: AnnotationKind,
    span: Span,
    label: &'a str,
    window: &std::ops::Range<usize>,
) -> Annotation<'a> {
    let start = (span.start as usize).clamp(window.start, window.end) - window.start;
    let end = (span.end as usize).clamp(window.start, window.end) - window.start;
    let annotation = kind.span(start..end.max(start));
    if label.is_empty() {
        annotation
    } else {
        annotation.label(label)
    }
}

/// The part of the line `range` to show: all of a short line, the surroundings of `at` of a long one.
fn window(text: &str, range: std::ops::Range<usize>, at: usize) -> std::ops::Range<usize> {
    if range.len() <= SHOWN_LINE {
        return range;
    }
    let start = text.floor_char_boundary(at.saturating_sub(SHOWN_LINE / 2).max(range.start));
    let end = text.ceil_char_boundary((at + SHOWN_LINE / 2).min(range.end));
    start..end
}

/// The lines from the first to the last of the spans, and the number of the first.
fn whole_lines(
    file: &SourceFile,
    spans: impl Iterator<Item = Span> + Clone,
) -> (u32, std::ops::Range<usize>) {
    let lines = spans.map(|span| file.line_col(span.start).line);
    let first = lines.clone().min().unwrap_or(1);
    let last = lines.max().unwrap_or(1);
    (
        first,
        file.line_range(first).start..file.line_range(last).end,
    )
}

/// The candidate that `word` was probably meant to be, if one is near enough.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let len = word.chars().count();
    let reach = if len < 3 { 1 } else { len.div_ceil(3) };
    candidates
        .into_iter()
        .filter(|&candidate| candidate != word && candidate.len().abs_diff(word.len()) <= reach)
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= reach && distance < candidate.chars().count())
        .min_by_key(|&(distance, candidate)| (distance, candidate))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, at: std::ops::Range<u32>, label: &str, expected: &str) {
        let mut map = SourceMap::new();
        let file = map.add("t.ruff", text);
        let d = Diagnostic::error(Code::PARSE, Span::new(file, at.start, at.end), "it broke")
            .label(label)
            .help("mend it");
        assert_eq!(render(&map, &d, ColorChoice::Plain), expected);
    }

    #[test]
    fn a_diagnostic_shows_its_place() {
        check(
            "a\nxé := ++\n",
            9..11,
            "here",
            "[RUFPARSE001] [parser] error: it broke\n  --> t.ruff:2:7\n   |\n 2 | xé := ++\n   |       ^^ here\n  = help: mend it\n",
        );
    }

    #[test]
    fn a_place_behind_the_text_is_shown() {
        check(
            "f(",
            2..2,
            "",
            "[RUFPARSE001] [parser] error: it broke\n  --> t.ruff:1:3\n   |\n 1 | f(\n   |   ^\n  = help: mend it\n",
        );
        check(
            "",
            0..0,
            "",
            "[RUFPARSE001] [parser] error: it broke\n  --> t.ruff:1:1\n  = help: mend it\n",
        );
    }

    #[test]
    fn near_words_are_suggested() {
        let words = ["print", "push", "len", "PI", "index_of"];
        assert_eq!(suggest("pritn", words), Some("print"));
        assert_eq!(suggest("indexof", words), Some("index_of"));
        assert_eq!(suggest("lne", words), Some("len"));
        assert_eq!(suggest("banana", words), None);
        assert_eq!(suggest("x", words), None);
    }

    #[test]
    fn colours_do_not_change_the_text() {
        let mut map = SourceMap::new();
        let file = map.add("t.ruff", &"f(\n".repeat(12));
        for line in [0, 3, 30] {
            let d = Diagnostic::error(Code::COMPILE, Span::new(file, line, line + 1), "it broke")
                .label("here")
                .related(Span::new(file, 1, 2), "opened here")
                .help("mend it");
            let plain = render(&map, &d, ColorChoice::Plain);
            let colored = render(&map, &d, ColorChoice::Colored);
            let mut stripped = String::new();
            let mut parts = colored.split("\u{1b}[");
            stripped += parts.next().expect("the first part");
            parts.for_each(|part| stripped += part.split_once('m').map_or("", |(_, text)| text));
            assert_eq!(stripped, plain);
        }
    }
}
