//! Objects for every target, as the tools of that target read them; and the runtime archive, which must hold what they ask for.

mod harness;

use harness::tool::{compile, directory, files};
use harness::{root, ways};
use object::read::archive::ArchiveFile;
use object::{
    Architecture, BinaryFormat, Endianness, Object, ObjectSection, ObjectSymbol, SectionKind,
};
use ruff::diag::ColorChoice;
use ruff::driver::front::{self, Source};
use ruff::driver::isa::{self, OptLevel, TARGETS};
use ruff::driver::{aot, link};
use ruff_runtime::abi::HELPERS;
use ruff_runtime::builtins::SYMBOLS;
use std::collections::BTreeSet;
use std::fs;

/// What the name of a target promises about its objects.
fn promised(target: &str) -> (BinaryFormat, Architecture, Endianness) {
    let (machine, system) = target.split_once('-').expect("a triple has parts");
    let architecture = match machine {
        "x86_64" => Architecture::X86_64,
        "aarch64" => Architecture::Aarch64,
        "riscv64gc" => Architecture::Riscv64,
        "s390x" => Architecture::S390x,
        other => panic!("{other} is new: what are its objects like?"),
    };
    let format = match system {
        _ if system.contains("darwin") => BinaryFormat::MachO,
        _ if system.contains("windows") => BinaryFormat::Coff,
        _ => BinaryFormat::Elf,
    };
    let endianness = match architecture {
        Architecture::S390x => Endianness::Big,
        _ => Endianness::Little,
    };
    (format, architecture, endianness)
}

/// All that an object may ask the linker for.
fn known_symbols() -> BTreeSet<String> {
    let helpers = HELPERS.iter().map(|helper| helper.symbol);
    let all = helpers
        .chain(SYMBOLS.iter().copied())
        .chain(["ruff_start", "ruff_make_collections"]);
    all.map(str::to_owned).collect()
}

/// The name of a symbol without the underscore that Mach-O puts before all of them.
fn plain_name<'a>(file: &object::File<'a>, symbol: &object::Symbol<'a, '_>) -> String {
    let name = symbol.name().expect("a symbol's name is text");
    match file.format() {
        BinaryFormat::MachO => name.strip_prefix('_').expect(name).to_owned(),
        _ => name.to_owned(),
    }
}

/// Checks the form of an object and gives the symbols that it does not define.
fn check(target: &str, bytes: &[u8]) -> BTreeSet<String> {
    let file = object::File::parse(bytes).unwrap_or_else(|e| panic!("{target}: {e}"));
    let form = (file.format(), file.architecture(), file.endianness());
    assert_eq!(form, promised(target), "{target}");
    let main = file
        .symbols()
        .find(|symbol| symbol.is_definition() && plain_name(&file, symbol) == "main")
        .unwrap_or_else(|| panic!("{target} has no main"));
    assert!(main.is_global(), "{target}: nobody can call main");
    let section = main.section_index().expect("main is in a section");
    let section = file.section_by_index(section).expect("which is there");
    assert_eq!(section.kind(), SectionKind::Text, "{target}");
    let code = section.size() - (main.address() - section.address());
    assert!(code > 0, "{target}: main is empty");
    file.symbols()
        .filter(|symbol| symbol.is_undefined() && !symbol.name_bytes().unwrap_or(b"").is_empty())
        .map(|symbol| plain_name(&file, &symbol))
        .collect()
}

#[test]
fn objects_for_every_target_ask_for_nothing_but_the_runtime() {
    let known = known_symbols();
    let mut programs = Vec::new();
    for name in [
        "examples/bank",
        "examples/word_frequencies",
        "examples/mandelbrot",
        "examples/json_report",
    ] {
        programs.push(format!("{name}.ruff"));
    }
    for name in [
        "07_numbers/arithmetic",
        "13_structs/operators",
        "14_errors/throwing",
        "08_indexing/ranges",
    ] {
        programs.push(format!("tests/lang/{name}.ruff"));
    }
    for program in programs {
        let source = Source::File(root().join(&program));
        let compiled = front::front(&source, ColorChoice::Plain);
        let compiled = compiled.unwrap_or_else(|failure| panic!("{program}: {failure}"));
        let mut asked: Vec<BTreeSet<String>> = Vec::new();
        for &target in TARGETS {
            for level in [0, 2] {
                let options = aot::Options {
                    target: isa::triple(target).expect("listed"),
                    level: OptLevel(level),
                };
                let object = aot::object(&compiled.program, &options);
                let object = object.unwrap_or_else(|failure| panic!("{target}: {failure}"));
                let wants = check(target, &object);
                assert!(wants.contains("ruff_start"), "{program} for {target}");
                let unknown: Vec<_> = wants.difference(&known).collect();
                assert!(
                    unknown.is_empty(),
                    "{program} for {target} asks for {unknown:?}"
                );
                asked.push(wants);
            }
        }
        assert!(
            asked.windows(2).all(|pair| pair[0] == pair[1]),
            "{program} asks for different things on different targets"
        );
    }
}

#[test]
fn the_archive_defines_every_helper_and_builtin() {
    let bytes = fs::read(ways::archive()).expect("the archive has been built");
    let archive = ArchiveFile::parse(&*bytes).expect("it is an archive");
    let mut defined = BTreeSet::new();
    for member in archive.members() {
        let member = member.expect("a member").data(&*bytes).expect("its bytes");
        // An archive also holds an index and, from rustc, metadata.
        let Ok(file) = object::File::parse(member) else {
            continue;
        };
        let symbols = file.symbols();
        let global = symbols.filter(|symbol| symbol.is_definition() && symbol.is_global());
        defined.extend(global.map(|symbol| plain_name(&file, &symbol)));
    }
    let missing: Vec<_> = known_symbols().difference(&defined).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn objects_are_the_same_each_time() {
    let dir = directory(&[(
        "a.ruff",
        "func f(n) { if n < 2 { return n } return f(n - 1) * 3 - n / 2 }\nprint(f(9), 1.5 * 2)",
    )]);
    let (code, targets, _) = compile(&dir, &["--print", "targets"]);
    assert_eq!(
        (code, targets.lines().collect::<Vec<_>>()),
        (0, TARGETS.to_vec())
    );
    for target in TARGETS {
        for level in ["-O0", "-O3"] {
            let object = |name: &str| {
                let words = [
                    "a.ruff", "--emit", "obj", "--target", target, level, "-o", name,
                ];
                let done = (0, String::new(), String::new());
                assert_eq!(compile(&dir, &words), done, "{target}");
                fs::read(dir.0.join(name)).expect("it was written")
            };
            assert!(
                object("1.o") == object("2.o"),
                "{target} {level} is not reproducible"
            );
        }
    }
}

#[test]
fn what_cannot_be_linked_here_comes_as_an_object_with_its_command() {
    for target in TARGETS {
        let triple = isa::triple(target).expect("listed");
        if link::is_host(&triple) {
            continue;
        }
        let dir = directory(&[("a.ruff", "print(1)")]);
        let (code, stdout, stderr) = compile(&dir, &["a.ruff", "--target", target]);
        assert_eq!((code, stdout.as_str()), (6, ""), "{stderr}");
        assert!(
            stderr.contains(&format!(
                "cannot link for {triple} here: the runtime archive at hand is for"
            )),
            "{stderr}"
        );
        let command = stderr.lines().last().expect("the command is the last line");
        let (driver, words) = command.trim().split_once(' ').expect("it has words");
        let fits = match promised(target).0 {
            BinaryFormat::MachO => driver.ends_with("-apple-darwin-clang"),
            BinaryFormat::Coff => driver == "x86_64-w64-mingw32-gcc",
            _ => driver.ends_with("-linux-gnu-gcc"),
        };
        assert!(fits, "{target}: {command}");
        assert!(
            words.starts_with("a.o libruff_runtime.a ") && words.ends_with(" -o a"),
            "{command}"
        );
        assert_eq!(files(&dir.0), ["a.o", "a.ruff"], "{target}");
        check(target, &fs::read(dir.0.join("a.o")).expect("it is there"));
    }
}
