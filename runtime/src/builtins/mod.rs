//! The builtin functions: one file per family, each with its functions and, above them, its rows of the table.
//!
//! A row gives the doc line, the name and its aliases, the function, its arity, its effect, the type of its result
//! and the host capability it needs. Everything else expands from the rows: the descriptor that a program links
//! (one static per name, so that an executable carries only what it uses), the index, arity errors.
//!
//! A builtin gets its arguments in a window it may take from. **It must not take anything before its checks have
//! passed**: after an error the arguments are still there (this is what lets `d[k] := push(d[k], v)` work in place).

use crate::ctx::Ctx;
use crate::error::Result;
use crate::ops::room;
use crate::value::Value;

mod args;

/// What a builtin may do, for the optimiser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Depends on its arguments only; may raise.
    Pure,
    /// Reads or writes the world outside the program.
    World,
    /// Calls functions given to it.
    Calls,
}

/// The type of a builtin's result, for inference: `Any` is always right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the variants are the names of the types")]
pub enum ResultType {
    Any,
    Null,
    Bool,
    Int,
    Float,
    Str,
    Bytes,
    Array,
    Dict,
    /// An array of two: the first argument without some element, and that element.
    Pair,
}

impl ResultType {
    /// Whether values of the type take memory in proportion to something.
    #[inline]
    fn can_be_large(self) -> bool {
        use ResultType::{Bool, Float, Int, Null};
        !matches!(self, Null | Bool | Int | Float)
    }
}

/// A host effect that `--untrusted` denies (language.md §20.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(
    missing_docs,
    reason = "the variants are the names of the capabilities"
)]
pub enum Capability {
    FsRead,
    FsWrite,
    FsDelete,
    ProcessExec,
    ShellExec,
    EnvRead,
    EnvWrite,
    Clock,
    Random,
}

/// A set of capabilities, as bits `1 << Capability`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capabilities(pub u32);

impl Capabilities {
    /// Everything.
    pub const ALL: Capabilities = Capabilities(u32::MAX);
    /// Whether a capability is in the set.
    pub fn has(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u32 != 0
    }
}

/// No upper bound on the number of arguments.
pub const MANY: u16 = u16::MAX;

/// A builtin function.
pub struct Builtin {
    /// The name under which the program called it.
    pub name: &'static str,
    /// Fewest arguments.
    pub min: u16,
    /// Most arguments, or [`MANY`].
    pub max: u16,
    /// The function. It may take values out of the window, but only after its checks (see the module header).
    pub run: fn(&mut Ctx, &mut [Value]) -> Result,
    /// What it may do.
    pub effect: Effect,
    /// What it gives.
    pub result: ResultType,
    /// The host effect it needs, if any.
    pub needs: Option<Capability>,
    /// One line for people.
    pub doc: &'static str,
}

impl Builtin {
    /// Calls it: capability, arity, then the function.
    #[inline]
    pub fn call(&'static self, cx: &mut Ctx, args: &mut [Value]) -> Result {
        if args.len() < self.min as usize || args.len() > self.max as usize {
            return Err(self.wrong_arity(cx, args.len()));
        }
        if let Some(capability) = self.needs {
            require(cx, capability, self.name)?;
        }
        if self.result.can_be_large() {
            room::for_result(cx, args)?;
        }
        (self.run)(cx, args)
    }

    #[cold]
    fn wrong_arity(&self, cx: &mut Ctx, got: usize) -> crate::error::Thrown {
        let wanted = if got < self.min as usize {
            self.min
        } else {
            self.max
        };
        cx.raise(format_args!(
            "{} expects {wanted} arguments, got {got}",
            self.name
        ))
    }
}

/// Raises unless the program may do this: for builtins that need more than their row says.
#[inline]
pub fn require(cx: &mut Ctx, capability: Capability, name: &str) -> Result<()> {
    if cx.allowed.has(capability) {
        return Ok(());
    }
    Err(denied(cx, capability, name))
}

#[cold]
fn denied(cx: &mut Ctx, capability: Capability, name: &str) -> crate::error::Thrown {
    let (capability, flag) = match capability {
        Capability::FsRead => ("filesystem-read", "--allow-fs-read"),
        Capability::FsWrite => ("filesystem-write", "--allow-fs-write"),
        Capability::FsDelete => ("filesystem-delete", "--allow-fs-delete"),
        Capability::ProcessExec => ("process-exec", "--allow-process-exec"),
        Capability::ShellExec => ("shell-exec", "--allow-shell-exec"),
        Capability::EnvRead => ("env-read", "--allow-env-read"),
        Capability::EnvWrite => ("env-write", "--allow-env-write"),
        Capability::Clock => ("clock", "--allow-clock"),
        Capability::Random => ("random", "--allow-random"),
    };
    cx.raise(format_args!(
        "Capability denied: {capability} required for {name}; rerun with {flag}"
    ))
}

/// Names of the reference (language.md §19) whose builtins are not there yet: a program that mentions one gets a
/// compile error, never a wrong answer.
pub const NOT_YET: &[&str] = &[
    // Files, processes and stores
    "kv_set",
    "kv_get",
    "zip_create",
    "zip_add_file",
    "zip_add_dir",
    "zip_close",
    "unzip",
    // Data formats, regular expressions, hashing
    "parse_csv",
    "to_csv",
    "parse_toml",
    "to_toml",
    "parse_yaml",
    "to_yaml",
    "encode_base64",
    "decode_base64",
    "sha256",
    "md5",
    "sha256_file",
    "md5_file",
    "regex_match",
    "regex_find_all",
    "regex_split",
    "regex_replace",
    "hash_password",
    "verify_password",
    "aes_encrypt",
    "aes_decrypt",
    "aes_encrypt_bytes",
    "aes_decrypt_bytes",
    "rsa_generate_keypair",
    "rsa_encrypt",
    "rsa_decrypt",
    "rsa_sign",
    "rsa_verify",
    "jwt_encode",
    "jwt_decode",
    "jwt_verify",
    // Concurrency
    "channel",
    "async_sleep",
    "async_timeout",
    "promise_all",
    "await_all",
    "parallel_map",
    "par_map",
    "par_each",
    "async_read_file",
    "async_write_file",
    "async_read_files",
    "async_write_files",
    "spawn_task",
    "await_task",
    "cancel_task",
    "set_task_pool_size",
    "get_task_pool_size",
    "shared_set",
    "shared_get",
    "shared_has",
    "shared_delete",
    "shared_add_int",
    "async_http_get",
    "async_http_post",
    // Network, databases, images, AI
    "http_get",
    "http_post",
    "http_put",
    "http_delete",
    "http_get_binary",
    "http_get_stream",
    "http_request",
    "parallel_http",
    "oauth2_auth_url",
    "oauth2_get_token",
    "http_server",
    "http_listen",
    "http_response",
    "json_response",
    "html_response",
    "redirect_response",
    "set_header",
    "set_headers",
    "tcp_listen",
    "tcp_accept",
    "tcp_connect",
    "tcp_send",
    "tcp_receive",
    "tcp_close",
    "tcp_set_nonblocking",
    "udp_bind",
    "udp_send_to",
    "udp_receive_from",
    "udp_close",
    "db_connect",
    "db_execute",
    "db_query",
    "db_close",
    "db_begin",
    "db_commit",
    "db_rollback",
    "db_last_insert_id",
    "db_pool",
    "db_pool_acquire",
    "db_pool_release",
    "db_pool_stats",
    "db_pool_close",
    "load_image",
    "gif_to_webp",
    "ai_chat",
    "ai_stream_chat",
    "ai_embedding",
    "ai_tool_loop",
];

/// The rows of one family: `"name" | "alias" = function min..=max, Effect -> ResultType needs Capability;`, each with
/// its doc line. Expands to one descriptor per name and the lists that `families!` joins.
macro_rules! builtins {
    ($( $(#[doc = $doc:literal])+ $($name:literal)|+ = $run:ident $min:literal..=$max:expr,
        $effect:ident -> $result:ident $(needs $needs:ident)?; )*) => {
        $( builtins!(@each [concat!($($doc),+)] [$($name)|+] $run $min [$max] $effect $result [$($needs)?]); )*
        pastey::paste! {
            /// The family's builtins, in table order.
            pub(super) const ROWS: &[&$crate::builtins::Builtin] = &[$($( &[<BUILTIN_ $name:upper>] ),+),*];
        }
        /// The symbols of their descriptors, in the same order.
        pub(super) const SYMBOLS: &[&str] = &[$($(concat!("ruff_builtin_", $name)),+),*];
    };
    (@each [$doc:expr] [$($name:literal)|+] $run:ident $min:literal [$max:expr] $effect:ident $result:ident $needs:tt) => {
        $( builtins!(@one [$doc] $name $run $min [$max] $effect $result $needs); )+
    };
    (@one [$doc:expr] $name:literal $run:ident $min:literal [$max:expr] $effect:ident $result:ident $needs:tt) => {
        pastey::paste! {
            #[doc = $doc]
            // SAFETY: the name is unique: two rows of one name do not link.
            #[unsafe(export_name = concat!("ruff_builtin_", $name))]
            pub static [<BUILTIN_ $name:upper>]: $crate::builtins::Builtin = $crate::builtins::Builtin {
                name: $name,
                min: $min,
                max: $max,
                run: $run,
                effect: $crate::builtins::Effect::$effect,
                result: $crate::builtins::ResultType::$result,
                needs: builtins!(@needs $needs),
                doc: $doc,
            };
        }
    };
    (@needs []) => { None };
    (@needs [$needs:ident]) => { Some($crate::builtins::Capability::$needs) };
}

/// Declares the family files and joins their rows.
macro_rules! families {
    ($($family:ident)*) => {
        $(pub mod $family;)*

        const COUNT: usize = 0 $(+ $family::ROWS.len())*;
        const JOINED: ([&Builtin; COUNT], [&str; COUNT]) = {
            let mut rows = [output::ROWS[0]; COUNT];
            let mut symbols = [""; COUNT];
            let mut at = 0;
            $(
                let mut i = 0;
                while i < $family::ROWS.len() {
                    rows[at] = $family::ROWS[i];
                    symbols[at] = $family::SYMBOLS[i];
                    i += 1;
                    at += 1;
                }
            )*
            (rows, symbols)
        };
        /// Every builtin, family by family; the index is the builtin's number in bytecode.
        pub static ALL: &[&Builtin] = &JOINED.0;
        /// The symbol of each builtin's descriptor, in the same order.
        pub static SYMBOLS: &[&str] = &JOINED.1;
    };
}

families! {
    arguments
    arrays
    assertions
    collections
    dicts
    environment
    files
    higher_order
    json
    math
    output
    paths
    process
    random
    sequences
    sort
    strings
    time
    types
    wording
}

/// The number of the builtin of that name.
pub fn find(name: &str) -> Option<u16> {
    ALL.iter().position(|b| b.name == name).map(|i| i as u16)
}
