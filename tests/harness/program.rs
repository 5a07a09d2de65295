//! Programs and what they promise, read from their comments.
//!
//! | comment | meaning |
//! |---|---|
//! | `# => TEXT` | the next line of standard output; `TEXT` ends before two blanks, `--` and a blank |
//! | `# !! MESSAGE` | this line raises `MESSAGE`, nobody catches it: exit 4 |
//! | `# !compile MESSAGE` | this line is a compile error: exit 4 |
//! | `# !syntax MESSAGE` | this line is a lexer or parser error: exit 3 |
//! | `# at: L:C` | the position of the error, to the column |
//! | `# stack: f g` | the call stack of the uncaught error, innermost first |
//! | `# err: TEXT` | the next line of standard error |
//! | `# err has: TEXT` | standard error contains this text; what else it says is free |
//! | `# exit: N` | the exit code |
//! | `# args: A B` | the arguments of the script |
//! | `# stdin: TEXT` | the next line of standard input |
//! | `# env: K=V` | a variable of the environment |
//! | `# command: test-run -v` | run by this subcommand of `ruff` instead of in every engine; it may print more |
//! | `# copies: <= N` | at most N copies of shared values are made |
//! | `# needs: FEATURE` | the feature is not there yet: every engine refuses the program, with a position |
//! | `# ---` | the program ends, another one begins |

use std::fs;
use std::path::{Path, PathBuf};

/// One program with its files and its promises.
#[derive(Clone, Debug)]
pub struct Program {
    /// What failures are reported under: `07_numbers/overflow.ruff:12`, the line where it begins.
    pub name: String,
    /// The entry file as named on the command line.
    pub entry: String,
    /// All its files, relative to the directory it runs in.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// What must come out.
    pub promise: Promise,
}

/// What a program promises.
#[derive(Clone, Default, Debug)]
pub struct Promise {
    /// Lines of standard output.
    pub stdout: Vec<String>,
    /// Lines of standard error that are no error report.
    pub stderr: Vec<String>,
    /// What standard error contains, where the rest of it is free.
    pub hints: Vec<String>,
    /// The error that ends it.
    pub error: Option<Fault>,
    /// Its exit code if no error ends it.
    pub exit: i32,
    /// Arguments of the script.
    pub args: Vec<String>,
    /// Standard input.
    pub stdin: String,
    /// Additional environment.
    pub env: Vec<(String, String)>,
    /// Subcommand and flags of `ruff` that run it.
    pub command: Option<Vec<String>>,
    /// The limit on copies.
    pub copies: Option<u64>,
    /// The missing feature it needs.
    pub needs: Option<String>,
}

/// The error that ends a program.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which part of the toolchain reports it.
    pub kind: FaultKind,
    /// Its message.
    pub message: String,
    /// Its line, and its column where the program says so.
    pub at: (usize, Option<usize>),
    /// The names of the active functions, innermost first, where the program says so.
    pub stack: Option<Vec<String>>,
}

/// Who reports an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// The running program.
    Uncaught,
    /// The compiler, before anything runs.
    Compile,
    /// The lexer or the parser.
    Syntax,
}

impl FaultKind {
    /// The exit code language.md §20.2 gives it.
    pub fn exit(self) -> i32 {
        match self {
            FaultKind::Uncaught | FaultKind::Compile => 4,
            FaultKind::Syntax => 3,
        }
    }
}

/// The programs of every `.ruff` file below `dir`. A directory with a `main.ruff` is one program of several files.
pub fn below(dir: &Path) -> Vec<Program> {
    let mut programs = Vec::new();
    visit(dir, dir, &mut programs);
    programs
}

fn visit(top: &Path, dir: &Path, programs: &mut Vec<Program>) {
    if dir.join("main.ruff").is_file() {
        programs.push(of_directory(top, dir));
        return;
    }
    for path in sorted(dir) {
        if path.is_dir() {
            visit(top, &path, programs);
        } else if path.extension().is_some_and(|e| e == "ruff") {
            let text = fs::read_to_string(&path).expect("test programs are UTF-8");
            let file = path
                .file_name()
                .expect("a file has a name")
                .to_string_lossy();
            let name = path.strip_prefix(top).expect("below top").to_string_lossy();
            programs.extend(split(&name, &file, &text));
        }
    }
}

fn sorted(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut paths: Vec<_> = entries.map(|e| e.expect("readable").path()).collect();
    paths.sort();
    paths
}

fn of_directory(top: &Path, dir: &Path) -> Program {
    let mut files = Vec::new();
    collect(dir, dir, &mut files);
    let text = fs::read_to_string(dir.join("main.ruff")).expect("test programs are UTF-8");
    Program {
        name: dir
            .strip_prefix(top)
            .expect("below top")
            .to_string_lossy()
            .into_owned(),
        entry: "main.ruff".to_owned(),
        files,
        promise: promise(&text),
    }
}

fn collect(top: &Path, dir: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for path in sorted(dir) {
        if path.is_dir() {
            collect(top, &path, files);
        } else {
            let name = path.strip_prefix(top).expect("below top").to_owned();
            files.push((name, fs::read(&path).expect("a test file can be read")));
        }
    }
}

/// The programs of one text, separated by `# ---`.
pub fn split(name: &str, file: &str, text: &str) -> Vec<Program> {
    let mut programs = Vec::new();
    let mut first = 1;
    let mut part = String::new();
    for (index, line) in text.lines().enumerate() {
        if line == "# ---" {
            programs.push(of_text(&format!("{name}:{first}"), file, &part));
            part.clear();
            first = index + 2;
        } else {
            part.push_str(line);
            part.push('\n');
        }
    }
    programs.push(of_text(&format!("{name}:{first}"), file, &part));
    programs
}

/// One program of one file.
pub fn of_text(name: &str, file: &str, text: &str) -> Program {
    Program {
        name: name.to_owned(),
        entry: file.to_owned(),
        files: vec![(PathBuf::from(file), text.as_bytes().to_vec())],
        promise: promise(text),
    }
}

fn promise(text: &str) -> Promise {
    let mut promise = Promise::default();
    for (index, line) in text.lines().enumerate() {
        if let Some(expected) = after(line, "# =>") {
            promise.stdout.push(without_remark(expected).to_owned());
            continue;
        }
        for (mark, kind) in [
            ("# !! ", FaultKind::Uncaught),
            ("# !compile ", FaultKind::Compile),
            ("# !syntax ", FaultKind::Syntax),
        ] {
            if let Some(message) = after(line, mark) {
                let message = without_remark(message).to_owned();
                promise.error = Some(Fault {
                    kind,
                    message,
                    at: (index + 1, None),
                    stack: None,
                });
            }
        }
        if let Some((key, value)) = line.strip_prefix("# ").and_then(|l| l.split_once(':')) {
            directive(&mut promise, key, value.strip_prefix(' ').unwrap_or(value));
        }
    }
    promise
}

fn directive(promise: &mut Promise, key: &str, value: &str) {
    let words = || {
        value
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    match key {
        "err" => promise.stderr.push(value.to_owned()),
        "err has" => promise.hints.push(value.trim().to_owned()),
        "exit" => promise.exit = value.trim().parse().expect("`# exit:` takes a number"),
        "args" => promise.args = words(),
        "stdin" => promise.stdin.push_str(&format!("{value}\n")),
        "env" => {
            let (name, value) = value.split_once('=').expect("`# env:` takes NAME=VALUE");
            promise.env.push((name.to_owned(), value.to_owned()));
        }
        "command" => promise.command = Some(words()),
        "copies" => {
            let limit = value
                .trim()
                .strip_prefix("<= ")
                .and_then(|n| n.parse().ok());
            promise.copies = Some(limit.expect("`# copies:` takes `<= N`"));
        }
        "needs" => promise.needs = Some(value.trim().to_owned()),
        "at" => {
            let fault = promise
                .error
                .as_mut()
                .expect("`# at:` follows the error it places");
            let (line, column) = value.trim().split_once(':').expect("`# at:` takes L:C");
            fault.at = (
                line.parse().expect("a line"),
                Some(column.parse().expect("a column number")),
            );
        }
        "stack" => {
            let fault = promise
                .error
                .as_mut()
                .expect("`# stack:` follows the error it explains");
            fault.stack = Some(words());
        }
        _ => {}
    }
}

fn after<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    let at = line.find(mark)? + mark.len();
    Some(line[at..].strip_prefix(' ').unwrap_or(&line[at..]))
}

/// Drops a remark (two or more blanks, `--` and a blank) and the blanks before it.
fn without_remark(text: &str) -> &str {
    text.find("  -- ").map_or(text, |at| &text[..at]).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_stand_beside_the_lines_that_make_them() {
        let text =
            "print(1)  # => 1    -- one\n# =>\nboom()  # !! Undefined variable: boom\n# at: 3:1\n";
        let promise = promise(text);
        assert_eq!(promise.stdout, ["1", ""]);
        let fault = promise.error.expect("an error was promised");
        assert_eq!(
            (fault.message.as_str(), fault.at),
            ("Undefined variable: boom", (3, Some(1)))
        );
    }

    #[test]
    fn a_line_of_dashes_separates_programs() {
        let programs = split("x", "x.ruff", "print(1)\n# ---\nprint(2)  # => 2\n");
        assert_eq!(programs.len(), 2);
        assert_eq!(programs[1].name, "x:3");
        assert_eq!(programs[1].promise.stdout, ["2"]);
    }
}
