//! DISCONNECT and AUTH.

use super::support::*;
use crate::codec::tests::support::{assert_encodes, encode};
use crate::codec::*;

fn disconnect(code: u8, block: &[u8]) -> Disconnect<'_> {
    Disconnect {
        code: ReasonCode::of_disconnect(code).unwrap(),
        properties: properties(block, Place::Disconnect),
    }
}

#[test]
fn bytes_of_a_disconnect() {
    assert_eq!(DISCONNECT, [0xE0, 0]);
    assert_encodes(&disconnect(0, b""), &[0xE0, 2, 0, 0]);
    assert_encodes(&disconnect(4, b""), &[0xE0, 2, 4, 0]);
    assert_encodes(
        &disconnect(0x82, b"\x1F\0\x03why\x11\0\0\0\0"),
        b"\xE0\x0D\x82\x0B\x1F\0\x03why\x11\0\0\0\0",
    );
    let block = b"\x26\0\x01n\0\x01v".repeat(20);
    let expected = packet(0xE0, &[&[0x98, 0x8C, 0x01], &block[..]].concat());
    assert_encodes(&disconnect(0x98, &block), &expected);
}

#[test]
fn bytes_of_an_auth() {
    let auth = |anew| Auth {
        anew,
        properties: properties(METHOD, Place::Auth),
    };
    assert_encodes(&auth(false), b"\xF0\x06\x18\x04\x15\0\x01m");
    assert_encodes(&auth(true), b"\xF0\x06\x19\x04\x15\0\x01m");
}

#[test]
fn mqtt5_3_15_2_1_an_auth_has_a_code_of_its_own() {
    for anew in [false, true] {
        let auth = Auth {
            anew,
            properties: properties(METHOD, Place::Auth),
        };
        assert_eq!(encode(&auth)[2], if anew { 0x19 } else { 0x18 });
    }
    // A new authentication is the client's to begin.
    for code in [0x01, 0x04, 0x17, 0x19, 0x80, 0x87, 0x8C] {
        assert_refused(&front(0xF0, &[code], 5), DecodeError::ReasonCode);
    }
}

// ---- from the server

fn reason(bytes: &[u8]) -> Reason<'_> {
    match decode_next(Version::V5, bytes, None) {
        Ok(Decoded::Packet {
            packet: Packet::Disconnect(reason) | Packet::Auth(reason),
            ..
        }) => reason,
        other => panic!("{bytes:x?}: {other:x?}"),
    }
}

#[test]
fn a_disconnect_in_its_three_lengths() {
    for (bytes, code, block) in [
        (&[0xE0, 0][..], 0, &b""[..]),
        (&[0xE0, 1, 0x8B], 0x8B, b""),
        (&[0xE0, 2, 0x8B, 0], 0x8B, b""),
        (b"\xE0\x06\x9D\x04\x1C\0\x01s", 0x9D, b"\x1C\0\x01s"),
    ] {
        let reason = reason(bytes);
        assert_eq!(reason.code.get(), code);
        let found = reason.properties.unwrap();
        assert_eq!(found, properties(block, Place::Goodbye));
        assert_decodes(bytes, Packet::Disconnect(reason));
    }
}

#[test]
fn an_auth_in_its_lengths() {
    for (bytes, code, block) in [
        (&[0xF0, 0][..], 0, &b""[..]),
        (&[0xF0, 2, 0, 0], 0, b""),
        (b"\xF0\x06\x00\x04\x15\0\x01m", 0, METHOD),
        (b"\xF0\x06\x18\x04\x15\0\x01m", 0x18, METHOD),
    ] {
        let reason = reason(bytes);
        assert_eq!(reason.code.get(), code);
        let found = reason.properties.unwrap();
        assert_eq!(found, properties(block, Place::Auth));
        assert_decodes(bytes, Packet::Auth(reason));
    }
}

#[test]
fn an_auth_that_goes_on_without_a_method_is_refused() {
    let error = DecodeError::NoAuthenticationMethod;
    assert_refused(&[0xF0, 1, 0x18], error);
    assert_refused(&[0xF0, 2, 0x18, 0], error);
    for code in [0, 0x18] {
        assert_refused(&[0xF0, 7, code, 5, 0x26, 0, 0, 0, 0], error);
        assert_refused(&[0xF0, 5, code, 3, 0x1F, 0, 0], error);
    }
}

#[test]
fn mqtt5_3_14_2_2_a_disconnect_from_the_server_has_no_session_expiry_interval() {
    let error = DecodeError::Property;
    assert_refused(&[0xE0, 7, 0, 5, 0x11], error);
    assert_refused(&[0xE0, 12, 0x8B, 10, 0x26, 0, 0, 0, 0, 0x11], error);
}

#[test]
fn mqtt5_3_14_2_1_a_disconnect_from_the_server_has_a_code_of_servers() {
    for code in [
        0x01, 0x04, 0x10, 0x84, 0x85, 0x86, 0x88, 0x8A, 0x91, 0x92, 0xA3, 0xFF,
    ] {
        assert_refused(&[0xE0, 1, code], DecodeError::ReasonCode);
        assert_refused(&[0xE0, 2, code], DecodeError::ReasonCode);
    }
}
