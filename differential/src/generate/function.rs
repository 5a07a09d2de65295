//! Functions, structs and their methods.

use super::Definition;
use super::{Generator, Kind::*, Signature};

impl Generator {
    /// A struct definition with a few fields, most of them with methods and operators.
    pub(super) fn definition(&mut self) {
        let name = self.fresh("S");
        let mut fields = vec![("x".to_owned(), Int)];
        for name in ["y", "v", "w"] {
            if self.random.chance(50) {
                let kind = self
                    .random
                    .one(&[Int, Float, Ints, Ints, Str, Dict, Nested]);
                fields.push((name.to_owned(), kind));
            }
        }
        let listed: Vec<String> = fields
            .iter()
            .map(|(name, _)| format!("{name}: any"))
            .collect();
        self.line(&format!("struct {name} {{ {}", listed.join(", ")));
        self.structs.push(Definition {
            name: name.clone(),
            fields,
        });
        if self.random.chance(75) {
            self.indent += 1;
            self.methods(&name);
            self.indent -= 1;
        }
        self.line("}");
    }

    fn methods(&mut self, name: &str) {
        self.line("func total(self, n) { return self.x + n }");
        self.line("func bumped(self, n) { r := self; r.x := r.x + n; return r }");
        self.line("func legacy(n) { x := x + n; return x }");
        if self.random.chance(50) {
            self.line(&format!(
                "func op_add(self, o) {{ return {name} {{ x: self.x + o.x }} }}"
            ));
        }
        if self.random.chance(30) {
            self.line("func op_sub(self, o) { r := self; r.x -= o.x; return r }");
        }
        if self.random.chance(20) {
            self.line("func op_eq(self, o) { return self.x == o.x }");
        }
        if self.random.chance(20) {
            self.line("func op_lt(self, o) { return \"lt\" }");
        }
    }

    /// A function of the top level. It may call those before it.
    pub(super) fn function(&mut self) {
        let name = self.fresh("f");
        let recursive = self.random.chance(25);
        let count = self.random.within(0, 3) as usize;
        let mut params: Vec<_> = (0..count).map(|_| self.kind()).collect();
        if recursive {
            params.insert(0, Int);
        }
        let names: Vec<String> = params.iter().map(|_| self.fresh("p")).collect();
        let result = self.kind();
        let visible = vec![self.late_globals()];
        let globals = std::mem::replace(&mut self.scopes, visible);
        self.line(&format!("func {name}({}) {{", names.join(", ")));
        self.depth += 1;
        self.budget = self.random.within(3, 14) as i32;
        self.block(|generator| {
            for (at, (name, kind)) in names.iter().zip(&params).enumerate() {
                generator.declare(name, *kind, !(recursive && at == 0));
            }
            if recursive {
                let end = generator.expr(result, 1);
                generator.line(&format!(
                    "if {} < 1 || {0} > 8 {{ return {end} }}",
                    names[0]
                ));
            }
            generator.statements(1, 4);
            if recursive {
                generator.recursion(&name, &names, &params, result);
            }
            generator.statements(0, 2);
            let value = generator.expr(result, 2);
            generator.line(&format!("return {value}"));
        });
        self.depth -= 1;
        self.line("}");
        self.scopes = globals;
        self.funcs.push(Signature {
            name,
            params,
            result,
        });
    }

    /// Globals that functions mention, whether they are initialised by then or not.
    fn late_globals(&mut self) -> Vec<super::Variable> {
        let variable = |(name, kind): &(String, super::Kind)| super::Variable {
            name: name.clone(),
            kind: *kind,
            assignable: true,
        };
        self.late.iter().map(variable).collect()
    }

    fn recursion(
        &mut self,
        name: &str,
        names: &[String],
        params: &[super::Kind],
        result: super::Kind,
    ) {
        let mut args = vec![format!("{} - {}", names[0], self.random.within(1, 2))];
        for kind in &params[1..] {
            args.push(self.expr(*kind, 1));
        }
        let call = format!("{name}({})", args.join(", "));
        let variable = self.fresh("v");
        match self.random.below(3) {
            0 => self.guarded(|generator| generator.line(&format!("print({call})"))),
            1 => self.line(&format!("print(\"rec\", {call})")),
            _ => {}
        }
        self.line(&format!("{variable} := {call}"));
        self.declare(&variable, result, true);
    }
}
