//! Expressions: the table of their forms with weights, and what each form writes.
//!
//! Every operand that is an operation itself stands in parentheses, so that the text means what the form means.

use super::{Generator, KINDS, Kind, Kind::*};

/// A form of expression.
pub(super) struct Form {
    /// For people.
    pub name: &'static str,
    /// How often, among the forms that make the kind.
    pub weight: u32,
    /// The kinds it can make.
    pub makes: &'static [Kind],
    /// Writes one.
    pub make: fn(&mut Generator, Kind, u32) -> String,
}

const ARRAYS: &[Kind] = &[Ints, Floats, Bools, Strs, Mixed, Nested];
const ELEMENTS: &[Kind] = &[Int, Float, Bool, Str, Ints];

macro_rules! forms {
    ($($name:literal $weight:literal $makes:expr => $make:expr;)*) => {
        /// All forms but variables and literals, which `leaf` makes.
        pub(super) const FORMS: &[Form] = &[
            $(Form { name: $name, weight: $weight, makes: $makes, make: $make },)*
        ];
    };
}

forms! {
    "leaf" 40 KINDS => |g, kind, _| g.leaf(kind);
    "call" 14 KINDS => Generator::call;
    "any builtin" 5 &[Bool, Int, Float, Str, Dict, Mixed] => Generator::any_builtin;
    "int operator" 34 &[Int] => |g, _, d| g.operator(&["+", "-", "*", "+", "-", "/", "%"], Int, Int, d);
    "float operator" 34 &[Float] => Generator::float_operator;
    "negation" 3 &[Int, Float] => |g, kind, d| format!("(-{})", g.operand(kind, d));
    "comparison" 24 &[Bool] => Generator::comparison;
    "equality" 14 &[Bool] => Generator::equality;
    "not" 5 &[Bool] => |g, _, d| format!("(!{})", g.operand(Bool, d));
    "and, or" 10 &[Bool] => |g, _, d| { let (a, b) = (g.any_kind(Bool, 70), g.any_kind(Bool, 70)); g.operator(&["&&", "||"], a, b, d) };
    "coalesce" 2 KINDS => |g, kind, d| { let first = g.any_kind(Null, 60); g.operator(&["??"], first, kind, d) };
    "element" 14 ELEMENTS => Generator::element;
    "entry" 5 &[Int, Ints, Str, Float] => Generator::entry;
    "field" 9 &[Int, Float, Str, Ints, Dict, Nested] => Generator::field;
    "optional field" 2 &[Int, Null] => Generator::optional_field;
    "length" 10 &[Int] => |g, _, d| { let kind = g.any_kind(Ints, 50); g.builtin("len", &[kind], d) };
    "int builtin" 8 &[Int] => Generator::int_builtin;
    "float builtin" 12 &[Float] => Generator::float_builtin;
    "bool builtin" 6 &[Bool] => Generator::bool_builtin;
    "string builtin" 18 &[Str] => Generator::string_builtin;
    "concatenation" 16 &[Str] => |g, _, d| g.operator(&["+"], Str, Str, d);
    "interpolation" 12 &[Str] => Generator::interpolation;
    "character" 6 &[Str] => |g, _, d| { let s = g.operand(Str, d); format!("{s}[{}]", g.index(d)) };
    "array literal" 14 ARRAYS => |g, kind, d| g.array(kind, d);
    "spread" 4 ARRAYS => |g, kind, d| {
        let element = kind.element().unwrap_or(Int);
        format!("[...{}, {}]", g.operand(kind, d), g.expr(element, d))
    };
    "array builtin" 16 ARRAYS => Generator::array_builtin;
    "range" 5 &[Ints] => |g, _, _| format!("range({})", g.random.within(0, 6));
    "array of keys" 4 &[Strs, Mixed] => |g, _, d| { let f = g.random.pick(&["keys", "values", "items"]); g.builtin(f, &[Dict], d) };
    "dict literal" 20 &[Dict] => |g, _, d| g.dict(d);
    "dict builtin" 10 &[Dict] => Generator::dict_builtin;
    "struct literal" 20 &[Record] => |g, _, d| g.record(d);
    "struct operator" 6 &[Record] => |g, _, d| g.operator(&["+", "-", "*"], Record, Record, d);
    "method" 6 &[Record, Int] => Generator::method;
    "result" 20 &[Result] => |g, _, d| g.result(d);
    "lambda" 20 &[Func] => |g, _, _| g.lambda();
    "call of a value" 3 &[Int, Float, Str] => |g, _, d| { let f = g.operand(Func, d); format!("{f}({})", g.expr(Int, d)) };
    "pipe" 2 &[Int, Ints, Str] => Generator::pipe;
    "lambda called at once" 1 &[Int] => |g, _, d| format!("{}({})", g.lambda(), g.expr(Int, d));
}

impl Generator {
    /// An expression for a place that hopes for `kind`.
    pub(super) fn expr(&mut self, kind: Kind, depth: u32) -> String {
        let lie = self.random.below(100) < self.lies;
        let kind = if lie {
            KINDS[self.random.below(KINDS.len())]
        } else {
            kind
        };
        if depth == 0 {
            return self.leaf(kind);
        }
        let fitting = FORMS.iter().filter(|form| form.makes.contains(&kind));
        let form = self
            .random
            .weighted(fitting.map(|form| (form.weight, form)));
        *self.forms.entry(form.name).or_default() += 1;
        (form.make)(self, kind, depth - 1)
    }

    /// An expression to which postfix steps can be added.
    fn operand(&mut self, kind: Kind, depth: u32) -> String {
        let text = self.expr(kind, depth);
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if text.chars().all(name) && !text.starts_with(|c: char| c.is_ascii_digit())
            || text.starts_with('(') && text.ends_with(')') && !text[1..].contains('(')
        {
            text
        } else {
            format!("({text})")
        }
    }

    fn any_kind(&mut self, likely: Kind, percent: usize) -> Kind {
        if self.random.chance(percent) {
            likely
        } else {
            self.kind()
        }
    }

    /// A variable or a literal.
    pub(super) fn leaf(&mut self, kind: Kind) -> String {
        if self.random.chance(75)
            && let Some(variable) = self.variable(|v| v.kind == kind)
        {
            return variable.name;
        }
        self.literal(kind)
    }

    fn operator(&mut self, operators: &[&str], left: Kind, right: Kind, depth: u32) -> String {
        let operator = self.random.pick(operators);
        let (left, right) = (self.expr(left, depth), self.expr(right, depth));
        format!("({left} {operator} {right})")
    }

    fn float_operator(&mut self, _: Kind, depth: u32) -> String {
        let kinds = [(Float, Float), (Float, Int), (Int, Float)];
        let (left, right) = kinds[self.random.below(3)];
        self.operator(&["+", "-", "*", "/", "%"], left, right, depth)
    }

    fn comparison(&mut self, _: Kind, depth: u32) -> String {
        let kinds = [
            (Int, Int),
            (Int, Int),
            (Float, Float),
            (Int, Float),
            (Float, Int),
            (Str, Str),
        ];
        let (left, right) = kinds[self.random.below(6)];
        self.operator(&["<", ">", "<=", ">="], left, right, depth)
    }

    fn equality(&mut self, _: Kind, depth: u32) -> String {
        let kind = self.any_kind(Int, 40);
        let other = if self.random.chance(80) {
            kind
        } else {
            self.kind()
        };
        self.operator(&["==", "!="], kind, other, depth)
    }

    /// A call of a function that comes before this one, so that only wanted recursion happens.
    fn call(&mut self, kind: Kind, depth: u32) -> String {
        let fitting: Vec<usize> = (0..self.funcs.len())
            .filter(|&at| self.funcs[at].result == kind)
            .collect();
        if fitting.is_empty() {
            return self.leaf(kind);
        }
        let at = fitting[self.random.below(fitting.len())];
        self.call_of(at, depth)
    }

    pub(super) fn call_of(&mut self, at: usize, depth: u32) -> String {
        let signature = self.funcs[at].clone();
        let mut args: Vec<String> = signature
            .params
            .iter()
            .map(|&kind| self.expr(kind, depth.min(1)))
            .collect();
        if self.lies > 0 && self.random.chance(1) {
            args.pop();
        }
        format!("{}({})", signature.name, args.join(", "))
    }

    /// A small int, sometimes out of bounds.
    pub(super) fn index(&mut self, depth: u32) -> String {
        match self.random.below(10) {
            0..5 => self.random.within(0, 2).to_string(),
            5 => "-1".into(),
            6 => self.random.pick(&["5", "-9", "1.0", "0.5", "\"a\""]).into(),
            _ => self.expr(Int, depth.min(1)),
        }
    }

    fn element(&mut self, kind: Kind, depth: u32) -> String {
        let array = match kind {
            Float => Floats,
            Bool => Bools,
            Str => Strs,
            Ints => Nested,
            _ => self.random.one(&[Ints, Ints, Ints, Mixed]),
        };
        if kind == Int && self.random.chance(20) {
            let nested = self.operand(Nested, depth);
            return format!("{nested}[{}][{}]", self.index(0), self.index(0));
        }
        let array = self.operand(array, depth);
        format!("{array}[{}]", self.index(depth))
    }

    fn entry(&mut self, _: Kind, depth: u32) -> String {
        let dict = self.operand(Dict, depth);
        let key = self.key();
        match self.random.below(5) {
            0 | 1 => format!("{dict}[{key}]"),
            2 => format!("{dict}.{}", self.random.pick(&["a", "b", "k"])),
            3 => format!("get({dict}, {key}, {})", self.expr(Int, 0)),
            _ => format!("get({dict}, {key})"),
        }
    }

    fn field(&mut self, kind: Kind, depth: u32) -> String {
        let mut names: Vec<String> = self
            .structs
            .iter()
            .flat_map(|definition| &definition.fields)
            .filter(|(_, of)| *of == kind)
            .map(|(name, _)| name.clone())
            .collect();
        names.push("x".into());
        let name = names[self.random.below(names.len())].clone();
        format!("{}.{name}", self.operand(Record, depth))
    }

    fn optional_field(&mut self, _: Kind, depth: u32) -> String {
        let kind = self.random.one(&[Null, Record, Dict, Int]);
        let value = self.operand(kind, depth);
        match self.random.chance(70) {
            true => format!("{value}?.{}", self.random.pick(&["x", "a", "y", "k"])),
            false => format!("{value}?.get(\"a\", {})", self.expr(Int, depth)),
        }
    }

    /// A call of a builtin, as a function or as a method.
    pub(super) fn builtin(&mut self, name: &str, kinds: &[Kind], depth: u32) -> String {
        let args: Vec<String> = kinds
            .iter()
            .map(|&kind| self.expr(kind, depth.min(2)))
            .collect();
        self.builtin_with(name, args)
    }

    pub(super) fn builtin_with(&mut self, name: &str, mut args: Vec<String>) -> String {
        if args.is_empty() || self.random.chance(75) {
            return format!("{name}({})", args.join(", "));
        }
        let receiver = args.remove(0);
        format!("({receiver}).{name}({})", args.join(", "))
    }

    fn int_builtin(&mut self, _: Kind, depth: u32) -> String {
        match self.random.below(7) {
            0 => {
                let kind = self.any_kind(Float, 60);
                self.builtin("to_int", &[kind], depth)
            }
            1 => self.builtin("sum", &[Ints], depth),
            2 => {
                let of = self.random.one(&[Ints, Str, Strs]);
                self.builtin("index_of", &[of, of.element().unwrap_or(Str)], depth)
            }
            3 => {
                let name = self.random.pick(&["bit_and", "bit_or", "bit_xor"]);
                self.builtin(name, &[Int, Int], depth)
            }
            4 => self.builtin("has_key", &[Dict, Str], depth),
            5 => self.builtin("parse_int", &[Str], depth),
            _ => {
                let name = self.random.pick(&["bit_shl", "bit_shr"]);
                self.builtin(name, &[Int, Int], depth)
            }
        }
    }

    fn float_builtin(&mut self, _: Kind, depth: u32) -> String {
        let kind = if self.random.chance(50) { Int } else { Float };
        match self.random.below(4) {
            0 => {
                let name = self.random.pick(&["abs", "floor", "ceil", "round", "sqrt"]);
                self.builtin(name, &[kind], depth)
            }
            1 => {
                let name = self.random.pick(&["min", "max"]);
                self.builtin(name, &[kind, Float], depth)
            }
            2 => self.builtin("to_float", &[kind], depth),
            _ => self.builtin("sum", &[Floats], depth),
        }
    }

    fn bool_builtin(&mut self, _: Kind, depth: u32) -> String {
        let any = self.kind();
        match self.random.below(5) {
            0 => {
                let name = self.random.pick(&[
                    "is_int",
                    "is_string",
                    "is_array",
                    "is_null",
                    "is_float",
                    "is_truthy",
                    "is_function",
                    "to_bool",
                ]);
                self.builtin(name, &[any], depth)
            }
            1 => {
                let name = self.random.pick(&["starts_with", "ends_with"]);
                self.builtin(name, &[Str, Str], depth)
            }
            2 => {
                let of = self.random.one(&[Ints, Strs, Dict]);
                self.builtin("contains", &[of, of.element().unwrap_or(Str)], depth)
            }
            3 => self.builtin("is_empty", &[any], depth),
            _ => {
                let array = self.expr(Ints, depth);
                let f = self.lambda();
                let name = self.random.pick(&["any", "all"]);
                self.builtin_with(name, vec![array, f])
            }
        }
    }

    fn string_builtin(&mut self, _: Kind, depth: u32) -> String {
        let any = self.kind();
        match self.random.below(9) {
            0 => {
                let name =
                    self.random
                        .pick(&["upper", "lower", "trim", "capitalize", "str_reverse"]);
                self.builtin(name, &[Str], depth)
            }
            1 | 2 => self.builtin("to_string", &[any], depth),
            3 => self.builtin("type", &[any], depth),
            4 => {
                let s = self.expr(Str, depth);
                let (a, b) = (self.index(0), self.index(0));
                self.builtin_with("substring", vec![s, a, b])
            }
            5 => {
                let of = self.random.one(&[Ints, Strs, Mixed]);
                let array = self.expr(of, depth);
                self.builtin_with("join", vec![array, "\",\"".into()])
            }
            6 => self.builtin("replace", &[Str, Str, Str], depth),
            7 => {
                let s = self.expr(Str, depth);
                let n = self.random.within(-1, 4).to_string();
                self.builtin_with("repeat", vec![s, n])
            }
            _ => {
                let s = self.expr(Str, depth);
                let (w, c) = (self.random.within(0, 8).to_string(), self.expr(Str, 0));
                self.builtin_with("pad_left", vec![s, w, c])
            }
        }
    }

    fn interpolation(&mut self, _: Kind, depth: u32) -> String {
        let (first, second) = (self.kind(), self.any_kind(Int, 60));
        format!(
            "\"<${{{}}} ${{{}}}>\"",
            self.expr(first, depth.min(1)),
            self.expr(second, depth.min(1))
        )
    }

    fn array_builtin(&mut self, kind: Kind, depth: u32) -> String {
        let element = kind.element().unwrap_or(Int);
        match self.random.below(15) {
            0..4 => {
                let name = self.random.pick(&["push", "push", "append"]);
                self.builtin(name, &[kind, element], depth)
            }
            4 => {
                let array = self.expr(kind, depth);
                let (a, b) = (self.index(0), self.index(0));
                self.builtin_with("slice", vec![array, a, b])
            }
            5 => self.builtin("concat", &[kind, kind], depth),
            6 => {
                let array = self.expr(kind, depth);
                let (i, v) = (self.index(0), self.expr(element, depth));
                self.builtin_with("insert", vec![array, i, v])
            }
            7 => self.builtin("remove", &[kind, element], depth),
            8 => {
                let name = self.random.pick(&["reverse", "unique"]);
                self.builtin(name, &[kind], depth)
            }
            9 => self.builtin("sort", &[kind], depth),
            10 => {
                let name = self.random.pick(&["take", "skip"]);
                let array = self.expr(kind, depth);
                let n = self.random.within(-1, 3).to_string();
                self.builtin_with(name, vec![array, n])
            }
            11 | 12 => {
                let name = self.random.pick(&["map", "filter"]);
                let array = self.expr(kind, depth);
                let f = self.expr(Func, 1);
                self.builtin_with(name, vec![array, f])
            }
            13 => {
                let array = self.expr(kind, depth);
                format!("({})[0]", self.builtin_with("pop", vec![array]))
            }
            _ => {
                let array = self.expr(kind, depth);
                let n = self.index(0);
                format!("({})[0]", self.builtin_with("remove_at", vec![array, n]))
            }
        }
    }

    fn dict_builtin(&mut self, _: Kind, depth: u32) -> String {
        match self.random.below(4) {
            0 | 1 => self.builtin("merge", &[Dict, Dict], depth),
            2 => self.builtin("invert", &[Dict], depth),
            _ => {
                let dict = self.expr(Dict, depth);
                let key = self.key();
                format!("({})[0]", self.builtin_with("remove", vec![dict, key]))
            }
        }
    }

    fn method(&mut self, kind: Kind, depth: u32) -> String {
        let receiver = self.operand(Record, depth);
        match kind {
            Record => format!("{receiver}.bumped({})", self.expr(Int, depth)),
            _ if self.random.chance(70) => format!("{receiver}.total({})", self.expr(Int, depth)),
            _ => format!("{receiver}.legacy({})", self.expr(Int, depth)),
        }
    }

    fn pipe(&mut self, kind: Kind, depth: u32) -> String {
        let value = self.expr(kind, depth);
        match kind {
            Int => format!("({value} |> {})", self.expr(Func, 1)),
            Ints => format!("({value} |> push({}))", self.expr(Int, depth)),
            _ => format!("({value} |> to_string)"),
        }
    }

    /// A function of one argument, which may use and change what is around it.
    pub(super) fn lambda(&mut self) -> String {
        let name = self.fresh("a");
        let kind = if self.random.chance(75) {
            Int
        } else {
            self.kind()
        };
        let loops = std::mem::take(&mut self.loops);
        self.depth += 1;
        let body = self.apart(|generator| {
            generator.scopes.push(Vec::new());
            generator.declare(&name, kind, true);
            generator.lambda_body(&name);
            generator.scopes.pop();
        });
        self.depth -= 1;
        self.loops = loops;
        format!("func({name}) {{ {} }}", body.trim().replace('\n', " "))
    }

    fn lambda_body(&mut self, param: &str) {
        let indent = std::mem::take(&mut self.indent);
        let captured = self.random.chance(35);
        if captured && let Some(variable) = self.assignable(|kind| kind == Int) {
            let value = self.expr(Int, 1);
            let operator = self.random.pick(&[":=", "+=", "-=", "+="]);
            self.line(&format!("{} {operator} {value};", variable.name));
        } else if self.random.chance(8)
            && let Some(variable) = self.assignable(Kind::is_array)
        {
            let name = variable.name;
            self.line(&format!("{name} := push({name}, {param});"));
        }
        let result = self.any_kind(Int, 70);
        let value = self.expr(result, 2);
        self.line(&format!("return {value}"));
        self.indent = indent;
    }
}
