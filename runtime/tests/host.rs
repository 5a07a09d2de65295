//! Builtins over types, numbers, files, paths, the environment, processes, time and JSON, called without any engine.

mod notation;
use notation::{context, eval};
use ruff_runtime::builtins::{ALL, Capabilities, Capability, find};
use ruff_runtime::ops::text;
use ruff_runtime::value::Value;
use std::sync::Mutex;

/// The environment belongs to the process: tests that change it or depend on it take turns.
static ENVIRONMENT: Mutex<()> = Mutex::new(());

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(eval(source), *expected, "{source}");
    }
}

#[test]
fn conversions() {
    check(&[
        (
            r#"[to_int(3.99), to_int(" 42 "), to_int(true), to_float("1.5"), to_bool("False"), to_bool("no")]"#,
            "[3, 42, 1, 1.5, false, true]",
        ),
        (r#"to_int("abc")"#, "Cannot convert 'abc' to int"),
        ("to_int(null)", "Cannot convert null to int"),
        ("to_float([1])", "Cannot convert array to float"),
        (
            "[to_int(99999999999999999999.0), to_int(-99999999999999999999.0), to_int(0.0)]",
            "[9223372036854775807, -9223372036854775808, 0]",
        ),
        (
            r#"[to_int("+5"), parse_int(" -7 "), parse_float("2")]"#,
            "[5, -7, 2]",
        ),
        (r#"parse_int("x")"#, "Cannot parse 'x' as integer"),
        (r#"parse_float("x")"#, "Cannot parse 'x' as float"),
        ("parse_int(1)", "parse_int() requires a string argument"),
        ("bytes([0, 255])", "<bytes: 2>"),
        (
            "bytes([300])",
            "bytes() requires integers in range 0-255, got 300",
        ),
        ("bytes([1.5])", "bytes() requires an array of integers"),
        ("bytes(1)", "bytes() requires an array of integers"),
        ("[array(1, 2), array(), dict()]", "[[1, 2], [], {}]"),
        (
            "[type(1), type_of(null), is_function(len), is_int(1.0)]",
            "[int, null, true, false]",
        ),
        (r#"error("boom")"#, "boom"),
        (r#"error({"message": "m"})"#, "m"),
        ("exit([])", "exit() requires a numeric argument"),
    ]);
}

#[test]
fn numbers() {
    check(&[
        (
            "[abs(-5), type(abs(-5)), round(2.5), round(-2.5), floor(-1.5), pow(2, 10), max(1, 2)]",
            "[5, float, 3, -3, -2, 1024, 2]",
        ),
        (
            r#"[bit_and(6, 3), bit_shl(1, 10), bit_shr(-8, 1), bit_not(0), sum([1, 2.5, "x"]), sum([])]"#,
            "[2, 1024, -4, -1, 3.5, 0]",
        ),
        ("sqrt(-1)", "sqrt() domain error: value must be >= 0"),
        ("log(0)", "log() domain error: value must be > 0"),
        (
            r#"abs("x")"#,
            r#"abs() expects numeric argument 'value' , got Str("x")"#,
        ),
        (
            "bit_and(1.5, 1)",
            "bit_and() expects integer argument 'left' , got Float(1.5)",
        ),
        (
            "bit_or(1, null)",
            "bit_or() expects integer argument 'right' , got Null",
        ),
        (
            "bit_shl(1, 64)",
            "bit_shl() expects a shift amount between 0 and 63",
        ),
        (
            "bit_shr(1, -1)",
            "bit_shr() expects a shift amount between 0 and 63",
        ),
        ("bit_shl(3, 63)", "-9223372036854775808"),
        (
            "[range(3), range(2, 5), range(5, 0, -2), range(3, 1), range(2.9)]",
            "[[0, 1, 2], [2, 3, 4], [5, 3, 1], [], [0, 1]]",
        ),
        ("range(0, 1, 0)", "range() step cannot be zero"),
        ("range()", "range() requires 1, 2, or 3 arguments"),
        ("range(1, 2, 3, 4)", "range() requires 1, 2, or 3 arguments"),
        (r#"range("x")"#, "range() requires numeric arguments"),
        (
            "range(9223372036854775806, 9223372036854775807, 5)",
            "[9223372036854775806]",
        ),
        (
            "range(9223372036854775807)",
            "Out of memory: the result would be too large",
        ),
        (
            "sum([9223372036854775807, 1])",
            "Integer overflow: 9223372036854775807 + 1",
        ),
        ("sum(1)", "sum requires an array argument"),
        (
            "[sum([true, false]), sum([0.5, 0.25]), sum([1, [2], 3])]",
            "[0, 0.75, 4]",
        ),
        (
            "[len(random_id(12)), len(uuid_v4()), random_choice([]), random_int(3, 3)]",
            "[12, 36, 0, 3]",
        ),
        (
            "random_int(2, 1)",
            "random_int() requires min <= max, got 2 and 1",
        ),
    ]);
}

#[test]
fn files() {
    let directory = std::env::temp_dir().join(format!("ruff-files-{}", std::process::id()));
    let at = |name: &str| directory.join(name).to_str().expect("text").to_string();
    let (dir, a, b) = (at(""), at("a.txt"), at("b.txt"));
    let run = |source: &str| {
        let full = source
            .replace("DIR", &dir)
            .replace("A", &a)
            .replace("B", &b);
        eval(&full)
            .replace(&a, "A")
            .replace(&b, "B")
            .replace(&dir, "DIR")
    };
    for (source, expected) in [
        (r#"create_dir("DIRx/y/z")"#, "true"),
        (r#"create_dir("DIRx/y/z")"#, "true"),
        (
            r#"read_file("A")"#,
            "Cannot read file 'A': No such file or directory (os error 2)",
        ),
        (
            r#"read_file("DIR")"#,
            "Cannot read file 'DIR': Is a directory (os error 21)",
        ),
        (r#"write_file("A", "one")"#, "true"),
        (
            r#"write_file("A", "two")"#,
            "Cannot write file 'A': file already exists (pass overwrite=true to replace it)",
        ),
        (
            r#"[write_file("A", "two", true), append_file("A", "!"), read_file("A"), file_size("A")]"#,
            "[true, true, two!, 4]",
        ),
        (
            r#"[append_file("B", "l1"), append_file("B", "l2"), read_lines("B")]"#,
            "[true, true, [l1l2]]",
        ),
        (
            r#"[file_exists("A"), path_exists("Anot"), path_is_dir("DIR"), path_is_file("A"), path_is_symlink("A")]"#,
            "[true, false, true, true, false]",
        ),
        (
            r#"[copy_file("A", "B"), read_file("B"), list_dir("DIR")]"#,
            "[true, two!, [a.txt, b.txt, x]]",
        ),
        (
            r#"copy_file("A", "A")"#,
            "Cannot copy file 'A' to 'A': File exists (os error 17)",
        ),
        (
            r#"copy_file("DIR", "B")"#,
            "Cannot copy file 'DIR' to 'B': Is a directory (os error 21)",
        ),
        (
            r#"[rename_file("A", "B"), file_exists("A"), delete_file("B")]"#,
            "[true, false, true]",
        ),
        (
            r#"delete_file("DIR")"#,
            "Cannot delete file 'DIR': Is a directory (os error 21)",
        ),
        (
            r#"[os_rmdir("DIRx/y/z"), os_rmdir("DIRx/y"), os_rmdir("DIRx"), list_dir("DIR")]"#,
            "[true, true, true, []]",
        ),
        (
            r#"[io_write_bytes("A", bytes([1, 2, 3, 255])), collect(range(0)), io_truncate("A", 5)]"#,
            "[true, [], true]",
        ),
        (
            r#"[io_append_bytes("A", bytes([9])), io_write_at("A", bytes([7]), 1), file_size("A")]"#,
            "[true, true, 6]",
        ),
        (
            r#"[io_read_bytes("A", 2), io_read_at("A", 1, 99), io_seek_read("A", 5), io_seek_read("A", 50)]"#,
            "[<bytes: 2>, <bytes: 5>, <bytes: 1>, <bytes: 0>]",
        ),
        (
            r#"io_read_at("A", -1, 1)"#,
            "io_read_at() requires non-negative offsets and sizes",
        ),
        (
            r#"read_file("A")"#,
            "Cannot read file 'A': stream did not contain valid UTF-8",
        ),
        (r#"read_file_lossy("A")"#, "\u{1}\u{7}\u{3}\u{fffd}\0\t"),
        (
            r#"[io_copy_range("A", "B", 1, 3), read_binary_file("B"), write_binary_file("B", bytes([1]), true), file_size("B")]"#,
            "[true, <bytes: 3>, true, 1]",
        ),
        (
            r#"[get(io_file_metadata("B"), "size"), get(io_file_metadata("DIR"), "is_dir")]"#,
            "[1, true]",
        ),
        (
            r#"write_file("DIRno/such", "x")"#,
            "Cannot write file 'DIRno/such': No such file or directory (os error 2)",
        ),
        (
            r#"write_file("/dev/full", "x", true)"#,
            "Cannot write file '/dev/full': No space left on device (os error 28)",
        ),
        (
            r#"[io_write_bytes("B", bytes([])), io_truncate("B", 4000000000000)]"#,
            "[true, true]",
        ),
        (
            r#"read_file("B")"#,
            "Cannot read file 'B': Cannot allocate memory (os error 12)",
        ),
        (r#"io_read_at("B", 3999999999999, 9)"#, "<bytes: 1>"),
        (r#"read_file(1)"#, "read_file() requires a string path"),
    ] {
        assert_eq!(run(source), expected, "{source}");
    }
    std::fs::remove_dir_all(&directory).expect("only files are left");
}

#[test]
fn paths_and_environment() {
    let _turn = ENVIRONMENT.lock();
    check(&[
        (
            r#"[path_join("a", "/b"), dirname("/x/y.txt"), basename("/x/y.txt"), path_extension("y.txt")]"#,
            "[/b, /x, y.txt, txt]",
        ),
        (
            r#"[join_path("a", "b/", "c"), join_path("", "x")]"#,
            "[a/b/c, x]",
        ),
        (
            r#"[dirname("a"), dirname("/a"), dirname("/"), dirname("a/b/"), basename("a/b/"), basename("/")]"#,
            "[, /, /, a, b, ]",
        ),
        (
            r#"[path_extension(".hidden"), path_extension("a.tar.gz"), path_extension("a.d/b"), path_extension("..")]"#,
            "[, gz, , ]",
        ),
        (
            r#"path_absolute("/no/such")"#,
            "Cannot resolve path '/no/such': No such file or directory (os error 2)",
        ),
        (
            r#"[env("RUFF_NOT_SET"), env_or("RUFF_NOT_SET", "d")]"#,
            "[, d]",
        ),
        (
            r#"env_int("RUFF_NOT_SET")"#,
            "Environment variable 'RUFF_NOT_SET' not found",
        ),
        (
            r#"env_required("RUFF_NOT_SET")"#,
            "Required environment variable 'RUFF_NOT_SET' is not set",
        ),
        (
            r#"[env_set("RUFF_HOST_N", "42"), env_int("RUFF_HOST_N"), env_float("RUFF_HOST_N"), env_bool("RUFF_HOST_N")]"#,
            "[null, 42, 42, false]",
        ),
        (
            r#"[env_set("RUFF_HOST_B", "YES"), env_bool("RUFF_HOST_B"), env_required("RUFF_HOST_B")]"#,
            "[null, true, YES]",
        ),
        (
            r#"env_int("RUFF_HOST_B")"#,
            "Environment variable 'RUFF_HOST_B' is not an integer: YES",
        ),
        (
            r#"env_set("", "x")"#,
            "Cannot set environment variable '': Invalid argument (os error 22)",
        ),
    ]);
}

#[test]
fn processes() {
    let _turn = ENVIRONMENT.lock();
    check(&[
        (r#"execute("echo hi")"#, "hi\n"),
        (
            r#"execute("echo no >&2; exit 3")"#,
            "Command failed with exit code 3: no",
        ),
        (
            r#"execute("sleep 9", {"timeout_ms": 20})"#,
            "execute() timed out after 20ms",
        ),
        (
            r#"execute("echo long", {"max_output_bytes": 2})"#,
            "execute() output is larger than 2 bytes (see max_output_bytes)",
        ),
        (
            r#"execute("echo $A-$HOME-$B", {"inherit_env": false, "env": {"A": 1, "B": "b"}})"#,
            "1--b\n",
        ),
        (
            r#"execute_status("echo x; exit 2")"#,
            "ProcessResult { exitcode: 2, stderr: , stderr_truncated: false, stdout: x\n, stdout_truncated: false, success: false, timed_out: false }",
        ),
        (
            r#"spawn_process(["echo", "$HOME", "a b"])"#,
            "ProcessResult { exitcode: 0, stderr: , stderr_truncated: false, stdout: $HOME a b\n, stdout_truncated: false, success: true, timed_out: false }",
        ),
        (
            r#"spawn_process(["/no/such"])"#,
            "Cannot run '/no/such': No such file or directory (os error 2)",
        ),
        (
            r#"pipe_commands([["echo", "abc"], ["tr", "b", "x"]])"#,
            "axc\n",
        ),
        (
            "pipe_commands([])",
            "pipe_commands() requires a non-empty array of commands",
        ),
        (
            "spawn_process([])",
            "spawn_process() requires a non-empty array of strings",
        ),
    ]);
}

#[test]
fn time() {
    check(&[
        (
            r#"[format_date(0, "YYYY-MM-DD HH:mm:ss"), parse_date("1970-01-02", "YYYY-MM-DD"), format_duration(1500), elapsed(1, 3)]"#,
            "[1970-01-01 00:00:00, 86400, 1.50s, 2]",
        ),
        (
            "[format_duration(2.5), format_duration(0.012), format_duration(0.000007), format_duration(0)]",
            "[2.50ms, 12.00μs, 7ns, 0ns]",
        ),
        (
            r#"parse_date("2024-02-30", "YYYY-MM-DD")"#,
            "Cannot parse '2024-02-30' as date",
        ),
        (
            "[sleep(1), type(now()), type(time()), len(now_utc()), is_float(time_ns())]",
            "[0, float, int, 20, true]",
        ),
        (
            "sleep(-1)",
            "sleep() requires a non-negative number of milliseconds",
        ),
    ]);
}

#[test]
fn json() {
    check(&[
        (
            r#"[to_json({"b": 1.0, "a": [true, null, "x"]}), parse_json("[1, 2.5, null, {}]")]"#,
            r#"[{"a":[true,null,"x"],"b":1.0}, [1, 2.5, null, {}]]"#,
        ),
        (
            "[to_json([]), to_json({}), to_json([1, 2]), to_json([0.5, 1.0]), to_json([[], [[1]]])]",
            "[[], {}, [1,2], [0.5,1.0], [[],[[1]]]]",
        ),
        (
            r#"to_json_pretty({"a": [1, {"b": []}], "c": "é"})"#,
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": \"é\"\n}",
        ),
        ("to_json_pretty([1, 2])", "[\n  1,\n  2\n]"),
        ("to_json(len)", "Cannot convert Function to JSON"),
        (
            "to_json([parse_float(\"inf\")])",
            "Cannot convert Float(inf) to JSON",
        ),
        (
            r#"parse_json("[1,")"#,
            "JSON parse error: unexpected end of input at line 1 column 4",
        ),
        ("parse_json(1)", "parse_json() requires a string argument"),
    ]);
}

#[test]
fn json_nests_as_deep_as_values() {
    let mut cx = context();
    let mut value = Value::NULL;
    for _ in 0..200_000 {
        value = ruff_runtime::ops::make_array(&mut cx, &mut [value]);
    }
    let to_json = ALL[find("to_json").expect("a builtin") as usize];
    let result = to_json.call(&mut cx, &mut [value]).expect("JSON");
    assert_eq!(text::to_text(&result).len(), 400_004);
}

#[test]
fn capabilities_are_asked_for() {
    let mut cx = context();
    cx.allowed = Capabilities(1 << Capability::FsWrite as u32);
    let mut denied = |name: &str, args: &mut [Value]| {
        let builtin = ALL[find(name).expect("a builtin") as usize];
        builtin
            .call(&mut cx, args)
            .err()
            .map(|_| text::to_text(&cx.pending.take().expect("a pending error").message))
    };
    let path = || Value::str("/no/such/file");
    assert_eq!(
        denied("read_file", &mut [path()]).as_deref(),
        Some(
            "Capability denied: filesystem-read required for read_file; rerun with --allow-fs-read"
        )
    );
    assert_eq!(
        denied("copy_file", &mut [path(), path()]).as_deref(),
        Some(
            "Capability denied: filesystem-read required for copy_file; rerun with --allow-fs-read"
        )
    );
    assert_eq!(
        denied("now", &mut []).as_deref(),
        Some("Capability denied: clock required for now; rerun with --allow-clock")
    );
    assert_eq!(denied("format_duration", &mut [Value::int(1)]), None);
}

/// Every builtin of every family, with arguments that make no sense: it raises or it does not, but it ends.
#[test]
fn no_builtin_panics_on_strange_arguments() {
    let _turn = ENVIRONMENT.lock();
    let strange = || {
        [
            Value::NULL,
            Value::bool(true),
            Value::int(-1),
            Value::int(i64::MIN),
            Value::int(i64::MAX),
            Value::float(f64::NAN),
            Value::float(f64::INFINITY),
            Value::float(-1e300),
            Value::str(""),
            Value::str("/no/such\0file"),
            Value::str("é\u{10ffff}"),
            Value::from(ruff_runtime::heap::Ref::new(
                ruff_runtime::object::Array::default(),
            )),
            Value::from(ruff_runtime::heap::Ref::new(
                ruff_runtime::object::Dict::default(),
            )),
        ]
    };
    // Some of them make files of strange names.
    let directory = std::env::temp_dir().join(format!("ruff-strange-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    std::env::set_current_dir(&directory).expect("a directory");
    let mut cx = context();
    cx.out = ruff_runtime::os::output::Output::in_memory();
    // These wait for a person, end the process, or wait for as long as they are told.
    let skipped = ["input", "exit", "sleep", "eprint"];
    for builtin in ALL.iter().filter(|b| !skipped.contains(&b.name)) {
        for count in builtin.min..=builtin.max.min(3) {
            for first in strange() {
                for other in strange() {
                    let mut args: Vec<Value> = vec![other.clone(); count as usize];
                    if let Some(slot) = args.first_mut() {
                        *slot = first.clone();
                    }
                    let _ = builtin.call(&mut cx, &mut args);
                    cx.pending = None;
                }
            }
        }
    }
    std::env::set_current_dir(std::env::temp_dir()).expect("a directory");
    std::fs::remove_dir_all(&directory).expect("our own files");
}
