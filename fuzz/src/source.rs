//! The front end, stage by stage.

use ruff::bytecode::verify::verify_program;
use ruff::diag::{self, ColorChoice};
use ruff::driver::front::{self, Source};
use ruff::source::SourceMap;
use ruff::syntax::{dump, lexer, parse};
use ruff_runtime::os::stack;

/// Longer inputs only repeat what shorter ones do.
const LONGEST: usize = 1 << 16;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]).into_owned()
}

pub fn lexer(bytes: &[u8]) {
    let mut map = SourceMap::new();
    let file = map.add("input.ruff", &text(bytes));
    let mut faults = Vec::new();
    let mut end = 0;
    for token in lexer::lex(&map, file, &mut faults) {
        let span = token.span;
        assert!(end <= span.start && span.start <= span.end, "{token:?}");
        // Without the byte order mark.
        let text = map.file(file).text();
        assert!(text.get(span.start as usize..span.end as usize).is_some());
        end = span.end;
    }
    diag::render_all(&map, &faults, ColorChoice::Colored);
}

pub fn parser(bytes: &[u8]) {
    // As the tools do: nesting is limited by what such a stack holds.
    stack::run(|_| {
        let mut map = SourceMap::new();
        let file = map.add("input.ruff", &text(bytes));
        let (tree, faults) = parse(&map, file);
        diag::render_all(&map, &faults, ColorChoice::Plain);
        if faults.is_empty() {
            dump::tree(&tree);
        }
    });
}

pub fn compiler(bytes: &[u8]) {
    stack::run(|_| {
        let source = Source::Text {
            name: "input.ruff".into(),
            text: text(bytes),
        };
        match front::front(&source, ColorChoice::Plain) {
            Ok(compiled) => {
                if let Err(fault) = verify_program(&compiled.program) {
                    panic!("the verifier refuses it: {fault}");
                }
            }
            Err(failure) => {
                let shown = failure.text.contains("error:") && failure.text.ends_with('\n');
                assert!(shown && matches!(failure.code, 3..=5), "{failure:?}");
            }
        }
    });
}
