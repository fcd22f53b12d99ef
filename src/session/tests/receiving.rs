//! Messages inwards: each QoS 2 message reaches the application once.

use super::harness::broker::*;
use super::harness::client_packet::ClientPacket::{PubAck, PubComp, PubRec};
use super::support::*;
use crate::codec::QoS;
use crate::limits::INCOMING_QOS2;
use crate::session::{Error, MessageFlags, Receipt, SessionEvent};
use std::vec::Vec;

#[test]
fn mqtt_3_3_4_1_each_qos_is_answered_as_the_table_says() {
    let mut client = connected(true);
    for (qos, answer) in [
        (QoS::AtMostOnce, None),
        (QOS1, Some(PubAck(5))),
        (QOS2, Some(PubRec(5))),
    ] {
        client.receive(&incoming(qos, 5, "x")).unwrap();
        assert_eq!(client.sent(), [], "the application has not had it");
        client.deliver();
        assert_eq!(client.sent(), Vec::from_iter(answer));
    }
}

#[test]
fn mqtt_4_5_0_2_a_message_that_no_filter_matches_is_acknowledged() {
    let mut client = connected(true);
    client.subscribe_granted("elsewhere", 1, QOS2);
    client.sent();
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    client.receive(&incoming(QOS2, 6, "y")).unwrap();
    assert_eq!(client.deliver(), []);
    assert_eq!(client.deliver(), []);
    assert_eq!(client.sent(), [PubAck(5), PubRec(6)]);
}

#[test]
fn mqtt_4_3_2_2_after_its_puback_the_same_identifier_is_a_new_message() {
    let mut client = connected(true);
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    client.deliver();
    client.receive(&incoming_again(QOS1, 5, "y")).unwrap();
    assert_eq!(inbox(&client), ["y"]);
    client.deliver();
    assert_eq!(client.sent(), [PubAck(5), PubAck(5)]);
}

#[test]
fn mqtt_4_3_3_2_until_pubrel_the_same_identifier_is_the_same_message() {
    let mut client = connected(false);
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    client.receive(&incoming_again(QOS2, 5, "x")).unwrap();
    assert_eq!(client.sent(), [], "the application has not had it");
    client.deliver();
    assert_eq!(client.sent(), [PubRec(5)]);
    client.receive(&incoming_again(QOS2, 5, "x")).unwrap();
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    assert_eq!(client.sent(), [PubRec(5), PubRec(5)]);
    assert_eq!(client.inbox.len(), 0);
    client.receive(&pubrel(5)).unwrap();
    assert_eq!(client.sent(), [PubComp(5)]);
    client.receive(&incoming(QOS2, 5, "y")).unwrap();
    assert_eq!(inbox(&client), ["y"]);
}

#[test]
fn mqtt_4_3_3_2_pubcomp_has_the_identifier_of_the_pubrel_known_or_not() {
    let mut client = connected(true);
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    client.deliver();
    client.sent();
    client.receive(&pubrel(9)).unwrap();
    client.receive(&pubrel(5)).unwrap();
    client.receive(&pubrel(5)).unwrap();
    assert_eq!(client.sent(), [PubComp(9), PubComp(5), PubComp(5)]);
}

#[test]
fn mqtt_2_3_1_6_puback_and_pubrec_have_the_identifier_of_the_publish() {
    let mut client = connected(true);
    for number in [1, 256, 65_535] {
        client.receive(&incoming(QOS1, number, "x")).unwrap();
        client.receive(&incoming(QOS2, number, "y")).unwrap();
        client.deliver();
        client.deliver();
        assert_eq!(client.sent(), [PubAck(number), PubRec(number)]);
    }
}

#[test]
fn qos_1_and_qos_2_messages_with_the_same_identifier_are_different_ones() {
    let mut client = connected(true);
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    client.receive(&incoming(QOS1, 5, "y")).unwrap();
    assert_eq!(inbox(&client), ["x", "y"]);
}

// ---- over a new connection

#[test]
fn delivered_before_the_reconnect_it_is_not_delivered_again() {
    let mut client = connected(false);
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    client.deliver();
    reconnect(&mut client, true);
    client.receive(&incoming_again(QOS2, 5, "x")).unwrap();
    assert_eq!(client.inbox.len(), 0);
    assert_eq!(client.sent(), [PubRec(5)]);
}

#[test]
fn queued_over_the_reconnect_it_is_delivered_once_whichever_comes_first() {
    // Delivery, then the broker's second attempt.
    let mut client = connected(false);
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    reconnect(&mut client, true);
    client.deliver();
    assert_eq!(client.sent(), [], "not received on this connection");
    client.receive(&incoming_again(QOS2, 5, "x")).unwrap();
    assert_eq!(client.inbox.len(), 0);
    assert_eq!(client.sent(), [PubRec(5)]);

    // The other way round.
    let mut client = connected(false);
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    reconnect(&mut client, true);
    client.receive(&incoming_again(QOS2, 5, "x")).unwrap();
    assert_eq!(inbox(&client), ["x"]);
    assert_eq!(client.sent(), []);
    client.deliver();
    assert_eq!(client.sent(), [PubRec(5)]);
}

#[test]
fn delivered_between_two_connections_it_is_acknowledged_on_the_second() {
    let mut client = connected(false);
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    client.lose();
    client.deliver();
    assert_eq!(reconnect(&mut client, true), []);
    client.receive(&incoming_again(QOS2, 5, "x")).unwrap();
    assert_eq!(client.inbox.len(), 0);
    assert_eq!(client.sent(), [PubRec(5)]);
}

#[test]
fn a_pubrel_on_the_next_connection_ends_it() {
    let mut client = connected(false);
    client.receive(&incoming(QOS2, 5, "x")).unwrap();
    client.deliver();
    reconnect(&mut client, true);
    client.receive(&pubrel(5)).unwrap();
    assert_eq!(client.sent(), [PubComp(5)]);
    client.receive(&incoming(QOS2, 5, "y")).unwrap();
    assert_eq!(inbox(&client), ["y"]);
}

#[test]
fn queued_over_a_lost_session_it_is_not_taken_for_a_message_of_the_new_one() {
    for clean in [false, true] {
        let mut client = connected(clean);
        client.receive(&incoming(QOS2, 5, "x")).unwrap();
        reconnect(&mut client, false);
        client.receive(&incoming(QOS2, 5, "y")).unwrap();
        assert_eq!(inbox(&client), ["x", "y"]);
        client.deliver();
        assert_eq!(client.sent(), [], "that was the old session's");
        client.deliver();
        assert_eq!(client.sent(), [PubRec(5)]);
    }
}

#[test]
fn a_puback_never_goes_out_on_a_later_connection_than_its_publish() {
    for session_present in [false, true] {
        let mut client = connected(false);
        client.receive(&incoming(QOS1, 5, "x")).unwrap();
        reconnect(&mut client, session_present);
        client.receive(&incoming(QOS1, 5, "y")).unwrap();
        client.deliver();
        assert_eq!(client.sent(), []);
        client.deliver();
        assert_eq!(client.sent(), [PubAck(5)]);
    }
}

#[test]
fn acknowledgements_not_written_by_the_end_of_the_connection_do_not_go_out_on_the_next() {
    let mut client = connected(false);
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    let receipt = client.inbox[0].receipt;
    assert!(client.session.delivered(receipt));
    assert!(client.session.has_output());
    client.lose();
    assert!(!client.session.has_output());
    assert_eq!(reconnect(&mut client, true), []);
}

// ---- cut off

#[test]
fn a_message_that_was_cut_off_is_delivered_when_it_comes_whole() {
    for qos in [QOS1, QOS2] {
        let bytes = incoming(qos, 5, "payload");
        for cut in 0..bytes.len() {
            let mut client = connected(false);
            client.receive(&bytes[..cut]).unwrap();
            assert_eq!(client.inbox.len(), 0);
            reconnect(&mut client, true);
            client.receive(&incoming_again(qos, 5, "payload")).unwrap();
            assert_eq!(inbox(&client), ["payload"], "cut at {cut}");
        }
    }
}

#[test]
fn a_reader_that_is_late_to_see_the_end_of_the_connection_does_not_take_half_a_message_for_one() {
    for qos in [QoS::AtMostOnce, QOS1, QOS2] {
        let mut client = connected(false);
        let bytes = incoming(qos, 5, "payload");
        client.receive(&bytes[..bytes.len() - 3]).unwrap();
        client.session.connection_lost();
        assert_eq!(client.finish_partial(), Err(Error::ConnectionLost));
        assert_eq!(client.inbox.len(), 0);
        reconnect(&mut client, true);
        client.receive(&incoming(qos, 5, "payload")).unwrap();
        assert_eq!(inbox(&client), ["payload"]);
    }
}

// ---- bounds

#[test]
fn more_qos_2_messages_at_once_than_fit_end_the_connection_and_none_is_lost() {
    let mut client = connected(false);
    let last = INCOMING_QOS2 as u16;
    for number in 1..=last {
        client.receive(&incoming(QOS2, number, "x")).unwrap();
    }
    // Of those that are known there may come more.
    client.receive(&incoming_again(QOS2, last, "x")).unwrap();
    client.receive(&incoming(QOS1, last + 1, "y")).unwrap();
    let one_more = incoming(QOS2, last + 1, "z");
    assert_eq!(client.receive(&one_more), Err(Error::TooManyIncoming));
    assert_eq!(client.inbox.len(), INCOMING_QOS2 + 1);

    reconnect(&mut client, true);
    client.inbox.clear();
    client.receive(&pubrel(1)).unwrap();
    client
        .receive(&incoming_again(QOS2, last + 1, "z"))
        .unwrap();
    assert_eq!(inbox(&client), ["z"]);
}

#[test]
fn a_receipt_tells_the_flags_of_the_publish() {
    let mut client = connected(true);
    // PUBLISH with RETAIN at QoS 0; with DUP at QoS 1; with DUP and RETAIN at QoS 2.
    client.receive(b"\x31\x03\0\x01a").unwrap();
    client.receive(b"\x3a\x05\0\x01a\0\x05").unwrap();
    client.receive(b"\x3d\x05\0\x01a\0\x06").unwrap();
    let flags = |receipt: Receipt| {
        let flags = MessageFlags::from_bits(receipt.flags().bits());
        (flags.qos(), flags.dup(), flags.retain())
    };
    let seen: Vec<_> = client.inbox.iter().map(|m| flags(m.receipt)).collect();
    let expected = [(0, false, true), (1, true, false), (2, true, true)];
    assert_eq!(seen, expected);
}

#[test]
fn the_end_of_a_message_of_the_old_connection_is_not_that_of_the_message_on_the_new_one() {
    let mut client = connected(false);
    let bytes = incoming(QOS1, 5, "payload");
    let old = begin(&mut client, &bytes);
    reconnect(&mut client, true);
    let new = begin(&mut client, &bytes);
    assert_eq!(client.session.arrived(old), Err(Error::ConnectionLost));
    assert_eq!(client.session.arrived(new), Ok(()));
    assert_eq!(client.session.arrived(new), Err(Error::ConnectionLost));
}

fn begin(client: &mut Client, bytes: &[u8]) -> Receipt {
    match client.session.next_event(bytes, None).unwrap().event {
        SessionEvent::Message { receipt, .. } => receipt,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_being_received_until_it_has_arrived_or_the_connection_has_ended() {
    for ends in [false, true] {
        let mut client = connected(false);
        let header = b"\x32\x06\0\x01x\0\x05p";
        let next = client.session.next_event(header, None).unwrap();
        let SessionEvent::Message { receipt, .. } = next.event else {
            panic!("{next:?}");
        };
        assert!(client.session.is_receiving(receipt));
        if ends {
            client.session.connection_lost();
        } else {
            client.session.arrived(receipt).unwrap();
        }
        assert!(!client.session.is_receiving(receipt));
        assert!(!client.session.is_receiving(Receipt::NONE));
    }
}

#[test]
fn a_part_of_a_message_acknowledges_nothing() {
    let mut client = connected(false);
    for (qos, id, ack) in [(QOS1, 5, PubAck(5)), (QOS2, 6, PubRec(6))] {
        client.receive(&incoming(qos, id, "x")).unwrap();
        let receipt = client.inbox.front().unwrap().receipt;
        let part = receipt.of_part();
        assert_eq!(part.flags(), receipt.flags());
        assert!(client.session.delivered(part));
        assert!(client.session.delivered(Receipt::NONE));
        assert_eq!(client.sent(), []);
        client.deliver();
        assert_eq!(client.sent(), [ack]);
    }
}
