//! Loading: the entry file and every file it reaches through imports, parsed (language.md §17).
//!
//! In: the entry file. Out: a [`Loaded`] program of syntax trees, or all diagnostics. A module that cannot be found is no
//! fault yet: its import raises when it executes. It does not know what names mean.

use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast;
use crate::syntax::parse;
use rustc_hash::FxHashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A file of the program.
#[derive(Debug)]
pub struct LoadedFile {
    /// The name by which the module prints and raises.
    pub name: Rc<str>,
    /// Its tree.
    pub ast: ast::File,
    /// What each import statement, by the place of its module name, leads to: an index of a file, or nothing.
    pub imports: FxHashMap<u32, Option<usize>>,
    dir: PathBuf,
}

/// All files of a program; the entry is the first.
#[derive(Debug)]
pub struct Loaded {
    /// The files.
    pub files: Vec<LoadedFile>,
}

/// A module's file as the search has found it.
struct Candidate {
    shown: PathBuf,
    canonical: PathBuf,
}

struct Loader<'a> {
    map: &'a mut SourceMap,
    faults: Vec<Diagnostic>,
    files: Vec<LoadedFile>,
    by_path: FxHashMap<PathBuf, usize>,
    entry_dir: PathBuf,
}

/// Parses the entry file, which `map` already has, and all modules it reaches. `path` is where the entry file lies, if it
/// is a file.
pub fn load(
    map: &mut SourceMap,
    entry: FileId,
    path: Option<&Path>,
) -> Result<Loaded, Vec<Diagnostic>> {
    let dir = path
        .and_then(Path::parent)
        .map_or(PathBuf::new(), Path::to_path_buf);
    let stem = path
        .and_then(Path::file_stem)
        .map_or("main".into(), |s| s.to_string_lossy());
    let mut loader = Loader {
        map,
        faults: Vec::new(),
        files: Vec::new(),
        by_path: FxHashMap::default(),
        entry_dir: dir.clone(),
    };
    if let Some(canonical) = path.and_then(|p| p.canonicalize().ok()) {
        loader.by_path.insert(canonical, 0);
    }
    loader.add(entry, stem.as_ref().into(), dir);
    let mut next = 0;
    while next < loader.files.len() {
        loader.imports_of(next);
        next += 1;
    }
    if loader.faults.is_empty() {
        Ok(Loaded {
            files: loader.files,
        })
    } else {
        Err(loader.faults)
    }
}

impl Loader<'_> {
    fn add(&mut self, file: FileId, name: Rc<str>, dir: PathBuf) {
        let (ast, faults) = parse(self.map, file);
        self.faults.extend(faults);
        self.files.push(LoadedFile {
            name,
            ast,
            imports: FxHashMap::default(),
            dir,
        });
    }

    /// Finds and parses what the imports of a file lead to.
    fn imports_of(&mut self, importer: usize) {
        let mut wanted: Vec<(Span, Rc<str>, Vec<PathBuf>)> = Vec::new();
        for stmt in &self.files[importer].ast.body {
            if let ast::StmtKind::Import(import) = &stmt.kind {
                let span = import.module[0].span;
                wanted.push((span, dotted(import), file_names(import)));
            }
        }
        for (span, name, paths) in wanted {
            let found = self.find(&self.files[importer].dir, &paths);
            let index = found.and_then(|found| self.module(found, &name, span));
            self.files[importer].imports.insert(span.start, index);
        }
    }

    /// The index of the module in a file, read if it is new.
    fn module(&mut self, found: Candidate, name: &Rc<str>, import: Span) -> Option<usize> {
        if let Some(&known) = self.by_path.get(&found.canonical) {
            return Some(known);
        }
        let shown = found.shown.to_string_lossy().into_owned();
        let read = std::fs::read(&found.shown).and_then(|bytes| {
            String::from_utf8(bytes)
                .map_err(|_| std::io::Error::new(ErrorKind::InvalidData, "not valid UTF-8"))
        });
        match read {
            Ok(text) => {
                let index = self.files.len();
                let file = self.map.add(&shown, &text);
                let dir = found
                    .shown
                    .parent()
                    .map_or(PathBuf::new(), Path::to_path_buf);
                self.by_path.insert(found.canonical, index);
                self.add(file, name.clone(), dir);
                Some(index)
            }
            Err(error) => {
                let message = format!("Failed to read .ruff file '{shown}': {error}");
                self.faults
                    .push(Diagnostic::error(Code::FILE, import, message));
                None
            }
        }
    }

    /// The first of the file names in the first search root that has one.
    fn find(&self, dir: &Path, names: &[PathBuf]) -> Option<Candidate> {
        for root in self.roots(dir) {
            let Ok(canonical_root) = or_here(&root).canonicalize() else {
                continue;
            };
            for name in names {
                let shown = root.join(name);
                if let Ok(canonical) = shown.canonicalize()
                    && canonical.is_file()
                    && canonical.starts_with(&canonical_root)
                {
                    return Some(Candidate { shown, canonical });
                }
            }
        }
        None
    }

    /// The search roots for imports of a file in `dir`.
    fn roots(&self, dir: &Path) -> Vec<PathBuf> {
        let mut roots = vec![dir.to_path_buf()];
        let canonical = or_here(dir).canonicalize().unwrap_or_default();
        let package = canonical
            .ancestors()
            .find(|d| d.join("ruff.toml").is_file());
        if let Some(package) = package {
            roots.push(package.to_path_buf());
            roots.push(package.join("src"));
        }
        roots.push(self.entry_dir.clone());
        let entry = or_here(&self.entry_dir).canonicalize().unwrap_or_default();
        if entry.file_name().is_some_and(|name| name == "src") {
            roots.extend(entry.parent().map(Path::to_path_buf));
        }
        roots
    }
}

/// The empty path means the current directory, but cannot be opened.
fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

/// The module's name as written: `a.b`.
pub(super) fn dotted(import: &ast::Import) -> Rc<str> {
    let parts: Vec<&str> = import.module.iter().map(|name| &*name.text).collect();
    parts.join(".").into()
}

/// The files a module may be in, relative to a search root.
fn file_names(import: &ast::Import) -> Vec<PathBuf> {
    let parts: Vec<&str> = import.module.iter().map(|name| &*name.text).collect();
    let mut names = vec![PathBuf::from(format!("{}.ruff", parts.join(".")))];
    if parts.len() > 1 {
        names.push(PathBuf::from(format!("{}.ruff", parts.join("/"))));
    }
    names
}
