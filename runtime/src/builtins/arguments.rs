//! The script's arguments and the parser for them: `args()`, `arg_parser()` (language.md §19.7).
//!
//! A parser is a value: a handle whose one field is the array of its options, each a dict.

use super::args::{array, string};
use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::heap::Ref;
use crate::object::{Array, Dict, Handle, Key, Record};
use crate::ops::text;
use crate::value::Value;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

builtins! {
    /// The arguments given to the script.
    "args" = args 0..=0, World -> Array;
    /// A parser for the script's arguments, without options yet.
    "arg_parser" = arg_parser 0..=0, Pure -> Any;
}

static PARSER: Handle = Handle {
    type_name: "argparser",
    methods: &[
        ("add_argument", add_argument),
        ("parse", parse),
        ("help", help),
    ],
};

/// The kinds of values that an option can take.
const KINDS: [&str; 4] = ["bool", "string", "int", "float"];

fn args(cx: &mut Ctx, _args: &mut [Value]) -> Result {
    Ok(array(cx.args.iter().map(|arg| Value::str(arg)).collect()))
}

fn arg_parser(cx: &mut Ctx, _args: &mut [Value]) -> Result {
    let shape = cx.shape("ArgParser", &["options"]);
    let mut parser = Record::new(shape, alloc::vec![array(Vec::new())]);
    parser.make_mut().extra_mut().handle = Some(&PARSER);
    Ok(Value::from(parser))
}

/// One option, as the program declared it.
struct Opt {
    /// `--name`
    name: String,
    /// `-n`, or nothing.
    short: String,
    kind: String,
    required: bool,
    help: String,
    default: Option<String>,
}

impl Opt {
    fn from_value(value: &Value) -> Opt {
        let dict = value.as_object::<Dict>();
        let field = |name| dict.and_then(|dict| dict.get_text(name));
        let text = |name| field(name).map(text::to_text);
        Opt {
            name: text("name").unwrap_or_default(),
            short: text("short").unwrap_or_default(),
            kind: text("type").unwrap_or_else(|| "string".into()),
            required: field("required").is_some_and(crate::ops::truthy),
            help: text("help").unwrap_or_default(),
            default: text("default"),
        }
    }

    fn is_flag(&self) -> bool {
        self.kind == "bool"
    }

    /// The text that the user gave, as a value of the option's kind.
    fn value(&self, cx: &mut Ctx, given: &str) -> Result {
        let parsed = match self.kind.as_str() {
            "int" => given.trim().parse().ok().map(Value::int),
            "float" => given.trim().parse().ok().map(Value::float),
            "bool" => match given {
                "true" | "1" | "yes" | "on" => Some(Value::bool(true)),
                "false" | "0" | "no" | "off" | "" => Some(Value::bool(false)),
                _ => None,
            },
            _ => Some(Value::str(given)),
        };
        let kind = match self.kind.as_str() {
            "int" => "an integer",
            "bool" => "a boolean",
            _ => "a float",
        };
        parsed.ok_or_else(|| {
            let name = &self.name;
            cx.raise(format_args!("Argument {name} requires {kind} value, got: {given}"))
        })
    }

    /// The value if the user gives none.
    fn absent(&self, cx: &mut Ctx) -> Result {
        match &self.default {
            Some(default) => self.value(cx, default),
            None if self.is_flag() => Ok(Value::bool(false)),
            None if self.required => Err(cx.raise(format_args!(
                "Required argument {} is missing",
                self.name
            ))),
            None => Ok(Value::NULL),
        }
    }
}

fn options(parser: &Value) -> Vec<Opt> {
    let field = parser
        .as_object::<Record>()
        .and_then(|record| record.get_text("options"));
    let array = field.and_then(|field| field.as_object::<Array>());
    array.map_or(Vec::new(), |array| {
        array.iter().map(|option| Opt::from_value(&option)).collect()
    })
}

/// `p.add_argument("--name", ["-n",] key, value, …)`: the window starts with the parser.
fn add_argument(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(name) = args.get(1).and_then(Value::as_text) else {
        return Err(cx.raise("add_argument() requires a name string"));
    };
    if !name.starts_with('-') || name.trim_start_matches('-').is_empty() {
        return Err(cx.raise(format_args!(
            "add_argument() requires a name that starts with --, got {name}"
        )));
    }
    let mut option = Dict::default();
    option.insert(Key::from_text("name"), Value::str(name));
    let mut rest = &args[2..];
    if rest.len() % 2 == 1 {
        match rest[0].as_text().filter(|short| short.starts_with('-')) {
            Some(short) => option.insert(Key::from_text("short"), Value::str(short)),
            None => return Err(cx.raise("add_argument() requires pairs of a key and a value")),
        };
        rest = &rest[1..];
    }
    for pair in rest.chunks_exact(2) {
        let key = checked_key(cx, &pair[0], &pair[1])?;
        option.insert(Key::from_text(key), pair[1].clone());
    }
    let mut parser = args[0].take();
    let options = cx.intern("options");
    let record = parser.as_ref_mut::<Record>().map(Ref::make_mut);
    let slot = record.and_then(|record| record.slot(&options));
    if let Some(array) = slot.and_then(|slot| slot.as_ref_mut::<Array>()) {
        array.make_mut().push(Value::from(Ref::new(option)));
    }
    Ok(parser)
}

/// The key of a pair, if it is one we know with a value that suits it.
fn checked_key<'a>(cx: &mut Ctx, key: &'a Value, value: &Value) -> Result<&'a str> {
    let wrong = |cx: &mut Ctx, what: &str| -> Thrown {
        cx.raise(format_args!("add_argument() requires {what}"))
    };
    match key.as_text() {
        Some(key @ ("required" | "help" | "default")) => Ok(key),
        Some(key @ "type") if value.as_text().is_some_and(|kind| KINDS.contains(&kind)) => Ok(key),
        Some("type") => Err(wrong(cx, "a type that is bool, string, int or float")),
        _ => Err(wrong(cx, "the keys type, required, help and default")),
    }
}

/// `p.parse()`: the script's arguments as a dict.
fn parse(cx: &mut Ctx, args: &mut [Value]) -> Result {
    check_no_arguments(cx, "parse", args)?;
    let options = options(&args[0]);
    let mut found: Vec<Option<Value>> = options.iter().map(|_| None).collect();
    let mut positional = Vec::new();
    let given = cx.args.clone();
    let mut given = given.iter().map(String::as_str);
    while let Some(arg) = given.next() {
        if arg == "--" {
            positional.extend(given.by_ref().map(Value::str));
        } else if !looks_like_option(arg) {
            positional.push(Value::str(arg));
        } else {
            let (at, value) = parse_option(cx, &options, arg, &mut given)?;
            found[at] = Some(value);
        }
    }
    let mut dict = Dict::default();
    for (option, value) in options.iter().zip(found) {
        let value = match value {
            Some(value) => value,
            None => option.absent(cx)?,
        };
        dict.insert(Key::from_text(option.name.trim_start_matches('-')), value);
    }
    dict.insert(Key::from_text("_positional"), array(positional));
    Ok(Value::from(Ref::new(dict)))
}

/// A lone `-` and negative numbers are ordinary arguments.
fn looks_like_option(arg: &str) -> bool {
    arg.len() > 1 && arg.starts_with('-') && arg.parse::<f64>().is_err()
}

/// The option that an argument names, by number, and its value: after `=`, else the next argument.
fn parse_option<'a>(
    cx: &mut Ctx,
    options: &[Opt],
    arg: &str,
    rest: &mut impl Iterator<Item = &'a str>,
) -> Result<(usize, Value)> {
    let (name, inline) = match arg.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (arg, None),
    };
    let named = |option: &Opt| option.name == name || option.short == name;
    let Some(at) = options.iter().position(named) else {
        return Err(cx.raise(format_args!("Unknown argument: {arg}")));
    };
    let option = &options[at];
    if option.is_flag() && inline.is_none() {
        return Ok((at, Value::bool(true)));
    }
    match inline.or_else(|| rest.next()) {
        Some(value) => Ok((at, option.value(cx, value)?)),
        None => Err(cx.raise(format_args!("Argument {} requires a value", option.name))),
    }
}

/// `p.help()`: four lines for application and description, then the options.
fn help(cx: &mut Ctx, args: &mut [Value]) -> Result {
    check_no_arguments(cx, "help", args)?;
    let mut out = String::from("\n\n\n\nOptions:\n");
    for option in options(&args[0]) {
        let Opt { name, short, kind, .. } = &option;
        // Writing to a `String` cannot fail.
        let _ = match short.as_str() {
            "" => write!(out, "      {name}"),
            short => write!(out, "  {short}, {name}"),
        };
        if !option.is_flag() {
            let _ = write!(out, " <{kind}>");
        }
        if option.required {
            out.push_str(" (required)");
        }
        if let Some(default) = &option.default {
            let _ = write!(out, " [default: {default}]");
        }
        out.push('\n');
        if !option.help.is_empty() {
            let _ = writeln!(out, "        {}", option.help);
        }
    }
    Ok(string(out))
}

/// Methods get the parser as the first of their window.
fn check_no_arguments(cx: &mut Ctx, method: &str, args: &[Value]) -> Result<()> {
    match args.len() {
        1 => Ok(()),
        n => Err(cx.raise(format_args!("{method} expects 0 arguments, got {}", n - 1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Image;

    /// A parser with the options of the reference, and what the script is given.
    fn parser(given: &[&str]) -> (Ctx, Value) {
        let mut cx = Ctx::load(Image::default(), &|_| unreachable!("no functions"), &|_| None);
        cx.args = given.iter().map(|arg| String::from(*arg)).collect();
        let parser = arg_parser(&mut cx, &mut []);
        let mut parser = parser.unwrap_or_default();
        let declarations: [&[&str]; 4] = [
            &["--verbose", "-v", "type", "bool", "help", "Be loud"],
            &["--config", "-c", "type", "string", "required", "true"],
            &["--port", "type", "int", "default", "8080"],
            &["--rate", "type", "float"],
        ];
        for words in declarations {
            let words = words.iter().map(|word| Value::str(word));
            let mut window: Vec<Value> = core::iter::once(parser).chain(words).collect();
            parser = add_argument(&mut cx, &mut window).unwrap_or_default();
        }
        (cx, parser)
    }

    fn parsed(given: &[&str]) -> String {
        let (mut cx, parser) = parser(given);
        match parse(&mut cx, &mut [parser]) {
            Ok(dict) => text::to_text(&dict),
            Err(Thrown) => text::to_text(&cx.pending.take().map(|p| p.message).unwrap_or_default()),
        }
    }

    #[test]
    fn arguments_are_told_apart() {
        assert_eq!(
            parsed(&["in.txt", "-v", "-c", "x", "--rate=2.5", "-5", "--", "--port"]),
            r#"{"_positional": [in.txt, -5, --port], "config": x, "port": 8080, "rate": 2.5, "verbose": true}"#
        );
        assert_eq!(
            parsed(&["--config", "-v", "--port", "1"]),
            r#"{"_positional": [], "config": -v, "port": 1, "rate": null, "verbose": false}"#
        );
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(parsed(&[]), "Required argument --config is missing");
        assert_eq!(parsed(&["--nope"]), "Unknown argument: --nope");
        assert_eq!(parsed(&["-c"]), "Argument --config requires a value");
        assert_eq!(
            parsed(&["-c", "x", "--port", "x"]),
            "Argument --port requires an integer value, got: x"
        );
    }

    #[test]
    fn help_lists_the_options() {
        let (mut cx, parser) = parser(&[]);
        let shown = help(&mut cx, &mut [parser]).unwrap_or_default();
        assert_eq!(
            text::to_text(&shown),
            "\n\n\n\nOptions:\n  -v, --verbose\n        Be loud\n  -c, --config <string> (required)\n      --port <int> [default: 8080]\n      --rate <float>\n"
        );
    }
}
