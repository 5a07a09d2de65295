//! The image as bytes, for executables.
//!
//! In: an [`Image`], or bytes that [`encode`] has made. Out: the other. Numbers are LEB128, so the format has no byte
//! order and no alignment; text is its length and its UTF-8. Decoding never panics: [`decode`] gives `None` for bytes
//! that are no image.
//! It does not know what the parts mean: each record is listed once, field by field, and both directions expand from
//! that list.

use super::*;

/// The first bytes of an encoded image; the last one is the version of the format.
const MAGIC: [u8; 4] = *b"RUF\x02";

/// The image as bytes. The same image always gives the same bytes.
pub fn encode(image: &Image) -> Vec<u8> {
    let mut out = Vec::from(MAGIC);
    image.put(&mut out);
    out
}

/// The image that `bytes` encode, if they encode one.
pub fn decode(bytes: &[u8]) -> Option<Image> {
    let mut input = bytes.strip_prefix(&MAGIC)?;
    let image = Image::get(&mut input)?;
    input.is_empty().then_some(image)
}

/// What can be written and read back.
trait Code: Sized {
    /// Appends the value.
    fn put(&self, out: &mut Vec<u8>);
    /// Takes a value off the front of the input.
    fn get(input: &mut &[u8]) -> Option<Self>;
}

fn put_number(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn get_byte(input: &mut &[u8]) -> Option<u8> {
    let (&first, rest) = input.split_first()?;
    *input = rest;
    Some(first)
}

#[inline(never)]
fn get_number(input: &mut &[u8]) -> Option<u64> {
    let mut n = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = get_byte(input)?;
        n |= ((byte & 0x7f) as u64) << shift;
        if byte < 0x80 {
            return Some(n);
        }
    }
    None
}

macro_rules! numbers {
    ($($number:ident)*) => { $(
        impl Code for $number {
            fn put(&self, out: &mut Vec<u8>) {
                put_number(*self as u64, out);
            }
            fn get(input: &mut &[u8]) -> Option<Self> {
                get_number(input)?.try_into().ok()
            }
        }
    )* };
}
numbers!(u16 u32 u64);

impl Code for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }
    fn get(input: &mut &[u8]) -> Option<bool> {
        match get_byte(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Code for i64 {
    fn put(&self, out: &mut Vec<u8>) {
        // Zigzag: small numbers of either sign are short.
        put_number((*self << 1 ^ *self >> 63) as u64, out);
    }
    fn get(input: &mut &[u8]) -> Option<i64> {
        let n = get_number(input)?;
        Some((n >> 1) as i64 ^ -((n & 1) as i64))
    }
}

impl Code for f64 {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bits().to_le_bytes());
    }
    fn get(input: &mut &[u8]) -> Option<f64> {
        let (bits, rest) = input.split_first_chunk()?;
        *input = rest;
        Some(f64::from_bits(u64::from_le_bytes(*bits)))
    }
}

impl Code for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_number(self.len() as u64, out);
        out.extend_from_slice(self.as_bytes());
    }
    #[inline(never)]
    fn get(input: &mut &[u8]) -> Option<String> {
        let length = usize::try_from(get_number(input)?).ok()?;
        let (text, rest) = input.split_at_checked(length)?;
        *input = rest;
        Some(String::from(core::str::from_utf8(text).ok()?))
    }
}

impl<T: Code> Code for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_number(self.len() as u64, out);
        self.iter().for_each(|item| item.put(out));
    }
    #[inline(never)]
    fn get(input: &mut &[u8]) -> Option<Vec<T>> {
        let length = usize::try_from(get_number(input)?).ok()?;
        // An item takes at least one byte: a wrong length cannot make us ask for more memory than the input has.
        let mut items = Vec::with_capacity(length.min(input.len()));
        for _ in 0..length {
            items.push(T::get(input)?);
        }
        Some(items)
    }
}

impl<T: Code> Code for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }
    fn get(input: &mut &[u8]) -> Option<Option<T>> {
        Some(if bool::get(input)? {
            Some(T::get(input)?)
        } else {
            None
        })
    }
}

impl<A: Code, B: Code> Code for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }
    fn get(input: &mut &[u8]) -> Option<(A, B)> {
        Some((A::get(input)?, B::get(input)?))
    }
}

/// Records: their fields in order. A missing or misspelt field does not compile.
macro_rules! records {
    ($($record:ident { $($field:ident)* })*) => { $(
        impl Code for $record {
            fn put(&self, out: &mut Vec<u8>) {
                let $record { $($field),* } = self;
                $($field.put(out);)*
            }
            fn get(input: &mut &[u8]) -> Option<$record> {
                $(let $field = Code::get(input)?;)*
                Some($record { $($field),* })
            }
        }
    )* };
}

records! {
    FuncMeta { name arity has_self legacy_method weight }
    NameMeta { text builtin }
    StructMeta { name fields methods }
    LiteralMeta { definition name fields }
    TagMeta { enumeration variant }
    GlobalMeta { name hoisted }
    ModuleMeta { name main exports }
    Image { files consts names funcs structs literals tags places globals modules messages }
}

/// Choices: a byte, then what the variant holds.
macro_rules! choices {
    ($($choice:ident { $($number:literal = $variant:ident $(($held:ident))?),* })*) => { $(
        impl Code for $choice {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $($choice::$variant $(($held))? => {
                        out.push($number);
                        $($held.put(out);)?
                    })*
                }
            }
            fn get(input: &mut &[u8]) -> Option<$choice> {
                match get_byte(input)? {
                    $($number => {
                        $(let $held = Code::get(input)?;)?
                        Some($choice::$variant $(($held))?)
                    })*
                    _ => None,
                }
            }
        }
    )* };
}

choices! {
    Const { 0 = Int(n), 1 = Float(n), 2 = Str(text), 3 = Null, 4 = Bool(b), 5 = Array(parts), 6 = Dict(parts) }
    Step { 0 = Field(name), 1 = Index }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn sample() -> Image {
        Image {
            files: vec!["main.ruff".into()],
            consts: vec![
                Const::Int(i64::MIN),
                Const::Int(-1),
                Const::Float(-0.0),
                Const::Str("héllo".into()),
                Const::Null,
                Const::Bool(true),
                Const::Array(vec![3, 4]),
                Const::Dict(vec![3, 6]),
            ],
            names: vec![NameMeta {
                text: "len".into(),
                builtin: Some(300),
            }],
            funcs: vec![FuncMeta {
                name: String::new(),
                arity: 2,
                has_self: true,
                legacy_method: false,
                weight: 1,
            }],
            structs: vec![StructMeta {
                name: "P".into(),
                fields: vec![0, 1],
                methods: vec![(0, 1)],
            }],
            literals: vec![LiteralMeta {
                definition: None,
                name: "P".into(),
                fields: vec![],
            }],
            tags: vec![TagMeta {
                enumeration: "Color".into(),
                variant: "Red".into(),
            }],
            places: vec![vec![Step::Field(7), Step::Index]],
            globals: vec![GlobalMeta {
                name: "x".into(),
                hoisted: Some(0),
            }],
            modules: vec![ModuleMeta {
                name: "main".into(),
                main: 0,
                exports: vec![(0, 0)],
            }],
            messages: vec!["m".into()],
        }
    }

    #[test]
    fn an_image_survives_the_trip() {
        assert_eq!(decode(&encode(&sample())), Some(sample()));
    }

    #[test]
    fn bytes_that_are_no_image_are_refused() {
        let bytes = encode(&sample());
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None, "cut at {length}");
        }
        assert_eq!(decode(b"RUF\x01"), None);
        assert_eq!(decode(&[&bytes[..], b"x"].concat()), None);
        assert_eq!(
            decode(b"RUF\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            None
        );
    }
}
