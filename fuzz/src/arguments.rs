//! The command lines of both tools.

use std::ffi::OsString;

#[path = "../../src/bin/ruff/flags.rs"]
#[allow(dead_code, reason = "only what reads the words is called here")]
mod ruff_flags;
#[path = "../../src/bin/ruffc/flags.rs"]
#[allow(dead_code, reason = "only what reads the words is called here")]
mod ruffc_flags;

/// Words are separated by line ends; they need not be Unicode.
pub fn command_lines(bytes: &[u8]) {
    for name in ["ruff", "ruffc"] {
        let lines = bytes.split(|b| *b == b'\n').take(64);
        let words: Vec<OsString> = std::iter::once(OsString::from(name))
            .chain(lines.map(word))
            .collect();
        let message = match name {
            "ruff" => ruff_flags::parse(words).err(),
            _ => ruffc_flags::parse(words).err(),
        };
        if let Some(message) = message {
            assert!(!message.to_string().is_empty());
            assert!(matches!(message.exit_code(), 0 | 2));
        }
    }
}

#[cfg(unix)]
fn word(bytes: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn word(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}
