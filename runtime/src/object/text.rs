//! The characters of a string: short ones lie in the string object itself, so that a word costs one allocation.
//!
//! In: text. Out: [`Text`], which reads as `&str` and grows at its end. It caches nothing.

use alloc::string::String;

/// The longest text that needs no storage of its own, in bytes. Objects of strings then take 64 bytes of the
/// allocator, as they would for any shorter limit.
const SHORT: usize = 30;

/// Owned text.
#[derive(Clone)]
pub(super) enum Text {
    /// The first `len` bytes are UTF-8.
    Short { len: u8, bytes: [u8; SHORT] },
    /// Text that was, or grew, too long.
    Long(String),
}

const _: () = assert!(size_of::<Text>() == 32);

impl Text {
    #[inline(always)]
    pub fn as_str(&self) -> &str {
        match self {
            // SAFETY: `len` bytes of UTF-8 were copied from a `str`, or from several in a row.
            Text::Short { len, bytes } => unsafe {
                core::str::from_utf8_unchecked(bytes.get_unchecked(..*len as usize))
            },
            Text::Long(text) => text,
        }
    }

    /// Bytes that can be appended before the storage grows.
    #[inline]
    pub fn spare(&self) -> usize {
        match self {
            Text::Short { len, .. } => SHORT - *len as usize,
            Text::Long(text) => text.capacity() - text.len(),
        }
    }

    /// Appends, in amortised O(length of `more`).
    #[inline]
    pub fn push_str(&mut self, more: &str) {
        match self {
            Text::Short { len, bytes } if more.len() <= SHORT - *len as usize => {
                let at = *len as usize;
                bytes[at..at + more.len()].copy_from_slice(more.as_bytes());
                *len += more.len() as u8;
            }
            Text::Short { .. } => self.outgrow(more),
            Text::Long(text) => text.push_str(more),
        }
    }

    #[inline(never)]
    fn outgrow(&mut self, more: &str) {
        let short = self.as_str();
        let mut long = String::with_capacity(2 * (short.len() + more.len()));
        long.push_str(short);
        long.push_str(more);
        *self = Text::Long(long);
    }
}

impl From<&str> for Text {
    #[inline]
    fn from(text: &str) -> Text {
        if text.len() > SHORT {
            return Text::Long(String::from(text));
        }
        let mut bytes = [0; SHORT];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Text::Short {
            len: text.len() as u8,
            bytes,
        }
    }
}

/// Keeps the storage if the text is long.
impl From<String> for Text {
    #[inline]
    fn from(text: String) -> Text {
        if text.len() > SHORT {
            Text::Long(text)
        } else {
            Text::from(text.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_length_grows_by_pieces_of_any_length() {
        let piece = "aé€𝄞xyz0123456789abcdefghijklmnopqrstuvwxyz";
        let ends = piece.char_indices().map(|(at, _)| at);
        for end in ends {
            let mut text = Text::from("");
            let mut model = String::new();
            for _ in 0..40 {
                text.push_str(&piece[..end]);
                model.push_str(&piece[..end]);
                assert_eq!(text.as_str(), model);
                assert_eq!(Text::from(model.clone()).as_str(), model);
                assert_eq!(text.clone().as_str(), model);
            }
        }
    }
}
