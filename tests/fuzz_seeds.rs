//! The seeds of the fuzz targets, without a fuzzer.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;

/// Runs `target` on each of its seeds.
fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut count = 0;
    for entry in fs::read_dir(folder.join(name)).unwrap() {
        let path = entry.unwrap().path();
        // Shown when it fails.
        println!("{}", path.display());
        target(&fs::read(path).unwrap());
        count += 1;
    }
    assert!(count > 0, "no seeds for {name}");
}

#[test]
fn decode() {
    replay("decode", targets::decode);
}

#[test]
fn stream() {
    replay("stream", targets::stream);
}

#[test]
fn session() {
    replay("session", targets::session);
}
