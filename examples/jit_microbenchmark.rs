//! Loop kernels in each engine. Results are compared before any time is shown.
//!
//! Run: `cargo run --release --example jit_microbenchmark`

use ruff::embed::{Data, Error, Mode, Runtime, Script};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

const KERNELS: &str = "
func counting(n) { total := 0; i := 0; while i < n { total += i; i += 1 } return total }
func nested(n) { total := 0; for i in n { for j in 100 { total += i * j - j * 3 } } return total }
func floats(n) { x := 0.0; for i in n { x := x * 0.5 + 1.0 / (i + 1.0) } return x }
func calls(n) { if n < 2 { return n } return calls(n - 1) + calls(n - 2) }
func array(n) { a := []; for i in n { a := push(a, i % 7) } total := 0; for x in a { total += x } return total }
func text(n) { s := \"\"; for i in n { s += \"ab\" } return len(s) }
";

const RUNS: [(&str, i64); 6] = [
    ("counting", 300_000),
    ("nested", 3_000),
    ("floats", 300_000),
    ("calls", 22),
    ("array", 100_000),
    ("text", 100_000),
];

const MODES: [(&str, Mode); 3] = [
    ("interpreted", Mode::Interpreted),
    ("tiered", Mode::Tiered),
    ("compiled", Mode::Compiled),
];

fn main() -> Result<(), Error> {
    let script = Script::compile("kernels.ruff", KERNELS)?;
    println!("least of {ROUNDS} runs, in milliseconds; compiling is part of the first");
    print!("{:<10} {:>16}", "kernel", "result");
    for (name, _) in MODES {
        print!(" {name:>12}");
    }
    println!();
    for (kernel, n) in RUNS {
        let (result, times) = compare(&script, kernel, n)?;
        print!("{kernel:<10} {:>16}", shown(&result));
        for time in times {
            print!(" {:>12.3}", time.as_secs_f64() * 1e3);
        }
        println!("   {:.1}x", times[0].as_secs_f64() / times[2].as_secs_f64());
    }
    Ok(())
}

/// The kernel's result, on which all engines agree, and its least time in each.
fn compare(script: &Script, kernel: &str, n: i64) -> Result<(Data, [Duration; 3]), Error> {
    let mut runtimes = MODES.map(|(_, mode)| Runtime::new(script, mode));
    let mut least = [Duration::MAX; 3];
    let mut first = None;
    // Turn about, so that a change of the machine's pace hits all engines.
    for _ in 0..ROUNDS {
        for (runtime, least) in runtimes.iter_mut().zip(&mut least) {
            let start = Instant::now();
            let result = runtime.call(kernel, &[n.into()])?;
            *least = start.elapsed().min(*least);
            assert_eq!(*first.get_or_insert(result.clone()), result, "{kernel}");
        }
    }
    Ok((first.unwrap_or(Data::Null), least))
}

fn shown(result: &Data) -> String {
    match result {
        Data::Int(n) => n.to_string(),
        Data::Float(x) => format!("{x:.9}"),
        other => format!("{other:?}"),
    }
}
