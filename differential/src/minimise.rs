//! Makes a find small, on the syntax tree: deletes statements, replaces statements by what is in them, expressions by their parts or by
//! plain literals, as long as the difference remains.
//!
//! In: a text and whether a text still shows the difference. Out: the smallest such text found.
//! `edits` says which edits there are.

mod edits;

use crate::edit::tree;

/// Reduces `text` while `fails` holds for it.
pub fn minimise(text: &str, mut fails: impl FnMut(&str) -> bool) -> String {
    let mut best = text.to_owned();
    loop {
        let before = best.len();
        // From large to small: what goes early need not be tried in pieces.
        let mut at = 0;
        while let Some(tree) = tree(&best) {
            let mut edits = edits::all(&best, &tree);
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.saved()));
            let Some(edit) = edits.get(at) else { break };
            at += 1;
            let candidate = edit.apply(&best);
            if tidy(&candidate).len() < best.len() && fails(&candidate) {
                best = tidy(&candidate);
                at = at.saturating_sub(4);
            }
        }
        if best.len() == before {
            return best;
        }
    }
}

/// Without empty lines and blanks at the ends of lines.
fn tidy(text: &str) -> String {
    let lines = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}
