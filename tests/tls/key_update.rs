//! New keys after the handshake (RFC 8446, section 4.6.3).

use mqtt::transport::tls::TlsError;

use super::good::connected;
use super::hostile::{World, fatal};
use super::link::{Received, Session};
use super::scripted::*;
use super::standard::Standard;
use super::suites::SUITES;

fn key_update(request: u8) -> Vec<u8> {
    message(KEY_UPDATE, &[request])
}

/// The answer of the client.
fn answer() -> (u8, Vec<u8>) {
    (HANDSHAKE, key_update(0))
}

fn data(bytes: &[u8]) -> (u8, Vec<u8>) {
    (APPLICATION_DATA, bytes.to_vec())
}

#[test]
fn the_keys_of_a_standard_server_change_often() {
    for suite in SUITES {
        change_often(connected(Some(suite)));
    }
}

fn change_often(mut session: Session<'static, Standard>) {
    for round in 0..100_u8 {
        let server = &mut session.stack.peer;
        server.connection.refresh_traffic_keys().unwrap();
        server.say(&[round; 3]);
        assert_eq!(session.receive_all().0, [round; 3]);
        session.send_all(&[round]);
        assert_eq!(session.stack.peer.heard.last(), Some(&round));
    }
    assert_eq!(session.stack.peer.heard.len(), 100);
}

#[test]
fn an_update_that_asks_for_nothing_is_followed() {
    let world = World::new();
    let mut session = world.session();
    let server = &mut session.stack.peer;
    let heard = server.heard.len();
    for _ in 0..3 {
        server.update_keys(&[&key_update(0)]);
    }
    server.protected(APPLICATION_DATA, b"new");
    assert_eq!(session.receive_all().0, b"new");
    session.send_all(b"old");
    assert_eq!(session.stack.peer.heard[heard..], [data(b"old")]);
}

#[test]
fn a_client_that_only_reads_answers() {
    let world = World::new();
    let mut session = world.session();
    let heard = session.stack.peer.heard.len();
    session.stack.peer.update_keys(&[&key_update(1)]);
    assert_eq!(session.receive(9), Received::Nothing);
    assert_eq!(session.stack.peer.heard[heard..], [answer()]);
    session.send_all(b"hello");
    assert_eq!(
        session.stack.peer.heard[heard..],
        [answer(), data(b"hello")]
    );
}

#[test]
fn an_answer_waits_for_room_and_the_reader_does_not() {
    let world = World::new();
    let mut session = world.session();
    let heard = session.stack.peer.heard.len();
    session.stack.room = 7;
    // One answer does for all of them: the client has sent nothing in between.
    for _ in 0..3 {
        session.stack.peer.update_keys(&[&key_update(1)]);
        session.stack.peer.protected(APPLICATION_DATA, b"x");
        assert_eq!(session.receive(9), Received::Bytes(b"x".to_vec()));
    }
    assert_eq!(session.send(b"hello"), None);
    assert_eq!(session.stack.peer.heard.len(), heard);
    // The first answer, which has begun, and one for the requests behind it.
    session.stack.room = usize::MAX;
    assert_eq!(session.send(b"hello"), Some(5));
    assert_eq!(
        session.stack.peer.heard[heard..],
        [answer(), answer(), data(b"hello")]
    );
}

#[test]
fn a_client_that_only_reads_finishes_its_answer() {
    let world = World::new();
    let mut session = world.session();
    session.stack.room = 7;
    session.stack.peer.update_keys(&[&key_update(1)]);
    assert_eq!(session.receive(9), Received::Nothing);
    session.stack.room = usize::MAX;
    assert_eq!(session.receive(9), Received::Nothing);
    assert_eq!(session.stack.peer.heard.last(), Some(&answer()));
}

#[test]
fn a_record_that_has_begun_leaves_before_the_answer() {
    let world = World::new();
    let mut session = world.session();
    let heard = session.stack.peer.heard.len();
    session.stack.room = 7;
    assert_eq!(session.send(b"hello"), None);
    session.stack.peer.update_keys(&[&key_update(1)]);
    session.stack.room = usize::MAX;
    assert_eq!(session.receive(9), Received::Nothing);
    assert_eq!(session.stack.peer.heard.len(), heard);
    assert_eq!(session.send(b"hello"), Some(5));
    assert_eq!(session.send(b"again"), Some(5));
    assert_eq!(
        session.stack.peer.heard[heard..],
        [data(b"hello"), answer(), data(b"again")]
    );
}

#[test]
fn updates_in_pieces_and_behind_tickets() {
    let world = World::new();
    let mut messages = message(NEW_SESSION_TICKET, &[9; 50]);
    messages.extend(key_update(1));
    for piece in [1, 2, 3, 54, 100] {
        let mut session = world.session();
        let pieces: Vec<_> = messages.chunks(piece).collect();
        session.stack.peer.update_keys(&pieces);
        session.stack.peer.protected(APPLICATION_DATA, b"new");
        assert_eq!(session.receive_all().0, b"new");
        assert_eq!(session.stack.peer.heard.last(), Some(&answer()));
    }
}

#[test]
fn malformed_updates() {
    let world = World::new();
    let with_more = |kind| [key_update(0), message(kind, &[0])].concat();
    let cases = [
        (key_update(2), 47, TlsError::KeyUpdate),
        (key_update(255), 47, TlsError::KeyUpdate),
        (message(KEY_UPDATE, &[]), 50, TlsError::BadHandshake),
        (message(KEY_UPDATE, &[0, 0]), 50, TlsError::BadHandshake),
        (vec![KEY_UPDATE, 1, 0, 1, 0], 50, TlsError::BadHandshake),
        // RFC 8446, section 5.1: the next message is under the new keys.
        (with_more(KEY_UPDATE), 10, TlsError::Unexpected),
        (with_more(NEW_SESSION_TICKET), 10, TlsError::Unexpected),
    ];
    for (update, alert, wanted) in cases {
        let error = fatal(&world, Some(alert), |server| {
            server.protected(HANDSHAKE, &update);
        });
        assert_eq!(error, wanted, "{update:?}");
    }
    // Data between the pieces.
    let error = fatal(&world, Some(10), |server| {
        server.protected(HANDSHAKE, &key_update(0)[..4]);
        server.protected(APPLICATION_DATA, b"hello");
    });
    assert_eq!(error, TlsError::Unexpected);
}

#[test]
fn data_under_the_old_keys() {
    let world = World::new();
    let error = fatal(&world, Some(20), |server| {
        server.protected(HANDSHAKE, &key_update(0));
        server.protected(APPLICATION_DATA, b"hello");
    });
    assert_eq!(error, TlsError::BadMac);
}

#[test]
fn a_flood_of_updates_ends() {
    let world = World::new();
    let mut session = world.session();
    // Data in between make it no flood, and data of no length do not.
    for _ in 0..100 {
        session.stack.peer.update_keys(&[&key_update(1)]);
        session.stack.peer.protected(APPLICATION_DATA, b"x");
    }
    assert_eq!(session.receive_all(), (vec![b'x'; 100], Received::Nothing));
    for _ in 0..32 {
        session.stack.peer.update_keys(&[&key_update(1)]);
        session.stack.peer.protected(APPLICATION_DATA, b"");
    }
    assert_eq!(session.receive_all().1, Received::Nothing);
    session.stack.peer.update_keys(&[&key_update(1)]);
    let flood = Received::Error(TlsError::TooManyUpdates);
    assert_eq!(session.receive_all(), (vec![], flood));
    assert_eq!(session.stack.peer.heard.last(), Some(&(ALERT, vec![2, 10])));
}
