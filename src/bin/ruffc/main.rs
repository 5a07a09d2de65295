//! `ruffc`: compiles Ruff programs ahead of time (language.md §20.4). Flags in, driver out.

mod flags;

use flags::{Flags, What, When};
use ruff::diag::ColorChoice;
use ruff::driver::build::{self, Emit, Job};
use ruff::driver::front::Source;
use ruff::driver::isa::{self, OptLevel};
use ruff::driver::{Failure, aot, on_own_stack, output};
use ruff_runtime::os;
use ruff_runtime::os::memory::Malloc;
use ruff_runtime::start;
use target_lexicon::Triple;

#[global_allocator]
static ALLOCATOR: Malloc = Malloc;

ruff_runtime::open_missing_streams_first!();

fn main() {
    os::start();
    std::panic::set_hook(Box::new(|info| {
        os::memory::die(format_args!(
            "[RUFRT001] [runtime] error: internal error: {info}"
        ))
    }));
    let code = on_own_stack(|| {
        let flags = flags::parse(std::env::args_os().collect());
        let flags = flags.unwrap_or_else(|message| os::exit(output::no_command(&message)));
        execute(flags).map_or_else(|failure| failure.report(), |()| 0)
    });
    os::exit(code)
}

fn execute(flags: Flags) -> Result<(), Failure> {
    let Some(file) = flags.file.filter(|_| flags.print.is_none()) else {
        return output::to_stdout(format!("{}\n", isa::TARGETS.join("\n")).as_bytes());
    };
    let color = match flags.color {
        When::Always => true,
        When::Never => false,
        When::Auto => start::wants_color(),
    };
    build::build(&Job {
        source: if file.as_os_str() == "-" {
            Source::Stdin
        } else {
            Source::File(file)
        },
        output: flags.output,
        emit: match flags.emit {
            What::Exe => Emit::Executable,
            What::Obj => Emit::Object,
            What::Asm => Emit::Asm,
            What::Clif => Emit::Clif,
            What::Ssa => Emit::Ssa,
            What::Bytecode => Emit::Bytecode,
        },
        options: aot::Options {
            target: flags
                .target
                .map_or(Ok(Triple::host()), |name| isa::triple(&name))?,
            level: OptLevel(flags.level),
        },
        keep_symbols: flags.debug,
        color: if color {
            ColorChoice::Colored
        } else {
            ColorChoice::Plain
        },
    })
}
