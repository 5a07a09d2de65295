//! Builtins over paths and the working directory (language.md §19.7).

use super::MANY;
use super::args::string;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::os::{directory, file};
use crate::value::Value;
use alloc::string::String;

builtins! {
    /// The parts as one path; a part that is absolute replaces those before it.
    "join_path" | "path_join" = join_path 1..=MANY, Pure -> Str;
    /// The path without its last part.
    "dirname" = dirname 1..=1, Pure -> Str;
    /// The last part of a path.
    "basename" = basename 1..=1, Pure -> Str;
    /// What follows the last dot of a file's name.
    "path_extension" = path_extension 1..=1, Pure -> Str;
    /// The path from the root, without links, `.` and `..`.
    "path_absolute" = path_absolute 1..=1, World -> Str needs FsRead;
    /// Whether the path leads to a directory.
    "path_is_dir" = path_is_dir 1..=1, World -> Bool needs FsRead;
    /// Whether the path leads to a plain file.
    "path_is_file" = path_is_file 1..=1, World -> Bool needs FsRead;
    /// Whether the path itself is a symbolic link.
    "path_is_symlink" = path_is_symlink 1..=1, World -> Bool needs FsRead;
    /// The working directory.
    "os_getcwd" = os_getcwd 0..=0, World -> Str needs FsRead;
    /// Changes the working directory.
    "os_chdir" = os_chdir 1..=1, World -> Bool needs FsRead;
}

fn path<'a>(cx: &mut Ctx, name: &str, value: &'a Value) -> Result<&'a str> {
    match value.as_text() {
        Some(path) => Ok(path),
        None => Err(cx.raise(format_args!("{name}() requires a string path"))),
    }
}

fn join_path(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let mut joined = String::new();
    for part in args.iter() {
        let Some(part) = part.as_text() else {
            return Err(cx.raise("join_path() requires string arguments"));
        };
        if part.starts_with('/') {
            joined.clear();
        } else if !joined.is_empty() && !joined.ends_with('/') {
            joined.push('/');
        }
        joined.push_str(part);
    }
    Ok(string(joined))
}

/// Everything before the last part, and the last part. Slashes at the end do not count.
fn split(path: &str) -> (&str, &str) {
    let whole = path.trim_end_matches('/');
    match whole.rfind('/') {
        Some(at) => {
            let directory = whole[..at].trim_end_matches('/');
            // What is left of `/x` is the root.
            let directory = if directory.is_empty() { "/" } else { directory };
            (directory, &whole[at + 1..])
        }
        None if whole.is_empty() && !path.is_empty() => ("/", ""),
        None => ("", whole),
    }
}

fn dirname(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "dirname", &args[0])?;
    Ok(Value::str(split(path).0))
}

fn basename(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "basename", &args[0])?;
    Ok(Value::str(split(path).1))
}

fn path_extension(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "path_extension", &args[0])?;
    let name = split(path).1;
    // A dot at the start hides a file; it begins no extension. `..` is no name.
    let extension = match name.rfind('.') {
        Some(at) if at > 0 && name != ".." => &name[at + 1..],
        _ => "",
    };
    Ok(Value::str(extension))
}

fn path_absolute(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "path_absolute", &args[0])?;
    match directory::canonical(path) {
        Ok(absolute) => Ok(string(absolute)),
        Err(error) => Err(cx.raise(format_args!("Cannot resolve path '{path}': {error}"))),
    }
}

fn path_is_dir(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "path_is_dir", &args[0])?;
    let is = file::metadata(path).is_ok_and(|there| there.is_dir());
    Ok(Value::bool(is))
}

fn path_is_file(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "path_is_file", &args[0])?;
    let is = file::metadata(path).is_ok_and(|there| there.is_file());
    Ok(Value::bool(is))
}

fn path_is_symlink(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "path_is_symlink", &args[0])?;
    let is = file::link_metadata(path).is_ok_and(|there| there.is_symlink());
    Ok(Value::bool(is))
}

fn os_getcwd(cx: &mut Ctx, _args: &mut [Value]) -> Result {
    match directory::current() {
        Ok(path) => Ok(string(path)),
        Err(error) => Err(cx.raise(format_args!("Cannot get the working directory: {error}"))),
    }
}

fn os_chdir(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "os_chdir", &args[0])?;
    match directory::change(path) {
        Ok(()) => Ok(Value::bool(true)),
        Err(error) => Err(cx.raise(format_args!("Cannot change directory to '{path}': {error}"))),
    }
}
