//! Which layer of `src/` may name which, and where `unsafe` may stand.
//!
//! The test reads the sources: every path that begins with `crate`, `super` or the crate's own name
//! is resolved to the module that it names, groups in braces included. A path from a module down to
//! its own children is not checked, since a parent declares its children anyway.

use std::fs;
use std::path::{Path, PathBuf};

/// A layer, and the layers that it may name besides itself. A file belongs to the layer with the
/// longest name that its module begins with; so does the target of a path.
const LAYERS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("limits", &[]),
    ("codec", &[]),
    ("session", &["codec", "limits", "time"]),
    ("transport", &["time"]),
    (
        "transport::sockets",
        &["micropython", "time", "transport", "transport::tls"],
    ),
    ("transport::tls", &["limits", "time", "transport"]),
    ("sync", &["time"]),
    ("micropython", &["sync", "time"]),
    (
        "module",
        &[
            "codec",
            "limits",
            "micropython",
            "session",
            "sync",
            "time",
            "transport",
            "transport::tls",
        ],
    ),
];

/// Where `unsafe` and the bindings of bindgen (`sys`) may stand: the VM, and the edge to C.
const EDGES: &[&str] = &[
    "micropython/",
    "module/auto_reconnect/built_in.rs",
    "module/client.rs",
    "module/entry.rs",
    "module/driven/methods.rs",
    "module/message.rs",
    "module/methods.rs",
    "module/outbox/delivery.rs",
    "module/parts/function.rs",
    "module/ssl/",
    "module/version/methods.rs",
];

/// The files that forbid `unsafe`, for themselves and for the modules below them.
const FORBIDDING: &[&str] = &[
    "time.rs",
    "limits.rs",
    "codec/mod.rs",
    "session/mod.rs",
    "sync/mod.rs",
    "transport/mod.rs",
    "transport/tls/mod.rs",
];

/// A path in the code, as the modules from the root of the crate, or why it cannot be resolved.
type Target = Result<Vec<String>, String>;

/// A source file.
struct Source {
    /// Its path below `src/`, with `/` in it.
    name: String,
    /// Words and single characters of the code, without comments and literals.
    tokens: Vec<String>,
}

impl Source {
    fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            tokens: tokens(text),
        }
    }

    /// The module that the file is.
    fn module(&self) -> Vec<String> {
        let path = self.name.strip_suffix(".rs").unwrap();
        let path = path.strip_suffix("/mod").unwrap_or(path);
        let parts = path.split('/').filter(|part| *part != "lib");
        parts.map(str::to_owned).collect()
    }

    fn is_edge(&self) -> bool {
        EDGES.iter().any(|place| self.name.starts_with(place))
    }

    /// Every path that begins with `crate`, `super` or the crate's name.
    fn targets(&self) -> Vec<Target> {
        let mut found = Vec::new();
        // The modules that the braces around the present token open; `None` for other braces.
        let mut braces: Vec<Option<String>> = Vec::new();
        let mut next_module = None;
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            match token.as_str() {
                "mod" => next_module = self.tokens.get(at + 1).cloned(),
                ";" => next_module = None,
                "{" => braces.push(next_module.take()),
                "}" => drop(braces.pop()),
                "crate" | "super" | "mqtt" if self.begins_path(at) => {
                    let mut module = self.module();
                    module.extend(braces.iter().flatten().cloned());
                    at = self.resolve(at, Ok(module), &mut found);
                    continue;
                }
                // A new name for the crate would hide the paths that begin with it.
                "crate" if self.is(at + 1, "as") => {
                    found.push(Err("`crate` under another name".to_owned()));
                }
                _ => {}
            }
            at += 1;
        }
        found
    }

    fn is(&self, at: usize, token: &str) -> bool {
        self.tokens.get(at).is_some_and(|it| it == token)
    }

    /// Whether the word at `at` begins a path. It may stand behind `self::`, or behind the `::` of
    /// a path that begins with the name of a crate.
    fn begins_path(&self, at: usize) -> bool {
        let before = |n: usize| at.checked_sub(n).map_or("", |at| &self.tokens[at]);
        let word_before = is_word(before(2)) && !matches!(before(2), "use" | "self" | "");
        self.is(at + 1, "::") && !(before(1) == "::" && word_before)
    }

    /// Resolves the path at `at`, relative to `base`, into `found`. Gives the place behind it.
    fn resolve(&self, mut at: usize, base: Target, found: &mut Vec<Target>) -> usize {
        let mut path = base;
        while let Some(token) = self.tokens.get(at) {
            match token.as_str() {
                "{" => {
                    at += 1;
                    while !self.is(at, "}") && at < self.tokens.len() {
                        if self.is(at, ",") {
                            at += 1;
                        } else {
                            at = self.resolve(at, path.clone(), found);
                        }
                    }
                    return at + 1;
                }
                "crate" | "mqtt" => path = Ok(Vec::new()),
                "super" => {
                    path = path.and_then(|mut path| match path.pop() {
                        Some(_) => Ok(path),
                        None => Err("`super` of the crate".to_owned()),
                    });
                }
                "self" => {}
                word => {
                    if let Ok(path) = &mut path {
                        path.push(word.to_owned());
                    }
                }
            }
            at += 1;
            if !self.is(at, "::") {
                break;
            }
            at += 1;
        }
        // A name given to the target, in a group.
        if self.is(at, "as") {
            at += 2;
        }
        found.push(path);
        at
    }
}

fn is_word(token: &str) -> bool {
    token.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Splits code into words, `::` and single characters; leaves out comments and literals.
fn tokens(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    let is = |at: usize, what: &str| {
        let mut rest = text.iter().skip(at);
        what.chars().all(|c| rest.next() == Some(&c))
    };
    let find = |mut at: usize, what: &str| {
        while at < text.len() && !is(at, what) {
            at += 1;
        }
        at + what.len()
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let c = text[at];
        if is(at, "//") {
            at = find(at, "\n");
        } else if is(at, "/*") {
            let mut depth = 1;
            at += 2;
            while depth > 0 && at < text.len() {
                depth += i32::from(is(at, "/*")) - i32::from(is(at, "*/"));
                at += if is(at, "/*") || is(at, "*/") { 2 } else { 1 };
            }
        } else if c == '"' {
            at += 1;
            while at < text.len() && text[at] != '"' {
                at += if text[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if c == '\'' && (is(at + 1, "\\") || text.get(at + 2) == Some(&'\'')) {
            at = find(at + if is(at + 1, "\\") { 3 } else { 2 }, "'");
        } else if c.is_alphanumeric() || c == '_' {
            let start = at;
            while at < text.len() && (text[at].is_alphanumeric() || text[at] == '_') {
                at += 1;
            }
            let word: String = text[start..at].iter().collect();
            // A raw string: r"...", br#"..."#. (`r#name` is a word as well.)
            let hashes = text[at..].iter().take_while(|c| **c == '#').count();
            if matches!(&word[..], "r" | "br" | "cr") && is(at + hashes, "\"") {
                at = find(at + hashes + 1, &format!("\"{}", "#".repeat(hashes)));
            } else if word == "r" && hashes == 1 {
                at += 1;
            } else {
                found.push(word);
            }
        } else if is(at, "::") {
            found.push("::".to_owned());
            at += 2;
        } else {
            if !c.is_whitespace() {
                found.push(c.to_string());
            }
            at += 1;
        }
    }
    found
}

/// The layer that `module` belongs to, with the layers that it may name.
fn layer(module: &[String]) -> Option<(&'static str, &'static [&'static str])> {
    let path = module.join("::") + "::";
    let layers = LAYERS.iter().copied();
    layers
        .filter(|(name, _)| path.starts_with(&format!("{name}::")))
        .max_by_key(|(name, _)| name.len())
}

/// The paths in `source` that lead to a layer which the file must not name.
fn forbidden_paths(source: &Source) -> Vec<String> {
    let name = &source.name;
    if name == "lib.rs" {
        return Vec::new();
    }
    let Some((own, allowed)) = layer(&source.module()) else {
        return vec![format!("{name} belongs to no layer")];
    };
    let verdict = |target: Target| match target {
        Err(error) => Some(format!("{name}: {error}")),
        Ok(path) => match layer(&path) {
            Some((target, _)) if target == own || allowed.contains(&target) => None,
            // Only a glob or the crate itself is in no layer.
            _ => Some(format!("{name} names {}", path.join("::"))),
        },
    };
    source.targets().into_iter().filter_map(verdict).collect()
}

/// The words of the edge, `unsafe` and `sys`, in a file that is not at the edge.
fn misplaced_edge(source: &Source) -> Vec<String> {
    let is_misplaced = |token: &&String| matches!(token.as_str(), "unsafe" | "sys");
    let misplaced = source.tokens.iter().filter(is_misplaced);
    match source.is_edge() {
        true => Vec::new(),
        false => misplaced
            .map(|it| format!("{}: {it}", source.name))
            .collect(),
    }
}

fn forbids_unsafe(source: &Source) -> bool {
    let attribute = tokens("#![forbid(unsafe_code)]");
    source
        .tokens
        .windows(attribute.len())
        .any(|window| window == attribute)
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![source_root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(source_root()).unwrap();
            let name = name.to_str().unwrap().replace('\\', "/");
            found.push(Source::new(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

#[test]
fn layers_name_only_those_below_them() {
    let sources = sources();
    let wrong: Vec<_> = sources.iter().flat_map(forbidden_paths).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_and_bindings_stand_at_the_edges_only() {
    let sources = sources();
    let wrong: Vec<_> = sources.iter().flat_map(misplaced_edge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn layers_without_a_vm_forbid_unsafe_code() {
    let sources = sources();
    for name in FORBIDDING {
        let source = sources.iter().find(|source| source.name == *name);
        let source = source.unwrap_or_else(|| panic!("{name} is not there"));
        assert!(forbids_unsafe(source), "{name} does not forbid unsafe code");
    }
}

// ---- the test of the test: sources that it must refuse, and that it must not

#[test]
fn every_form_of_a_forbidden_path_is_found() {
    for (name, text) in [
        ("codec/qos.rs", "use crate::session::Session;"),
        ("codec/qos.rs", "use crate::{micropython::Obj};"),
        ("codec/qos.rs", "use crate::{codec::QoS, module};"),
        (
            "codec/qos.rs",
            "use crate::{\n    codec::{QoS, Ack},\n    session::{self, Session},\n};",
        ),
        ("codec/qos.rs", "use {super::Ack, super::super::session};"),
        (
            "codec/qos.rs",
            "fn f(it: super::super::session::Session) {}",
        ),
        ("codec/mod.rs", "fn f() { super::session::step() }"),
        ("codec/mod.rs", "use self::super::session::Session;"),
        ("codec/tests/mod.rs", "use super::{Ack, super::limits};"),
        ("codec/qos.rs", "use crate::*;"),
        (
            "codec/qos.rs",
            "use crate as root; use root::session::Session;",
        ),
        ("codec/qos.rs", "use mqtt::session::Session;"),
        ("codec/qos.rs", "use ::mqtt::session::Session;"),
        ("codec/qos.rs", "use super::super::super::other;"),
        (
            "codec/qos.rs",
            "macro_rules! m { () => { $crate::session::f() } }",
        ),
        ("codec/qos.rs", "pub(in crate::session) fn f() {}"),
        (
            "codec/qos.rs",
            "mod a { mod b { use super::super::super::super::time::Instant; } }",
        ),
        (
            "codec/qos.rs",
            "const A: char = '\"'; use crate::session; const B: char = '\"';",
        ),
        (
            "codec/qos.rs",
            "const A: &str = \"//\"; use crate::session::Session;",
        ),
        (
            "codec/qos.rs",
            "const A: &str = r#\"\"//\"#; use crate::session::Session;",
        ),
        ("codec/qos.rs", "/* /* */ */ use crate::session::Session;"),
        (
            "codec/qos.rs",
            "fn f<'a>(a: &'a u8) -> crate::session::S<'a> {}",
        ),
        ("session/input.rs", "use crate::transport::Wait;"),
        ("transport/pipe.rs", "use super::sockets::Socket;"),
        ("transport/tls/mod.rs", "use super::sockets::Socket;"),
        (
            "transport/tls/keys.rs",
            "use super::super::sockets::Socket;",
        ),
        ("micropython/obj.rs", "use crate::codec::QoS;"),
        ("stray.rs", ""),
    ] {
        let wrong = forbidden_paths(&Source::new(name, text));
        assert!(!wrong.is_empty(), "{name}: {text}");
    }
}

#[test]
fn allowed_paths_are_not_refused() {
    for (name, text) in [
        ("codec/qos.rs", "use crate::codec::{Ack, QoS};"),
        (
            "codec/qos.rs",
            "use super::{Ack, strings::PREFIX_LEN as LEN}; // crate::session",
        ),
        (
            "codec/qos.rs",
            "mod a { mod b { use super::super::super::Ack; } }",
        ),
        (
            "codec/qos.rs",
            "fn f() { if a { b } } mod tests { use super::*; }",
        ),
        (
            "codec/qos.rs",
            "const A: &str = \"crate::session\"; /* crate::session */",
        ),
        (
            "codec/qos.rs",
            "/// crate::session\npub(crate) fn f() {} pub(super) fn g() {}",
        ),
        (
            "session/mod.rs",
            "use crate::{codec::QoS, limits, time::{Deadline, Instant}};",
        ),
        (
            "session/tests/mod.rs",
            "use mqtt::codec::QoS; use super::Session;",
        ),
        (
            "transport/tls/names.rs",
            "use super::super::address_text::address_text;",
        ),
        (
            "module/client.rs",
            "use crate::{session, micropython::sys, transport::tls::Context};",
        ),
    ] {
        let wrong = forbidden_paths(&Source::new(name, text));
        assert!(wrong.is_empty(), "{name}: {text}: {wrong:?}");
    }
}

#[test]
fn unsafe_code_and_bindings_are_found() {
    for text in [
        "fn f() { unsafe { g() } }",
        "unsafe extern \"C\" {}",
        "use super::sys;",
        "use crate::micropython::{sys as c};",
        "fn f() { sys::mp_obj_new() }",
    ] {
        assert_eq!(
            misplaced_edge(&Source::new("module/role.rs", text)).len(),
            1,
            "{text}"
        );
        assert!(misplaced_edge(&Source::new("micropython/obj.rs", text)).is_empty());
    }
    for text in [
        "#![forbid(unsafe_code)]",
        "// unsafe",
        "\"unsafe\"",
        "let system = 1;",
    ] {
        assert!(
            misplaced_edge(&Source::new("module/role.rs", text)).is_empty(),
            "{text}"
        );
    }
}

#[test]
fn a_forbidding_attribute_counts_as_code_only() {
    assert!(forbids_unsafe(&Source::new(
        "time.rs",
        "#![forbid( unsafe_code )]"
    )));
    assert!(!forbids_unsafe(&Source::new(
        "time.rs",
        "// #![forbid(unsafe_code)]"
    )));
}
