//! Faults that a system makes rarely, made often: a shared object in C that is loaded before the C library.
//!
//! In: the environment of a command. Out: allocations that fail, signals that interrupt. It does not know who is tested.

use super::ways::Scratch;
use std::path::PathBuf;
use std::process::Command;

/// `FAIL_AT=N` fails the Nth allocation, `FAIL_FROM=N` this and all later ones. `STORM=US` has a signal handler interrupt the process
/// every so many microseconds; interrupted calls are not restarted.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/time.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);
static long count, at, from;

static int fails(void) {
  if (!at && !from) return 0;
  count++;
  if (count != at && (!from || count < from)) return 0;
  errno = ENOMEM;
  return 1;
}
void *malloc(size_t n) { return fails() ? 0 : __libc_malloc(n); }
void *calloc(size_t n, size_t m) { return fails() ? 0 : __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { return fails() ? 0 : __libc_realloc(p, n); }
int posix_memalign(void **p, size_t a, size_t n) {
  if (fails()) return ENOMEM;
  *p = __libc_memalign(a, n);
  return *p ? 0 : ENOMEM;
}
static void nothing(int signal) { (void)signal; }
__attribute__((constructor)) static void start(void) {
  const char *text = getenv("STORM");
  if (text) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = nothing;
    sigaction(SIGALRM, &action, 0);
    struct itimerval every = {{0, atol(text)}, {0, atol(text)}};
    setitimer(ITIMER_REAL, &every, 0);
  }
  if ((text = getenv("FAIL_AT"))) at = atol(text);
  if ((text = getenv("FAIL_FROM"))) from = atol(text);
  unsetenv("LD_PRELOAD"); /* for commands that the process runs */
}
"#;

/// The shared object.
pub struct Shim(Scratch);

impl Shim {
    /// Builds it, or says why that is not possible here.
    pub fn build() -> Result<Shim, String> {
        if !cfg!(all(target_os = "linux", target_env = "gnu")) {
            return Err("needs the GNU C library".into());
        }
        let dir = Scratch::with(&[("shim.c".into(), SHIM.into())]);
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-o", "shim.so", "shim.c"]);
        let done = cc
            .current_dir(&dir.0)
            .output()
            .map_err(|error| format!("cc: {error}"))?;
        match done.status.success() {
            true => Ok(Shim(dir)),
            false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
        }
    }

    fn path(&self) -> PathBuf {
        self.0.0.join("shim.so")
    }

    /// Has a command suffer: `what` is one of the variables above.
    pub fn apply<'a>(&self, command: &'a mut Command, what: &str, value: usize) -> &'a mut Command {
        command
            .env("LD_PRELOAD", self.path())
            .env(what, value.to_string())
    }
}
