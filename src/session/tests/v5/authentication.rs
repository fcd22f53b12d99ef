//! When a broker may send AUTH.

use super::*;

const CONTINUE: &[u8] = b"\xF0\x06\x18\x04\x15\0\x01m";
const SUCCESS: &[u8] = b"\xF0\x06\0\x04\x15\0\x01m";

/// A client that has sent CONNECT, with a method or without.
fn connecting(with_method: bool) -> Client {
    let mut client = Client::of_version(V5, false);
    client.connect(10);
    if with_method {
        assert!(client.session.begin_authentication());
    }
    client.sent();
    client
}

/// The reason code of the AUTH that `input` is, as the application gets it.
fn take(client: &mut Client, input: &[u8]) -> Result<u8, Error> {
    let next = client.session.next_event(input, None)?;
    let SessionEvent::Auth(reason) = next.event else {
        panic!("{next:?}");
    };
    assert_eq!(next.consumed, input.len());
    Ok(reason.code.get())
}

#[test]
fn challenges_before_the_connack_go_to_the_application() {
    let mut client = connecting(true);
    for _ in 0..3 {
        assert_eq!(take(&mut client, CONTINUE), Ok(0x18));
    }
    client.receive(&connack(false, b"")).unwrap();
    assert!(!client.session.is_authenticating());
    assert_eq!(take(&mut client, CONTINUE), Err(Error::Auth));
}

#[test]
fn the_success_of_a_connect_is_a_connack() {
    for success in [SUCCESS, b"\xF0\0"] {
        assert_eq!(take(&mut connecting(true), success), Err(Error::Auth));
    }
}

#[test]
fn mqtt5_4_12_0_7_a_client_without_a_method_takes_no_auth() {
    for input in [CONTINUE, SUCCESS, b"\xF0\0"] {
        let mut client = connecting(false);
        assert_eq!(take(&mut client, input), Err(Error::Auth));
        let mut client = connected_with(b"");
        assert_eq!(take(&mut client, input), Err(Error::Auth));
    }
    assert_eq!(Error::Auth.reason_code().map(ReasonCode::get), Some(0x82));
}

#[test]
fn mqtt5_4_12_1_1_a_client_authenticates_again_at_any_time() {
    let mut client = connected_with(b"");
    for success in [SUCCESS, b"\xF0\0"] {
        assert!(client.session.begin_authentication());
        assert!(!client.session.begin_authentication(), "one at a time");
        assert_eq!(take(&mut client, CONTINUE), Ok(0x18));
        // Other packets come and go meanwhile.
        let (ticket, _) = client.publish(QOS1, 1).unwrap();
        let id = publishes(&client.sent())[0];
        client.receive(&ack(0x40, id as u8, 0)).unwrap();
        assert_eq!(
            client.session.poll_handshake(ticket),
            HandshakeStatus::Complete
        );
        assert_eq!(take(&mut client, success), Ok(0));
        // The application may have no memory for the data yet.
        assert_eq!(take(&mut client, success), Ok(0));
        client.session.end_authentication();
        assert_eq!(take(&mut client, success), Err(Error::Auth));
    }
}

#[test]
fn an_authentication_ends_with_the_connection() {
    let mut client = connected_with(b"");
    assert!(client.session.begin_authentication());
    client.lose();
    assert!(!client.session.is_authenticating());
    client.connect(10);
    assert_eq!(take(&mut client, CONTINUE), Err(Error::Auth));
}

#[test]
fn mqtt5_3_1_2_30_no_pingreq_leaves_before_the_connack() {
    let mut client = connecting(true);
    for _ in 0..5 {
        client.wait(10_000).unwrap();
        assert_eq!(take(&mut client, CONTINUE), Ok(0x18));
        assert_eq!(client.sent(), []);
    }
    client.receive(&connack(false, b"")).unwrap();
    client.wait(10_000).unwrap();
    assert_eq!(client.sent(), [ClientPacket::PingReq]);
}
