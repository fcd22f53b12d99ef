//! Outgoing acknowledgements: their order, and the back-pressure when they pile up.

use super::harness::broker::*;
use super::harness::client_packet::ClientPacket::{PubAck, PubComp, PubRec, PubRel};
use super::support::*;
use crate::limits::ACK_QUEUE;
use crate::session::SessionEvent;
use std::vec::Vec;

#[test]
fn mqtt_4_6_0_2_pubacks_go_out_in_the_order_of_the_publishes() {
    let mut client = connected(true);
    let numbers = [3, 1, 2, 300, 5];
    for number in numbers {
        client.receive(&incoming(QOS1, number, "x")).unwrap();
    }
    for _ in numbers {
        client.deliver();
    }
    assert_eq!(client.sent(), numbers.map(PubAck));
}

#[test]
fn mqtt_4_6_0_3_pubrecs_go_out_in_the_order_of_the_publishes() {
    let mut client = connected(false);
    let numbers = [3, 1, 2, 300, 5];
    for number in numbers {
        client.receive(&incoming(QOS2, number, "x")).unwrap();
    }
    client.deliver();
    client.deliver();
    assert_eq!(client.sent(), [3, 1].map(PubRec));
    // The broker begins again before all have been delivered.
    reconnect(&mut client, true);
    for number in numbers {
        client.receive(&incoming_again(QOS2, number, "x")).unwrap();
    }
    while !client.inbox.is_empty() {
        client.deliver();
    }
    assert_eq!(client.sent(), numbers.map(PubRec));
}

/// Takes `bytes` in without writing. Returns how many the session takes until it must write.
fn step_until_output_first(client: &mut Client, bytes: &[u8]) -> usize {
    let mut taken = 0;
    loop {
        let step = client.session.next_event(&bytes[taken..], None).unwrap();
        match step.event {
            SessionEvent::OutputFirst => return taken,
            SessionEvent::Incomplete { .. } => panic!("it never wanted to write"),
            _ => taken += step.consumed,
        }
    }
}

#[test]
fn when_they_pile_up_nothing_more_is_taken_in_and_none_is_lost() {
    let mut client = connected(true);
    let count = 3 * ACK_QUEUE as u16;
    let bytes = (1..=count).flat_map(pubrel).collect::<Vec<_>>();
    let taken = step_until_output_first(&mut client, &bytes);
    assert!(taken > 0 && taken / 4 <= ACK_QUEUE);
    assert!(client.session.must_write());
    client.flush();
    assert!(!client.session.must_write());
    client.receive(&bytes[taken..]).unwrap();
    assert_eq!(client.sent(), (1..=count).map(PubComp).collect::<Vec<_>>());
}

#[test]
fn a_message_delivered_while_they_pile_up_has_to_wait() {
    let mut client = connected(true);
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    let bytes = (1..=2 * ACK_QUEUE as u16)
        .flat_map(pubrec)
        .collect::<Vec<_>>();
    let taken = step_until_output_first(&mut client, &bytes);
    let receipt = client.inbox[0].receipt;
    assert!(!client.session.delivered(receipt));
    client.flush();
    assert_eq!(client.sent().len(), taken / 4);
    assert!(client.session.delivered(receipt));
    client.flush();
    assert_eq!(client.sent(), [PubAck(5)]);
}

#[test]
fn a_duplicate_whose_payload_ends_while_they_pile_up_is_acknowledged() {
    let mut client = connected(false);
    let delivered_meanwhile = 2 * ACK_QUEUE as u16;
    client.receive(&incoming(QOS2, 9999, "x")).unwrap();
    client.deliver();
    for number in 1..=delivered_meanwhile {
        client.receive(&incoming(QOS1, number, "y")).unwrap();
    }
    client.sent();
    let duplicate = incoming_again(QOS2, 9999, "x");
    let (front, payload) = duplicate.split_at(duplicate.len() - 1);
    client.receive(front).unwrap();
    // Another thread delivers while the payload is still on its way.
    let mut queued = 0;
    while let Some(message) = client.inbox.front()
        && client.session.delivered(message.receipt)
    {
        client.inbox.pop_front();
        queued += 1;
    }
    client.receive(payload).unwrap();
    let mut expected = (1..=queued).map(PubAck).collect::<Vec<_>>();
    expected.push(PubRec(9999));
    assert_eq!(client.sent(), expected);
}

#[test]
fn a_message_delivered_while_they_pile_up_counts_as_delivered() {
    let mut client = connected(false);
    client.receive(&incoming(QOS2, 9999, "x")).unwrap();
    let bytes = (1..=2 * ACK_QUEUE as u16)
        .flat_map(pubrec)
        .collect::<Vec<_>>();
    step_until_output_first(&mut client, &bytes);
    let receipt = client.inbox[0].receipt;
    assert!(!client.session.delivered(receipt));
    // The connection ends before there was room for its PUBREC.
    reconnect(&mut client, true);
    client.receive(&incoming_again(QOS2, 9999, "x")).unwrap();
    assert_eq!(client.sent(), [PubRec(9999)]);
}

#[test]
fn a_batch_is_never_longer_than_the_room_for_it() {
    for room in 0..16 {
        let mut client = connected(true);
        for number in 1..=3 {
            client.session.next_event(&pubrec(number), None).unwrap();
        }
        let mut out = std::vec![0xA5; room];
        let mut packets = Vec::new();
        for _ in 0..3 {
            let filled = client.session.poll_output(client.now, &mut out);
            packets.extend_from_slice(&out[..filled]);
        }
        client.wire = packets;
        let expected = if room < 4 { &[][..] } else { &[1, 2, 3][..] };
        let expected = expected.iter().map(|id| PubRel(*id)).collect::<Vec<_>>();
        assert_eq!(client.sent(), expected, "room for {room}");
    }
}

#[test]
fn answers_to_nothing_are_ignored() {
    let mut client = connected(true);
    client.publish(QOS2, 1).unwrap();
    client.sent();
    for bytes in [
        &puback(9)[..],
        &pubcomp(9),
        &suback(9, 1),
        &unsuback(9),
        &suback(1, 0x80),
        &unsuback(1),
        &PINGRESP,
    ] {
        client.receive(bytes).unwrap();
    }
    assert_eq!(client.answers, 0);
    assert_eq!(client.sent(), []);
    assert_eq!(client.session.unacknowledged(), 1);
}
