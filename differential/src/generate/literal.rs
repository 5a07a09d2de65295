//! Literals: mostly plain, sometimes at the limits of their type.

use super::{Generator, Kind, Kind::*};

const INTS: &[&str] = &[
    "9223372036854775807",
    "(-9223372036854775807 - 1)",
    "-9223372036854775807",
    "4611686018427387904",
    "3037000500",
    "4294967296",
    "2147483647",
    "-2147483648",
    "9007199254740993",
];

const FLOATS: &[&str] = &[
    "-0.0",
    "0.0",
    "(0.1 + 0.2)",
    "0.3",
    "1.0000000000000002",
    "0.0000000000000001",
    "9223372036854775807.0",
    "-9223372036854775808.0",
    "9007199254740993.0",
    "(pow(10.0, 308.0) * 10.0)",
    "(0.0 - pow(10.0, 308.0) * 10.0)",
    "(pow(10.0, 308.0) * 10.0 - pow(10.0, 308.0) * 10.0)",
    "0.5",
    "123456789012345680.0",
];

const STRINGS: &[&str] = &[
    "",
    "a",
    "b",
    "k",
    "héllo",
    "日本",
    "05",
    "5",
    "-3",
    "007",
    "1.5",
    "true",
    "x y",
    "Z",
    "😀é",
    "\\\"q\\\"",
    "a\\nb",
    "\\${x}",
    "10",
    "inf",
];

/// Keys that dicts are asked for: strings that look like numbers among them.
const KEYS: &[&str] = &[
    "\"a\"", "\"b\"", "\"k\"", "\"05\"", "\"5\"", "5", "7", "-3", "\"-3\"", "\"\"", "\"é\"", "0",
    "1", "2.5", "1.0",
];

impl Generator {
    pub(super) fn literal(&mut self, kind: Kind) -> String {
        match kind {
            Null => "null".into(),
            Bool => self.random.pick(&["true", "false"]).into(),
            Int => self.int(),
            Float => self.float(),
            Str => format!("\"{}\"", self.random.pick(STRINGS)),
            Ints | Floats | Bools | Strs | Nested | Mixed => self.array(kind, 0),
            Dict => self.dict(0),
            Record => self.record(0),
            Result => self.result(0),
            Func => self.lambda(),
        }
    }

    fn int(&mut self) -> String {
        if self.random.chance(4) {
            return self.random.pick(INTS).into();
        }
        let limit = if self.random.chance(80) { 9 } else { 1000 };
        self.random.within(-limit / 3, limit).to_string()
    }

    fn float(&mut self) -> String {
        if self.random.chance(12) {
            return self.random.pick(FLOATS).into();
        }
        format!(
            "{}.{}",
            self.random.within(-4, 20),
            self.random.pick(&["0", "5", "25", "75"])
        )
    }

    /// A key that a dict may have.
    pub(super) fn key(&mut self) -> String {
        match self.random.chance(85) {
            true => self.random.pick(KEYS).into(),
            false => self.expr(Str, 1),
        }
    }

    pub(super) fn array(&mut self, kind: Kind, depth: u32) -> String {
        let count = self.random.below(6);
        let items: Vec<String> = (0..count)
            .map(|_| {
                let element = match kind {
                    Mixed => self.kind(),
                    _ => kind.element().unwrap_or(Int),
                };
                self.expr(element, depth.min(1))
            })
            .collect();
        format!("[{}]", items.join(", "))
    }

    pub(super) fn dict(&mut self, depth: u32) -> String {
        let count = self.random.below(4);
        let mut entries = Vec::new();
        for _ in 0..count {
            if self.random.chance(5) {
                let spread = self.expr(Dict, 0);
                entries.push(format!("...{spread}"));
                continue;
            }
            let kind = self.entry_kind();
            entries.push(format!("{}: {}", self.key(), self.expr(kind, depth.min(1))));
        }
        format!("{{{}}}", entries.join(", "))
    }

    fn entry_kind(&mut self) -> Kind {
        self.random
            .one(&[Int, Int, Int, Ints, Float, Str, Dict, Nested])
    }

    pub(super) fn record(&mut self, depth: u32) -> String {
        if self.structs.is_empty() {
            let value = self.expr(Int, depth.min(1));
            return format!("Loose {{ x: {value} }}");
        }
        let definition = self.structs[self.random.below(self.structs.len())].clone();
        let fields: Vec<String> = definition
            .fields
            .iter()
            .map(|(name, kind)| format!("{name}: {}", self.expr(*kind, depth.min(1))))
            .collect();
        format!("{} {{ {} }}", definition.name, fields.join(", "))
    }

    pub(super) fn result(&mut self, depth: u32) -> String {
        let kind = self.kind();
        match self.random.below(6) {
            0 | 1 => format!("Ok({})", self.expr(kind, depth)),
            2 => format!("Err({})", self.expr(kind, depth)),
            3 => format!("Some({})", self.expr(kind, depth)),
            4 => "None".into(),
            _ => format!(
                "Shape::Rect({}, {})",
                self.expr(Int, depth),
                self.expr(kind, depth)
            ),
        }
    }
}
