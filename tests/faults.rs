//! Faults of the machine and of the environment: signals that interrupt system calls, file systems that are full or read only, an
//! environment that is empty. Programs do in every engine what they do elsewhere; `ruffc` leaves what was there.

mod harness;

use harness::shim::Shim;
use harness::tool::{command, directory, files, output, started};
use harness::ways::{Scratch, WAYS, ruffc};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{sleep, spawn};
use std::time::Duration;

/// Waits in every system call that programs can wait in.
const WAITING: &str = r#"
print("begins")
let line := input()
let long := input()
let before := performance_now()
sleep(50)
print(line, len(long), performance_now() - before >= 50)
write_file("text", repeat("x", 3000000), true)
print(len(read_file("text")), len(list_dir(".")) > 1)
print(execute("sleep 0.05; printf done"), execute_status("exit 3").exitcode)
print(len(execute("head -c 300000 /dev/zero | tr '\\0' z")))
print(pipe_commands([["printf", "b\\na\\n"], ["sort"]]))
for i in 20000 { print("0123456789") }
"#;

#[test]
fn interrupted_system_calls_go_on() {
    let shim = match Shim::build() {
        Ok(shim) => shim,
        Err(why) => return eprintln!("skipped: system calls cannot be interrupted here: {why}"),
    };
    let dir = directory(&[("a.ruff", WAITING)]);
    let beginning = "begins\nfirst 100000 true\n3000000 true\ndone 3\n300000\na\nb\n\n";
    let expected = beginning.to_owned() + &"0123456789\n".repeat(20_000);
    for way in WAYS {
        let mut program = started(way, &dir);
        shim.apply(&mut program, "STORM", 500);
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let mut input = child.stdin.take().expect("piped");
        let feed = spawn(move || {
            for part in ["fir", "st\n", &"y".repeat(100_000), "\n"] {
                sleep(Duration::from_millis(20));
                input.write_all(part.as_bytes()).expect("it reads");
            }
        });
        let done = child.wait_with_output().expect("it ends");
        feed.join().expect("the input was read");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let got = (done.status.code(), text(done.stdout), text(done.stderr));
        assert_eq!(got, (Some(0), expected.clone(), String::new()), "{way:?}");
    }
}

#[test]
fn an_interrupted_compiler_compiles() {
    let shim = match Shim::build() {
        Ok(shim) => shim,
        Err(why) => return eprintln!("skipped: system calls cannot be interrupted here: {why}"),
    };
    let dir = directory(&[("a.ruff", "print(1)")]);
    for emit in ["obj", "asm", "exe"] {
        let mut compiler = command(ruffc(), &dir, &["a.ruff", "-o", "a", "--emit", emit]);
        shim.apply(&mut compiler, "STORM", 1000);
        assert_eq!(
            output(&mut compiler),
            (0, String::new(), String::new()),
            "{emit}"
        );
    }
    let ran = output(&mut command(&dir.0.join("a"), &dir, &[]));
    assert_eq!(ran, (0, "1\n".into(), String::new()));
}

#[test]
fn an_empty_environment_is_enough() {
    let text = "print(len(str(env(\"HOME\"))) >= 0, \"äöü\", upper(\"ä\"), args())\nthrow(\"ö\")";
    let text = text.replace("len(str(env(\"HOME\"))) >= 0", "type(now())");
    let dir = directory(&[("a.ruff", &text)]);
    let expected = "int äöü Ä []\n";
    for way in WAYS {
        let mut program = started(way, &dir);
        let (code, stdout, stderr) = output(program.env_clear());
        let kind = stdout.split(' ').next().unwrap_or_default().to_owned();
        assert_eq!(code, 4, "{way:?}: {stderr}");
        assert_eq!(stdout, expected.replacen("int", &kind, 1), "{way:?}");
        assert!(
            stderr.starts_with("[RUFVM001] [vm] Runtime Error: ö\n"),
            "{way:?}: {stderr}"
        );
    }
    let mut compiler = command(ruffc(), &dir, &["a.ruff", "-o", "b"]);
    let archive = harness::ways::archive();
    let compiler = compiler.env_clear().env("RUFF_RUNTIME", archive);
    let compiled = output(compiler.env("PATH", std::env::var_os("PATH").unwrap_or_default()));
    assert_eq!(compiled, (0, String::new(), String::new()));
    // Without a PATH the system's own is searched, or the linker is missing: both are told as they are.
    let (code, _, stderr) = output(
        command(ruffc(), &dir, &["a.ruff", "-o", "c"])
            .env_clear()
            .env("RUFF_RUNTIME", archive),
    );
    assert!(
        code == 0 || (code == 6 && stderr.contains("linker")),
        "{code}: {stderr}"
    );
}

/// A file system of its own that disappears with the value.
struct Mount(PathBuf);

impl Mount {
    /// A small file system in memory, or why there is none.
    fn new(at: &Path, options: &str) -> Result<Mount, String> {
        fs::create_dir_all(at).expect("made");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at);
        let done = mount.output().map_err(|error| format!("mount: {error}"))?;
        match done.status.success() {
            true => Ok(Mount(at.into())),
            false => Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
        }
    }

    fn remount(&self, options: &str) {
        let mut mount = Command::new("mount");
        let done = mount
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.0)
            .status();
        assert!(done.expect("mount can be started").success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

/// Compiles into a file system that is full or read only, and looks that nothing there has changed. Where it is the linker that finds
/// no room, the failure is its, and the object may be left.
fn refuses(dir: &Scratch, told: &str) {
    let there = dir.0.join("there");
    let before = files(&there);
    for words in [
        &["a.ruff", "-o", "there/a"][..],
        &["a.ruff", "-o", "there/a", "--emit", "obj"],
        &["a.ruff", "-o", "there/a", "--emit", "asm"],
        &["a.ruff", "-o", "there/new"],
    ] {
        let (code, stdout, stderr) = output(&mut command(ruffc(), dir, words));
        let linker = code == 6 && stderr.contains("link it with");
        assert!(code == 5 || linker, "{words:?}: {stderr}");
        assert!(
            stdout.is_empty() && stderr.contains(told),
            "{words:?}: {stderr}"
        );
        if linker {
            let object = words[2].to_owned() + ".o";
            fs::remove_file(dir.0.join(object)).expect("it was left");
        }
        assert_eq!(files(&there), before, "{words:?}");
        let old = fs::read_to_string(there.join("a")).expect("it stays");
        assert_eq!(old, "old", "{words:?}");
    }
}

#[test]
fn full_and_read_only_file_systems_leave_what_was_there() {
    let program = "print(1)\nfor i in 3 {\n  try { write_file(\"there/out\", repeat(\"x\", 1000000), true); print(\"written\") } except e { print(e.message) }\n}\nprint(file_exists(\"there/out\"), read_file(\"there/a\"))";
    let dir = directory(&[("a.ruff", program)]);
    let there = dir.0.join("there");
    let mount = match Mount::new(&there, "size=64k") {
        Ok(mount) => mount,
        Err(why) => return eprintln!("skipped: no file system can be mounted here: {why}"),
    };
    fs::write(there.join("a"), "old").expect("written");
    let fill = Command::new("sh")
        .args([
            "-c",
            "head -c 100000 /dev/zero > there/filling 2>/dev/null; true",
        ])
        .current_dir(&dir.0)
        .status();
    assert!(fill.expect("it can be started").success());
    refuses(&dir, "No space left on device");
    let expected = |why: &str| {
        let line = format!("Cannot write file 'there/out': {why}\n");
        format!("1\n{line}{line}{line}false old\n")
    };
    for way in WAYS {
        let got = output(&mut started(way, &dir));
        let expected = expected("No space left on device (os error 28)");
        assert_eq!(got, (0, expected, String::new()), "{way:?}");
    }
    mount.remount("ro");
    refuses(&dir, "Read-only file system");
    for way in WAYS {
        let got = output(&mut started(way, &dir));
        let expected = expected("Read-only file system (os error 30)");
        assert_eq!(got, (0, expected, String::new()), "{way:?}");
    }
}

#[test]
fn compilers_of_different_programs_may_write_one_output() {
    let dir = directory(&[("a.ruff", "print(1)"), ("b.ruff", "print(2)")]);
    for round in 0..4 {
        let start = |file: &str| {
            let mut compiler = command(ruffc(), &dir, &[file, "-o", "out"]);
            compiler.spawn().expect("it can be started")
        };
        let both = if round % 2 == 0 {
            [start("a.ruff"), start("b.ruff")]
        } else {
            [start("b.ruff"), start("a.ruff")]
        };
        for mut compiler in both {
            assert!(compiler.wait().expect("it ends").success());
        }
        assert_eq!(files(&dir.0), ["a.ruff", "b.ruff", "out"]);
        let ran = output(&mut command(&dir.0.join("out"), &dir, &[]));
        assert!(ran.0 == 0 && (ran.1 == "1\n" || ran.1 == "2\n"), "{ran:?}");
    }
}
