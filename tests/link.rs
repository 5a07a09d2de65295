//! Executables and other files of `ruffc`: where the runtime archive is found, what a missing or failing linker leaves, and that
//! output files appear whole or not at all.

mod harness;

use harness::tool::{command, compile, directory, files, output};
use harness::ways::{Scratch, archive, ruffc};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

const HELLO: &[(&str, &str)] = &[("a.ruff", "print(\"hello\")")];

/// Runs the executable `a` of a directory.
#[track_caller]
fn greets(dir: &Scratch) {
    let greeting = (0, "hello\n".to_owned(), String::new());
    assert_eq!(output(&mut command(&dir.0.join("a"), dir, &[])), greeting);
}

/// A file in the place of another, without copying where the system can.
fn place(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("it has a parent")).expect("made");
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).expect("it can be copied");
    }
}

#[test]
fn executables_behave_like_ruff_run() {
    let fail =
        "func deep() { return [1][4] }\nfunc mid() { return deep() }\nprint(args())\nmid()\n";
    let dir = directory(&[("fail.ruff", fail)]);
    assert_eq!(
        compile(&dir, &["fail.ruff"]),
        (0, String::new(), String::new())
    );
    assert_eq!(files(&dir.0), ["fail", "fail.ruff"]);
    let executable = output(&mut command(&dir.0.join("fail"), &dir, &["a", "--", "-b"]));
    let expected = "[RUFVM001] [vm] Runtime Error: Index out of bounds: 4\n  --> fail.ruff:1:25\n\nCall stack:\n  0 at deep\n  1 at mid\n\n";
    assert_eq!(executable, (4, "[a, --, -b]\n".into(), expected.into()));
}

#[test]
fn symbols_are_kept_on_request() {
    let dir = directory(HELLO);
    assert_eq!(compile(&dir, &["a.ruff"]).0, 0);
    let stripped = fs::read(dir.0.join("a")).expect("it is there");
    assert_eq!(compile(&dir, &["a.ruff", "-g"]).0, 0);
    let named = fs::read(dir.0.join("a")).expect("it is there");
    let names_start = |bytes: &[u8]| bytes.windows(10).any(|part| part == b"ruff_start");
    assert!(!names_start(&stripped) && names_start(&named));
    greets(&dir);
    // Other machines' code and linkers need more.
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        assert!(stripped.len() <= 150_000, "{} bytes", stripped.len());
    }
}

#[test]
fn the_archive_is_where_the_environment_says() {
    let dir = directory(HELLO);
    let directory = archive().parent().expect("it is in a directory");
    for place in [archive(), directory] {
        let done = output(command(ruffc(), &dir, &["a.ruff"]).env("RUFF_RUNTIME", place));
        assert_eq!(
            done,
            (0, String::new(), String::new()),
            "{}",
            place.display()
        );
        greets(&dir);
        fs::remove_file(dir.0.join("a")).expect("it is there");
    }
    for place in ["/nowhere", "a.ruff/x", "/"] {
        let (code, _, stderr) =
            output(command(ruffc(), &dir, &["a.ruff"]).env("RUFF_RUNTIME", place));
        assert!(
            code == 6 && stderr.contains(&format!("RUFF_RUNTIME names '{place}")),
            "{stderr}"
        );
        assert!(
            stderr.contains("the object is in a.o; link it with\n"),
            "{stderr}"
        );
    }
}

#[test]
fn the_archive_is_found_beside_the_compiler_and_in_its_prefix() {
    for home in ["bin", "lib", "lib/ruff"] {
        let dir = directory(HELLO);
        let compiler = dir.0.join("bin/ruffc");
        place(ruffc(), &compiler);
        // A link from elsewhere, as package managers make them, leads to the same prefix.
        symlink(&compiler, dir.0.join("elsewhere")).expect("it can be linked");
        let compile = || {
            let mut command = command(&dir.0.join("elsewhere"), &dir, &["a.ruff"]);
            output(command.env_remove("RUFF_RUNTIME"))
        };
        let (code, _, stderr) = compile();
        assert_eq!(code, 6, "{stderr}");
        assert!(
            stderr.contains("libruff_runtime.a is neither beside ruffc"),
            "{stderr}"
        );
        place(archive(), &dir.0.join(home).join("libruff_runtime.a"));
        assert_eq!(compile(), (0, String::new(), String::new()), "{home}");
        greets(&dir);
    }
}

#[test]
fn without_a_linker_the_printed_command_makes_the_executable() {
    let dir = directory(HELLO);
    let (code, _, stderr) =
        output(command(ruffc(), &dir, &["a.ruff"]).env("CC", "no-such-compiler"));
    assert_eq!(code, 6, "{stderr}");
    assert!(
        stderr.contains("cannot run the linker 'no-such-compiler'"),
        "{stderr}"
    );
    assert_eq!(files(&dir.0), ["a.o", "a.ruff"]);
    let line = stderr.lines().last().expect("the command is the last line");
    let line = line.trim().replacen("no-such-compiler", "cc", 1);
    let mut shell = command(Path::new("sh"), &dir, &["-c", &line]);
    assert_eq!(
        output(&mut shell),
        (0, String::new(), String::new()),
        "{line}"
    );
    greets(&dir);
}

#[test]
fn the_linker_is_what_cc_says() {
    let dir = directory(HELLO);
    let link = |cc: &str| output(command(ruffc(), &dir, &["a.ruff"]).env("CC", cc));
    place(Path::new("/usr/bin/env"), &dir.0.join("my tools/env"));
    for cc in ["", "  ", "cc", "env cc", " env  X=1 cc -v "] {
        assert_eq!(link(cc), (0, String::new(), String::new()), "CC={cc:?}");
        greets(&dir);
    }
    let named = dir.0.join("my tools/env");
    let (code, _, stderr) = link(&named.to_string_lossy());
    assert!(
        code == 6 && stderr.contains("my tools/env' failed"),
        "{stderr}"
    );
}

#[test]
fn the_words_of_a_failing_linker_are_shown() {
    let dir = directory(&[
        HELLO[0],
        (
            "cc",
            "#!/bin/sh\necho 'no room today' >&2\necho half > \"$PWD/half\"\nexit 3\n",
        ),
        ("a", "old"),
    ]);
    let linker = dir.0.join("cc");
    fs::set_permissions(&linker, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let (code, _, stderr) = output(command(ruffc(), &dir, &["a.ruff"]).env("CC", &linker));
    assert_eq!(code, 6, "{stderr}");
    for part in ["failed (exit status: 3)", "no room today", "link it with"] {
        assert!(stderr.contains(part), "{stderr}");
    }
    assert_eq!(files(&dir.0), ["a", "a.o", "a.ruff", "cc", "half"]);
    let old = fs::read_to_string(dir.0.join("a")).expect("it is there");
    assert_eq!(old, "old", "what was there before stays");
}

#[test]
fn output_files_appear_whole_or_not_at_all() {
    let dir = directory(&[
        HELLO[0],
        ("bad.ruff", "print("),
        ("plain", "print(1)"),
        ("imports.ruff", "import part\n"),
        ("part.ruff", "export x := 1\n"),
    ]);
    let before = files(&dir.0);
    for (words, expected) in [
        (&["bad.ruff"][..], 3),
        (&["missing.ruff"], 5),
        (&["a.ruff", "-o", "no/such/place"], 5),
        (&["a.ruff", "-o", "a.ruff"], 2),
        (&["plain"], 2),
        (&["imports.ruff", "-o", "part.ruff"], 2),
        (&["a.ruff", "--target", "vax"], 2),
        (&["a.ruff", "--emit", "obj", "-o", "."], 5),
        (&["a.ruff", "-o", "a.ruff/x"], 5),
        (&["a.ruff", "-o", "/proc/a"], 5),
        (&["a.ruff", "-o", "-"], 2),
    ] {
        let (code, stdout, stderr) = compile(&dir, words);
        assert_eq!(
            (code, stdout.as_str()),
            (expected, ""),
            "{words:?}: {stderr}"
        );
        assert!(stderr.starts_with("[RUF"), "{words:?}: {stderr}");
        assert_eq!(files(&dir.0), before, "{words:?}");
    }
}

#[test]
fn devices_are_written_into_and_not_replaced() {
    let dir = directory(HELLO);
    for emit in ["obj", "asm", "exe"] {
        let words = ["a.ruff", "-o", "/dev/null", "--emit", emit];
        assert_eq!(compile(&dir, &words), (0, String::new(), String::new()));
        assert!(!fs::metadata("/dev/null").expect("there").is_file());
        let (code, _, stderr) = compile(&dir, &["a.ruff", "-o", "/dev/full", "--emit", emit]);
        assert_eq!(code, 5, "{stderr}");
        assert!(
            stderr.contains("Cannot write '/dev/full': No space left on device"),
            "{stderr}"
        );
        assert!(!fs::metadata("/dev/full").expect("there").is_file());
    }
    let (code, _, stderr) = output(
        Command::new("sh")
            .args(["-c", "exec \"$0\" a.ruff --emit obj -o - > /dev/full"])
            .arg(ruffc())
            .current_dir(&dir.0),
    );
    assert_eq!(code, 5, "{stderr}");
    assert!(
        stderr.contains("Cannot write to standard output"),
        "{stderr}"
    );
    assert_eq!(files(&dir.0), ["a.ruff"]);
    let left = files(Path::new("/dev"));
    assert!(left.iter().all(|name| !name.ends_with(".tmp")), "{left:?}");
}

/// Limits the size of files that the command may write.
fn limit_files(command: &mut Command, bytes: u64) -> &mut Command {
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    // SAFETY: between fork and exec the closure makes one system call, on a local copy of the limit.
    unsafe {
        command.pre_exec(move || match libc::setrlimit(libc::RLIMIT_FSIZE, &limit) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        })
    }
}

#[test]
fn a_full_disk_leaves_what_was_there() {
    let dir = directory(&[HELLO[0], ("a", "old executable"), ("a.o", "old object")]);
    let before = files(&dir.0);
    for words in [
        &["a.ruff"][..],
        &["a.ruff", "--emit", "obj"],
        &["a.ruff", "--emit", "asm", "-o", "a"],
    ] {
        let mut command = command(ruffc(), &dir, words);
        let (code, stdout, stderr) = output(limit_files(&mut command, 512));
        assert_eq!((code, stdout.as_str()), (5, ""), "{words:?}: {stderr}");
        assert!(stderr.contains("Cannot write 'a"), "{words:?}: {stderr}");
        assert_eq!(files(&dir.0), before, "{words:?}");
        for (name, text) in [("a", "old executable"), ("a.o", "old object")] {
            assert_eq!(
                fs::read_to_string(dir.0.join(name)).expect("it stays"),
                text
            );
        }
    }
}

#[test]
fn two_compilers_may_write_one_output() {
    let dir = directory(HELLO);
    for _ in 0..5 {
        let spawn = || {
            command(ruffc(), &dir, &["a.ruff"])
                .spawn()
                .expect("it starts")
        };
        for mut compiler in [spawn(), spawn(), spawn()] {
            assert!(compiler.wait().expect("it ends").success());
        }
        assert_eq!(files(&dir.0), ["a", "a.ruff"]);
        greets(&dir);
    }
}

#[test]
fn a_running_executable_can_be_replaced() {
    let dir = directory(&[HELLO[0], ("wait.ruff", "print(input())")]);
    assert_eq!(compile(&dir, &["wait.ruff", "-o", "a"]).0, 0);
    let mut running = command(&dir.0.join("a"), &dir, &[])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    assert_eq!(
        compile(&dir, &["a.ruff"]),
        (0, String::new(), String::new())
    );
    greets(&dir);
    drop(running.stdin.take());
    assert!(running.wait().expect("it ends").success());
}
