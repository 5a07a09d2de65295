//! x
use ruff::{diag, emit, resolve, source::SourceMap};
fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().unwrap();
    let dump = path == "-d";
    let path = if dump { args.next().unwrap() } else { path };
    let text = std::fs::read_to_string(&path).unwrap();
    let mut map = SourceMap::new();
    let id = map.add(&path, &text);
    let r = resolve::import::load(&mut map, id, Some(std::path::Path::new(&path)))
        .and_then(|l| resolve::resolve(&l, resolve::Mode::Run))
        .and_then(|p| emit::emit(&p, &map));
    match r {
        Ok(p) => {
            if dump {
                println!("{}", ruff::bytecode::disasm::print_program(&p));
                return;
            }
            let mut i = match ruff::interp::Interp::new(std::sync::Arc::new(p)) {
                Ok(i) => i,
                Err(f) => {
                    eprintln!("VERIFY {f:?}");
                    std::process::exit(6)
                }
            };
            let code = ruff_runtime::start::run_process(&mut i.cx, ruff_runtime::start::report);
            std::process::exit(code);
        }
        Err(d) => {
            eprint!("{}", diag::render_all(&map, &d, diag::ColorChoice::Plain));
            std::process::exit(4)
        }
    }
}
