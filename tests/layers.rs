//! Who may know whom in `src/`, and where `unsafe` may stand.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the crate that each folder or file of `src/` may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("time.rs", &[]),
    ("limits.rs", &[]),
    ("codec/", &["codec"]),
    ("session/", &["codec", "limits", "session", "time"]),
    ("transport/sockets", &["micropython", "time", "transport"]),
    ("transport/tls/", &["limits", "time", "transport"]),
    ("transport/", &["time", "transport"]),
    ("micropython/", &["micropython", "time"]),
    (
        "module/",
        &[
            "codec",
            "limits",
            "micropython",
            "module",
            "session",
            "time",
            "transport",
        ],
    ),
];

/// Where `unsafe` may stand: the VM, and the edge to C.
const UNSAFE: &[&str] = &[
    "micropython/",
    "module/client.rs",
    "module/entry.rs",
    "module/ssl/",
];

/// Where bindgen's bindings may be named.
const BINDINGS: &[&str] = UNSAFE;

/// Where every source file or its module root forbids `unsafe`.
const FORBIDDEN: &[&str] = &[
    "time.rs",
    "limits.rs",
    "codec/mod.rs",
    "session/mod.rs",
    "transport/mod.rs",
    "transport/tls/mod.rs",
];

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Paths below `src/` with `/` in them, and their lines without comments.
fn sources() -> Vec<(String, Vec<String>)> {
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
            let text = fs::read_to_string(&path).unwrap();
            let code = |line: &str| line.split("//").next().unwrap_or("").to_owned();
            found.push((name, text.lines().map(code).collect()));
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

/// The words that follow `prefix` in `line`.
fn words_after<'a>(line: &'a str, prefix: &str) -> Vec<&'a str> {
    line.match_indices(prefix)
        .map(|(at, _)| {
            let rest = &line[at + prefix.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            &rest[..end.unwrap_or(rest.len())]
        })
        .collect()
}

fn is_in(name: &str, places: &[&str]) -> bool {
    places.iter().any(|place| name.starts_with(place))
}

#[test]
fn layers_know_only_those_below_them() {
    let mut wrong = Vec::new();
    for (name, lines) in sources() {
        let Some((_, allowed)) = ARROWS.iter().find(|(place, _)| name.starts_with(place)) else {
            assert_eq!(name, "lib.rs", "a file that belongs to no layer");
            continue;
        };
        for line in lines {
            for word in words_after(&line, "crate::") {
                if !word.is_empty() && !allowed.contains(&word) {
                    wrong.push(format!("{name} names {word}: {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_stands_at_the_edges_only() {
    let mut wrong = Vec::new();
    for (name, lines) in sources() {
        for line in lines {
            let is_unsafe = line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == "unsafe");
            if is_unsafe && !is_in(&name, UNSAFE) {
                wrong.push(format!("{name}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn layers_without_a_vm_forbid_unsafe() {
    for (name, lines) in sources() {
        if FORBIDDEN.contains(&name.as_str()) {
            let forbids = lines.iter().any(|l| l.contains("#![forbid(unsafe_code)]"));
            assert!(forbids, "{name} does not forbid unsafe code");
        }
    }
}

#[test]
fn bindings_are_named_at_the_edges_only() {
    let mut wrong = Vec::new();
    for (name, lines) in sources() {
        for line in lines {
            if line.contains("sys::") && !is_in(&name, BINDINGS) {
                wrong.push(format!("{name}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
