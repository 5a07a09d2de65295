//! Source files and places in them. In: names and texts of files. Out: a `FileId` per file, the `Span`s every later
//! stage carries, and the line and column a span means. Knows neither the file system nor the grammar.

use std::sync::Arc;

/// The largest source file the language accepts, in bytes.
pub const MAX_SOURCE_BYTES: usize = 1 << 20;

/// One file of a [`SourceMap`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FileId(pub u16);

/// A range of bytes in one file; `end` is exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Span {
    /// The file the offsets count in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }

    /// The smallest span that covers `self` and `last`, which must not start before it.
    pub fn to(self, last: Span) -> Span {
        Span {
            end: last.end,
            ..self
        }
    }

    /// The empty span at the start of this one.
    pub fn at_start(self) -> Span {
        Span {
            end: self.start,
            ..self
        }
    }

    /// The empty span just behind this one.
    pub fn at_end(self) -> Span {
        Span {
            start: self.end,
            ..self
        }
    }
}

/// A line and a column, both counted from 1; a column counts Unicode scalar values and a tab counts 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LineCol {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub col: u32,
}

/// A source file: the name to show, the text, and the index that makes [`SourceFile::line_col`] cheap.
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: Arc<str>,
    text: Arc<str>,
    /// The size of the file as read, in bytes; the text of a file beyond the limit is dropped.
    size: usize,
    /// Offset of the first byte of each line; the first is 0.
    line_starts: Vec<u32>,
    /// For each character of more than one byte: the offset behind it, and how many bytes beyond one per character the
    /// text has spent up to there.
    wide: Vec<(u32, u32)>,
}

impl SourceFile {
    fn new(name: &str, text: &str) -> SourceFile {
        let size = text.len();
        let text = if size > MAX_SOURCE_BYTES {
            ""
        } else {
            text.strip_prefix('\u{feff}').unwrap_or(text)
        };
        let (mut line_starts, mut wide, mut extra) = (vec![0], Vec::new(), 0);
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let behind = (at + c.len_utf8()) as u32;
            if c == '\n' || (c == '\r' && chars.peek().is_none_or(|&(_, next)| next != '\n')) {
                line_starts.push(behind);
            } else if !c.is_ascii() {
                extra += c.len_utf8() as u32 - 1;
                wide.push((behind, extra));
            }
        }
        SourceFile {
            name: name.into(),
            text: text.into(),
            size,
            line_starts,
            wide,
        }
    }

    /// The name as diagnostics show it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a leading byte order mark; empty for a file beyond [`MAX_SOURCE_BYTES`].
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The size of the file as it was read, in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The number of lines; text behind the last line end counts as one, even if it is empty.
    pub fn line_count(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// The line and column of the byte at `offset`.
    pub fn line_col(&self, offset: u32) -> LineCol {
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts[line - 1];
        let col = self.scalars_before(offset) - self.scalars_before(start) + 1;
        LineCol {
            line: line as u32,
            col,
        }
    }

    /// The bytes of `line` (from 1), without its line end.
    pub fn line_range(&self, line: u32) -> std::ops::Range<usize> {
        let start = self.line_starts[line as usize - 1] as usize;
        let end = self
            .line_starts
            .get(line as usize)
            .map_or(self.text.len(), |&next| next as usize);
        let shown = self.text[start..end].trim_end_matches(['\n', '\r']);
        start..start + shown.len()
    }

    /// How many characters end at or before `offset`.
    fn scalars_before(&self, offset: u32) -> u32 {
        let wide = self.wide.partition_point(|&(behind, _)| behind <= offset);
        offset - if wide == 0 { 0 } else { self.wide[wide - 1].1 }
    }
}

/// All source files of one program, in the order they were added.
#[derive(Clone, Default, Debug)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// A map without files.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a file, to be shown as `name`.
    ///
    /// # Panics
    /// If the map already holds 65,536 files.
    pub fn add(&mut self, name: &str, text: &str) -> FileId {
        let id =
            FileId(u16::try_from(self.files.len()).expect("a program has fewer than 65,536 files"));
        self.files.push(SourceFile::new(name, text));
        id
    }

    /// The file `id`.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[usize::from(id.0)]
    }

    /// Every file with its id.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(i, file)| (FileId(i as u16), file))
    }

    /// The text of `span`.
    pub fn text(&self, span: Span) -> &str {
        &self.file(span.file).text()[span.start as usize..span.end as usize]
    }

    /// The line and column where `span` starts.
    pub fn line_col(&self, span: Span) -> LineCol {
        self.file(span.file).line_col(span.start)
    }

    /// The start of `span` as `FILE:LINE:COL`.
    pub fn position(&self, span: Span) -> String {
        let LineCol { line, col } = self.line_col(span);
        format!("{}:{line}:{col}", self.file(span.file).name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, offset: u32, expected: (u32, u32)) {
        let mut map = SourceMap::new();
        let file = map.add("t.ruff", text);
        let LineCol { line, col } = map.line_col(Span::new(file, offset, offset));
        assert_eq!((line, col), expected, "{text:?} at {offset}");
    }

    #[test]
    fn lines_end_in_three_ways() {
        check("a\nb\r\nc\rd", 2, (2, 1));
        check("a\nb\r\nc\rd", 5, (3, 1));
        check("a\nb\r\nc\rd", 7, (4, 1));
        check("a\r\n", 2, (1, 3));
        check("a\n", 2, (2, 1));
    }

    #[test]
    fn columns_count_scalar_values() {
        check("é\té x\nü y", 6, (1, 5));
        check("é\té x\nü y", 10, (2, 2));
        check("\u{feff}x", 0, (1, 1));
        check("", 0, (1, 1));
    }

    #[test]
    fn a_line_is_shown_without_its_end() {
        let mut map = SourceMap::new();
        let file = map.add("t.ruff", "one\r\ntwo\n");
        let file = map.file(file);
        assert_eq!(&file.text()[file.line_range(1)], "one");
        assert_eq!(&file.text()[file.line_range(2)], "two");
        assert_eq!(&file.text()[file.line_range(3)], "");
    }

    #[test]
    fn a_file_beyond_the_limit_keeps_its_size_only() {
        let mut map = SourceMap::new();
        let file = map.add("t.ruff", &" ".repeat(MAX_SOURCE_BYTES + 1));
        assert_eq!(
            (map.file(file).size(), map.file(file).text()),
            (MAX_SOURCE_BYTES + 1, "")
        );
    }
}
