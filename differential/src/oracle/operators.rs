//! Operators (language.md §7, §13.2).

use super::value::{Value, equal};
use super::{Eval, Oracle, Stop};
use ruff::syntax::ast::{BinaryOp, UnaryOp};

fn overload(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Mul => "op_mul",
        BinaryOp::Div => "op_div",
        BinaryOp::Rem => "op_mod",
        BinaryOp::Add => "op_add",
        BinaryOp::Sub => "op_sub",
        BinaryOp::Lt => "op_lt",
        BinaryOp::Gt => "op_gt",
        BinaryOp::Le => "op_le",
        BinaryOp::Ge => "op_ge",
        BinaryOp::Eq => "op_eq",
        BinaryOp::Ne => "op_ne",
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(x) => Some(*x),
        _ => None,
    }
}

impl<'a> Oracle<'a> {
    pub(super) fn unary(&mut self, op: UnaryOp, value: Value<'a>, at: u32) -> Eval<'a> {
        let (sign, name) = match op {
            UnaryOp::Neg => ("-", "op_neg"),
            UnaryOp::Not => ("!", "op_not"),
        };
        if let Value::Struct(object) = &value
            && let Some(method) = super::call::method(object, name)
        {
            return self.enter(&method, Some(value), Vec::new(), at);
        }
        match (op, &value) {
            (UnaryOp::Neg, Value::Int(n)) => match n.checked_neg() {
                Some(n) => Ok(Value::Int(n)),
                None => self.raise(at, format!("Integer overflow: -({n})")),
            },
            (UnaryOp::Neg, Value::Float(x)) => Ok(Value::Float(-x)),
            (UnaryOp::Not, Value::Bool(b)) => Ok(Value::Bool(!b)),
            _ => self.raise(
                at,
                format!("Invalid unary operation: {sign} {}", value.operand_name()),
            ),
        }
    }

    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        left: Value<'a>,
        right: Value<'a>,
        at: u32,
    ) -> Eval<'a> {
        if let Value::Struct(object) = &left {
            if let Some(method) = super::call::method(object, overload(op)) {
                return self.enter(&method, Some(left), vec![right], at);
            }
            if op == BinaryOp::Ne
                && let Some(method) = super::call::method(object, "op_eq")
            {
                let same = self.enter(&method, Some(left), vec![right], at)?;
                return Ok(Value::Bool(!same.truthy()));
            }
        }
        match op {
            BinaryOp::Eq | BinaryOp::Ne => match equal(&left, &right) {
                Some(same) => Ok(Value::Bool(same == (op == BinaryOp::Eq))),
                None => Err(Stop::GiveUp("the identity of functions")),
            },
            BinaryOp::Lt | BinaryOp::Gt | BinaryOp::Le | BinaryOp::Ge => {
                self.compare(op, &left, &right, at)
            }
            _ => self.arithmetic(op, &left, &right, at),
        }
    }

    fn invalid<T>(
        &self,
        op: BinaryOp,
        left: &Value<'a>,
        right: &Value<'a>,
        at: u32,
    ) -> Eval<'a, T> {
        let text = format!(
            "Invalid binary operation: {} {} {}",
            left.operand_name(),
            op.symbol(),
            right.operand_name()
        );
        self.raise(at, text)
    }

    fn compare(&mut self, op: BinaryOp, left: &Value<'a>, right: &Value<'a>, at: u32) -> Eval<'a> {
        let order = match (left, right) {
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
            (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
            _ => match (float(left), float(right)) {
                (Some(a), Some(b)) => a.partial_cmp(&b),
                _ => return self.invalid(op, left, right, at),
            },
        };
        Ok(Value::Bool(order.is_some_and(|order| match op {
            BinaryOp::Lt => order.is_lt(),
            BinaryOp::Gt => order.is_gt(),
            BinaryOp::Le => order.is_le(),
            _ => order.is_ge(),
        })))
    }

    fn arithmetic(
        &mut self,
        op: BinaryOp,
        left: &Value<'a>,
        right: &Value<'a>,
        at: u32,
    ) -> Eval<'a> {
        if let (BinaryOp::Add, Value::Str(a), Value::Str(b)) = (op, left, right) {
            return self.small(Value::Str(format!("{a}{b}")));
        }
        if let (Value::Int(a), Value::Int(b)) = (left, right) {
            return self.int(op, *a, *b, at);
        }
        let (Some(a), Some(b)) = (float(left), float(right)) else {
            return self.invalid(op, left, right, at);
        };
        Ok(Value::Float(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a * b,
            BinaryOp::Div if b == 0.0 => return self.raise(at, "Division by zero"),
            BinaryOp::Div => a / b,
            _ if b == 0.0 => return self.raise(at, "Modulo by zero"),
            _ => a % b,
        }))
    }

    fn int(&mut self, op: BinaryOp, a: i64, b: i64, at: u32) -> Eval<'a> {
        let result = match op {
            BinaryOp::Add => a.checked_add(b),
            BinaryOp::Sub => a.checked_sub(b),
            BinaryOp::Mul => a.checked_mul(b),
            BinaryOp::Div if b == 0 => return self.raise(at, "Division by zero"),
            BinaryOp::Div => a.checked_div(b),
            _ if b == 0 => return self.raise(at, "Modulo by zero"),
            _ => a.checked_rem(b),
        };
        match result {
            Some(n) => Ok(Value::Int(n)),
            None => self.raise(at, format!("Integer overflow: {a} {} {b}", op.symbol())),
        }
    }
}
