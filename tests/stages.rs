//! Stage tests: each file of `tests/stages` is a program whose first line names stages: `# stage: hir bytecode`.
//!
//! Either their dumps stand below it as `#| ` lines, which `BLESS=1 cargo test --test stages` rewrites; or it makes promises about
//! them, which survive another numbering of registers:
//!
//! | comment | meaning |
//! |---|---|
//! | `# in: FUNCTION` | what follows is about this function (`f`, or `f(ii)` for a version), without its cold blocks |
//! | `# in cold: FUNCTION` | about its cold blocks |
//! | `# in clif: FUNCTION` | in that stage, where the first line names several |
//! | `# must: TEXT` | some line contains the text, not counting the remark behind `;`; `…` in it stands for anything |
//! | `# must not: TEXT` | no line does |

use ruff::diag::ColorChoice;
use ruff::driver::dump::{Stage, dump};
use ruff::driver::front::Source;
use std::path::{Path, PathBuf};

/// The files of a directory and those below it, in order.
fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(dir).expect("a directory of tests");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "ruff") {
            out.push(path);
        }
    }
}

/// A stage test: its program without dumps, and the stages it names.
struct Test {
    name: String,
    source: String,
    stages: Vec<String>,
}

impl Test {
    fn new(path: &Path, text: &str) -> Test {
        let name = path.display().to_string();
        let source: String = text
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("#|"))
            .collect();
        let first = source.lines().next().unwrap_or_default();
        let stages = first
            .strip_prefix("# stage:")
            .unwrap_or_else(|| panic!("{name} does not start with `# stage:`"));
        let stages = stages.split_whitespace().map(str::to_owned).collect();
        Test {
            name,
            source,
            stages,
        }
    }

    /// The dumps of these stages, or why there are none.
    fn dump(&self, stages: &[String]) -> Result<String, String> {
        let stages: Vec<Stage> = (stages.iter())
            .map(|word| {
                word.parse()
                    .unwrap_or_else(|e| panic!("{}: {e}", self.name))
            })
            .collect();
        let program = Source::Text {
            name: Path::new(&self.name)
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            text: self.source.clone(),
        };
        dump(&program, &stages, ColorChoice::Plain).map_err(|failure| failure.to_string())
    }

    /// The whole file as it should be, dumps included.
    fn with_dumps(&self) -> String {
        let dumps = self.dump(&self.stages).unwrap_or_else(|text| text);
        let dumps = dumps
            .lines()
            .map(|line| format!("#| {line}").trim_end().to_owned() + "\n");
        self.source.clone() + &dumps.collect::<String>()
    }

    fn makes_promises(&self) -> bool {
        let mut lines = self.source.lines();
        lines.any(|line| line.starts_with("# must"))
    }

    /// The promises that do not hold.
    fn broken_promises(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let mut part = Vec::new();
        for line in self.source.lines() {
            if let Some(target) = line.strip_prefix("# in") {
                part = self.part(target);
                if part.is_empty() {
                    broken.push(format!("{line}: there is no such code"));
                }
                continue;
            }
            let (text, wanted) = match (
                line.strip_prefix("# must: "),
                line.strip_prefix("# must not: "),
            ) {
                (Some(text), _) => (text, true),
                (_, Some(text)) => (text, false),
                _ => continue,
            };
            if part.iter().any(|line| matches(line, text)) != wanted {
                broken.push(format!("{line}, but this is\n    {}", part.join("\n    ")));
            }
        }
        broken
    }

    /// The lines that promises behind `# in…` are about.
    fn part(&self, target: &str) -> Vec<String> {
        let (words, function) = target
            .split_once(':')
            .unwrap_or_else(|| panic!("{}: `# in{target}` has no colon", self.name));
        let cold = words.contains("cold");
        let stage = words.split_whitespace().find(|word| *word != "cold");
        let stage = stage.unwrap_or(&self.stages[0]).to_owned();
        let text = self
            .dump(std::slice::from_ref(&stage))
            .unwrap_or_else(|text| panic!("{}: {text}", self.name));
        let (mut inside, mut in_cold) = (false, false);
        let mut lines = Vec::new();
        for line in text.lines() {
            if let Some(name) = function_name(&stage, line) {
                (inside, in_cold) = (is_version_of(name, function.trim()), false);
            } else if line.ends_with(':') {
                in_cold = line.ends_with(" cold:");
            }
            if inside && in_cold == cold {
                let code = line.split("  ; ").next().unwrap_or(line);
                lines.push(code.trim().to_owned());
            }
        }
        lines
    }
}

/// The function that a line of a dump begins.
fn function_name<'a>(stage: &str, line: &'a str) -> Option<&'a str> {
    match stage {
        "clif" => line.strip_prefix("; "),
        _ if line.starts_with([' ', '}']) || line.ends_with(':') || line.is_empty() => None,
        "ssa" => Some(line.split(" -> ").next().unwrap_or(line)),
        _ => Some(line.split(' ').next().unwrap_or(line)),
    }
}

/// Whether `name` is `function`, or a version of it.
fn is_version_of(name: &str, function: &str) -> bool {
    name.strip_prefix(function)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['(', '/']))
}

/// Whether the line contains the parts of `text` between `…`, in order.
fn matches(line: &str, text: &str) -> bool {
    let mut rest = line;
    text.split('…').all(|part| {
        let found = rest.find(part);
        rest = found.map_or("", |at| &rest[at + part.len()..]);
        found.is_some()
    })
}

#[test]
fn stages_print_what_is_written_below_their_source() {
    let bless = std::env::var("BLESS").is_ok_and(|value| value == "1");
    let mut paths = Vec::new();
    files(Path::new("tests/stages"), &mut paths);
    assert!(!paths.is_empty(), "no stage tests");
    let mut failures = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a readable test");
        let test = Test::new(&path, &text);
        if test.makes_promises() {
            for broken in test.broken_promises() {
                failures += &format!("{}\n  {broken}\n", test.name);
            }
            continue;
        }
        let want = test.with_dumps();
        if text == want {
            continue;
        }
        if bless {
            std::fs::write(&path, want).expect("a writable test");
            continue;
        }
        let differ = text.lines().zip(want.lines()).find(|(a, b)| a != b);
        let (old, new) = differ.unwrap_or(("(ends)", "(goes on)"));
        failures += &format!("{}\n  expected: {old}\n  printed:  {new}\n", test.name);
    }
    assert!(failures.is_empty(), "{failures}BLESS=1 rewrites the dumps");
}
