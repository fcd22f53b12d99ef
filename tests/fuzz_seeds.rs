//! The seeds of the fuzz targets, without a fuzzer.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use mqtt::codec::Version;
use std::fs;
use std::path::Path;

/// Runs `target` on each of its seeds.
fn replay(name: &str, mut target: impl FnMut(&[u8])) {
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

#[test]
fn saved() {
    let mut sessions = 0;
    replay("saved", |data| {
        sessions += usize::from(targets::saved(data))
    });
    // An empty one and a full one, of each version.
    assert_eq!(sessions, 2 * Version::ALL.len());
}

#[cfg(feature = "tls")]
#[test]
fn tls() {
    let mut connected = 0;
    replay("tls_handshake", |data| {
        connected += u32::from(targets::tls::handshake(data));
    });
    // Honest ones, of which there are some among them.
    assert!(connected >= 3);
    replay("tls_records", targets::tls::records);
    replay("tls_context", targets::tls::context);
}
