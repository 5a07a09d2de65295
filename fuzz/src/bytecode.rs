//! Bytes as instructions: every row of the opcode table can come out, with any operands.

use ruff::bytecode::verify::verify_program;
use ruff::bytecode::*;
use ruff::for_each_op;
use ruff_runtime::ctx::weight;
use ruff_runtime::error::Pos;
use ruff_runtime::image::*;

/// More instructions only repeat what fewer do.
const MOST: usize = 64;

/// The input, read from its start; behind its end come zeros.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first
    }

    /// Mostly small, so that it often means something.
    fn number(&mut self) -> u32 {
        match self.byte() {
            255 => u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()]),
            small => u32::from(small % 12),
        }
    }
}

trait Operand {
    fn read(bytes: &mut Bytes) -> Self;
}

macro_rules! operands {
    ($($ty:ty: $make:expr;)*) => { $(
        impl Operand for $ty {
            fn read(bytes: &mut Bytes) -> Self {
                let number = bytes.number();
                ($make)(number)
            }
        }
    )* };
}
operands! {
    i32: |n| n as i32;
    i16: |n| n as i16;
    u16: |n| n as u16;
    u8: |n| n as u8;
    Label: Label;
    ConstIx: ConstIx;
    NameIx: |n| NameIx(n as u16);
    FuncIx: |n| FuncIx(n as u16);
    BuiltinIx: |n| BuiltinIx(n as u16);
    GlobalIx: |n| GlobalIx(n as u16);
    CaptureIx: |n| CaptureIx(n as u16);
    PlaceIx: |n| PlaceIx(n as u16);
    LiteralIx: |n| LiteralIx(n as u16);
    TagIx: |n| TagIx(n as u16);
    MessageIx: |n| MessageIx(n as u16);
    ModuleIx: |n| ModuleIx(n as u16);
    Reg: |n| Reg(n as u16);
}

macro_rules! construct {
    ($bytes:ident, $name:ident, last, [$($f:ident),*]) => {
        Op::$name($({ stringify!($f); Operand::read($bytes) }),*)
    };
    ($bytes:ident, $name:ident, n, [$($f:ident),*]) => {
        Op::$name(Operand::read($bytes) $(, { stringify!($f); Operand::read($bytes) })*)
    };
}

macro_rules! instruction {
    ($($(#[$doc:meta])* $name:ident = $Variant:ident($byte:ident) { $($f:ident: $k:ident),* $(,)? } $how:ident $($helper:ident)?;)*) => {
        fn instruction(bytes: &mut Bytes) -> Op {
            const ROWS: &[fn(&mut Bytes) -> Op] = &[
                $(|bytes| {
                    let _ = &bytes;
                    construct!(bytes, $name, $byte, [$($f),*])
                },)*
            ];
            let row = usize::from(bytes.byte()) % ROWS.len();
            ROWS[row](bytes)
        }
    };
}
for_each_op!(instruction);

pub fn verifier(input: &[u8]) {
    let mut bytes = Bytes(input);
    let funcs = vec![func(&mut bytes), func(&mut bytes)];
    let mut program = Program::new(funcs, image());
    if verify_program(&program).is_err() {
        return;
    }
    disasm::print_program(&program);
    program.funcs.iter_mut().for_each(liveness::finish);
    if let Err(fault) = verify_program(&program) {
        panic!("flags of last uses break it: {fault}");
    }
}

fn func(bytes: &mut Bytes) -> Func {
    let (registers, arity) = (bytes.number() as u16, bytes.number());
    let len = usize::from(bytes.byte()) % MOST;
    let handlers = (0..bytes.byte() % 3).map(|_| Handler {
        from: Operand::read(bytes),
        to: Operand::read(bytes),
        handler: Operand::read(bytes),
    });
    let handlers = handlers.collect();
    let mut code: Vec<Op> = (0..len).map(|_| instruction(bytes)).collect();
    code.push(Op::return_null());
    Func {
        meta: FuncMeta {
            name: "f".into(),
            arity,
            has_self: false,
            legacy_method: false,
            weight: weight(registers),
        },
        registers,
        unwritten: Vec::new(),
        captures: 0,
        positions: vec![Pos::default(); code.len()],
        code,
        handlers,
    }
}

/// A few of everything that instructions refer to.
fn image() -> Image {
    Image {
        consts: vec![Const::Int(1), Const::Str("text".into())],
        names: vec![NameMeta {
            text: "len".into(),
            builtin: None,
        }],
        places: vec![vec![Step::Index], vec![Step::Field(0), Step::Index]],
        globals: vec![GlobalMeta {
            name: "g".into(),
            hoisted: None,
        }],
        ..Image::default()
    }
}
