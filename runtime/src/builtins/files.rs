//! Builtins over files and directories (language.md §19.7).

use super::args::{array, string, whole};
use super::{Capability, require};
use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::heap::Ref;
use crate::object::{Bytes, Dict, Key};
use crate::os::{self, directory, file};
use crate::value::Value;
use alloc::string::String;
use alloc::vec::Vec;

builtins! {
    /// The text of a file.
    "read_file" = read_file 1..=1, World -> Str needs FsRead;
    /// The lines of a file, without their line ends.
    "read_lines" = read_lines 1..=1, World -> Array needs FsRead;
    /// The text of a file, with what is not UTF-8 replaced.
    "read_file_lossy" = read_file_lossy 1..=1, World -> Str needs FsRead;
    /// Writes a text to a new file, or over an old one if the third argument is `true`.
    "write_file" = write_file 2..=3, World -> Bool needs FsWrite;
    /// Writes a text to the end of a file.
    "append_file" = append_file 2..=2, World -> Bool needs FsWrite;
    /// Whether the path leads to something.
    "file_exists" | "path_exists" = file_exists 1..=1, World -> Bool needs FsRead;
    /// The length of a file in bytes.
    "file_size" = file_size 1..=1, World -> Int needs FsRead;
    /// Removes a file.
    "delete_file" = delete_file 1..=1, World -> Bool needs FsDelete;
    /// Gives a file another path.
    "rename_file" = rename_file 2..=2, World -> Bool needs FsWrite;
    /// Copies a file.
    "copy_file" = copy_file 2..=2, World -> Bool needs FsWrite;
    /// The names in a directory, sorted.
    "list_dir" = list_dir 1..=1, World -> Array needs FsRead;
    /// Makes a directory, with its parents.
    "create_dir" = create_dir 1..=1, World -> Bool needs FsWrite;
    /// Removes an empty directory.
    "os_rmdir" = os_rmdir 1..=1, World -> Bool needs FsDelete;
    /// The bytes of a file.
    "read_binary_file" = read_binary_file 1..=1, World -> Bytes needs FsRead;
    /// Writes bytes to a new file, or over an old one if the third argument is `true`.
    "write_binary_file" = write_binary_file 2..=3, World -> Bool needs FsWrite;
    /// The first n bytes of a file.
    "io_read_bytes" = io_read_bytes 2..=2, World -> Bytes needs FsRead;
    /// n bytes of a file from an offset.
    "io_read_at" = io_read_at 3..=3, World -> Bytes needs FsRead;
    /// The bytes of a file from an offset to the end.
    "io_seek_read" = io_seek_read 2..=2, World -> Bytes needs FsRead;
    /// Writes bytes to a file, replacing what was there.
    "io_write_bytes" = io_write_bytes 2..=2, World -> Bool needs FsWrite;
    /// Writes bytes to the end of a file.
    "io_append_bytes" = io_append_bytes 2..=2, World -> Bool needs FsWrite;
    /// Writes bytes within a file, from an offset.
    "io_write_at" = io_write_at 3..=3, World -> Bool needs FsWrite;
    /// Cuts a file to a size, or extends it with zeros.
    "io_truncate" = io_truncate 2..=2, World -> Bool needs FsWrite;
    /// Writes n bytes of one file, from an offset, to another.
    "io_copy_range" = io_copy_range 4..=4, World -> Bool needs FsWrite;
    /// What the system says of a file.
    "io_file_metadata" = io_file_metadata 1..=1, World -> Dict needs FsRead;
}

/// The path that a builtin takes first.
fn path<'a>(cx: &mut Ctx, name: &str, value: &'a Value) -> Result<&'a str> {
    match value.as_text() {
        Some(path) => Ok(path),
        None => Err(cx.raise(format_args!("{name}() requires a string path"))),
    }
}

fn two_paths<'a>(cx: &mut Ctx, name: &str, args: &'a [Value]) -> Result<(&'a str, &'a str)> {
    match super::args::two_texts(args) {
        Some(paths) => Ok(paths),
        None => Err(cx.raise(format_args!("{name}() requires two string paths"))),
    }
}

/// An offset or a number of bytes.
fn position(cx: &mut Ctx, name: &str, value: &Value) -> Result<u64> {
    match whole(value).map(u64::try_from) {
        Some(Ok(n)) => Ok(n),
        _ => Err(cx.raise(format_args!(
            "{name}() requires non-negative offsets and sizes"
        ))),
    }
}

fn bytes_of<'a>(cx: &mut Ctx, name: &str, value: &'a Value) -> Result<&'a [u8]> {
    match value.as_object::<Bytes>() {
        Some(bytes) => Ok(&bytes.0),
        None => Err(cx.raise(format_args!("{name}() requires bytes to write"))),
    }
}

#[cold]
fn cannot(cx: &mut Ctx, what: &str, path: &str, error: os::Error) -> Thrown {
    cx.raise(format_args!("Cannot {what} '{path}': {error}"))
}

/// `true`, or the error that says what could not be done with the path.
fn done(cx: &mut Ctx, what: &str, path: &str, result: os::Result) -> Result {
    match result {
        Ok(()) => Ok(Value::bool(true)),
        Err(error) => Err(cannot(cx, what, path, error)),
    }
}

fn bytes(bytes: Vec<u8>) -> Value {
    Value::from(Ref::new(Bytes(bytes)))
}

fn read_text(cx: &mut Ctx, path: &str) -> Result<String> {
    let bytes = match file::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Err(cannot(cx, "read file", path, error)),
    };
    String::from_utf8(bytes).map_err(|_| {
        cx.raise(format_args!(
            "Cannot read file '{path}': stream did not contain valid UTF-8"
        ))
    })
}

fn read_file(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "read_file", &args[0])?;
    read_text(cx, path).map(string)
}

fn read_lines(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "read_lines", &args[0])?;
    let text = read_text(cx, path)?;
    Ok(super::args::texts(text.lines()))
}

fn read_bytes(cx: &mut Ctx, path: &str) -> Result<Vec<u8>> {
    file::read(path).map_err(|error| cannot(cx, "read file", path, error))
}

fn read_file_lossy(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "read_file_lossy", &args[0])?;
    let bytes = read_bytes(cx, path)?;
    Ok(string(String::from_utf8_lossy(&bytes).into_owned()))
}

fn read_binary_file(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "read_binary_file", &args[0])?;
    read_bytes(cx, path).map(bytes)
}

/// Writes a whole file; an existing one only if the program says so.
fn write_whole(cx: &mut Ctx, path: &str, content: &[u8], overwrite: bool) -> Result {
    let result = if overwrite {
        file::replace(path, content)
    } else {
        file::create_new(path, content)
    };
    if !overwrite && result == Err(os::Error::EXISTS) {
        return Err(cx.raise(format_args!(
            "Cannot write file '{path}': file already exists (pass overwrite=true to replace it)"
        )));
    }
    done(cx, "write file", path, result)
}

/// The optional third argument of the writing builtins.
fn overwrite(cx: &mut Ctx, name: &str, args: &[Value]) -> Result<bool> {
    match args.get(2).map(Value::as_bool) {
        None => Ok(false),
        Some(Some(overwrite)) => Ok(overwrite),
        Some(None) => Err(cx.raise(format_args!(
            "{name}() requires a boolean overwrite argument"
        ))),
    }
}

fn write_file(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some((path, text)) = super::args::two_texts(args) else {
        return Err(cx.raise("write_file() requires two string arguments"));
    };
    let overwrite = overwrite(cx, "write_file", args)?;
    write_whole(cx, path, text.as_bytes(), overwrite)
}

fn write_binary_file(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "write_binary_file", &args[0])?;
    let content = bytes_of(cx, "write_binary_file", &args[1])?;
    let overwrite = overwrite(cx, "write_binary_file", args)?;
    write_whole(cx, path, content, overwrite)
}

fn append_file(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some((path, text)) = super::args::two_texts(args) else {
        return Err(cx.raise("append_file() requires two string arguments"));
    };
    let result = file::append(path, text.as_bytes());
    done(cx, "append to file", path, result)
}

fn file_exists(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "file_exists", &args[0])?;
    Ok(Value::bool(file::metadata(path).is_ok()))
}

fn file_size(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "file_size", &args[0])?;
    match file::metadata(path) {
        Ok(metadata) => Ok(Value::int(metadata.size() as i64)),
        Err(error) => Err(cannot(cx, "get size of file", path, error)),
    }
}

fn delete_file(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "delete_file", &args[0])?;
    done(cx, "delete file", path, file::remove(path))
}

/// As [`done`], for builtins that take two paths.
fn done_to(cx: &mut Ctx, what: &str, paths: (&str, &str), result: os::Result) -> Result {
    let (from, to) = paths;
    match result {
        Ok(()) => Ok(Value::bool(true)),
        Err(error) => Err(cx.raise(format_args!("Cannot {what} '{from}' to '{to}': {error}"))),
    }
}

fn rename_file(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (old, new) = two_paths(cx, "rename_file", args)?;
    done_to(cx, "rename file", (old, new), file::rename(old, new))
}

fn copy_file(cx: &mut Ctx, args: &mut [Value]) -> Result {
    require(cx, Capability::FsRead, "copy_file")?;
    let (source, target) = two_paths(cx, "copy_file", args)?;
    let result = file::copy(source, target);
    done_to(cx, "copy file", (source, target), result)
}

fn list_dir(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "list_dir", &args[0])?;
    match directory::list(path) {
        Ok(names) => Ok(array(names.into_iter().map(string).collect())),
        Err(error) => Err(cannot(cx, "list directory", path, error)),
    }
}

fn create_dir(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "create_dir", &args[0])?;
    let result = directory::create_all(path);
    done(cx, "create directory", path, result)
}

fn os_rmdir(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "os_rmdir", &args[0])?;
    done(cx, "remove directory", path, directory::remove(path))
}

fn read_part(cx: &mut Ctx, path: &str, offset: u64, count: u64) -> Result {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    match file::read_at(path, offset, count) {
        Ok(content) => Ok(bytes(content)),
        Err(error) => Err(cannot(cx, "read file", path, error)),
    }
}

fn io_read_bytes(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "io_read_bytes", &args[0])?;
    let count = position(cx, "io_read_bytes", &args[1])?;
    read_part(cx, path, 0, count)
}

fn io_read_at(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "io_read_at", &args[0])?;
    let offset = position(cx, "io_read_at", &args[1])?;
    let count = position(cx, "io_read_at", &args[2])?;
    read_part(cx, path, offset, count)
}

fn io_seek_read(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "io_seek_read", &args[0])?;
    let offset = position(cx, "io_seek_read", &args[1])?;
    read_part(cx, path, offset, u64::MAX)
}

fn io_write_bytes(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "io_write_bytes", &args[0])?;
    let content = bytes_of(cx, "io_write_bytes", &args[1])?;
    write_whole(cx, path, content, true)
}

fn io_append_bytes(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "io_append_bytes", &args[0])?;
    let content = bytes_of(cx, "io_append_bytes", &args[1])?;
    done(cx, "append to file", path, file::append(path, content))
}

fn io_write_at(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "io_write_at", &args[0])?;
    let content = bytes_of(cx, "io_write_at", &args[1])?;
    let offset = position(cx, "io_write_at", &args[2])?;
    let result = file::write_at(path, offset, content);
    done(cx, "write file", path, result)
}

fn io_truncate(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "io_truncate", &args[0])?;
    let size = position(cx, "io_truncate", &args[1])?;
    done(cx, "truncate file", path, file::truncate(path, size))
}

fn io_copy_range(cx: &mut Ctx, args: &mut [Value]) -> Result {
    require(cx, Capability::FsRead, "io_copy_range")?;
    let (source, target) = two_paths(cx, "io_copy_range", args)?;
    let offset = position(cx, "io_copy_range", &args[2])?;
    let count = position(cx, "io_copy_range", &args[3])?;
    let result = file::copy_range(source, target, offset, count);
    done_to(cx, "copy file", (source, target), result)
}

fn io_file_metadata(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let path = path(cx, "io_file_metadata", &args[0])?;
    let metadata = match file::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return Err(cannot(cx, "get metadata of file", path, error)),
    };
    let facts = [
        ("size", Value::int(metadata.size() as i64)),
        ("is_file", Value::bool(metadata.is_file())),
        ("is_dir", Value::bool(metadata.is_dir())),
        ("readonly", Value::bool(metadata.readonly())),
        ("modified", Value::int(metadata.modified())),
        ("created", Value::int(metadata.created())),
        ("accessed", Value::int(metadata.accessed())),
    ];
    let facts = facts.map(|(name, value)| (Key::from_text(name), value));
    Ok(Value::from(Ref::new(Dict::from_iter(facts))))
}
