//! Messages that no caller waits for.

use super::harness::application::{OUTBOX_ROOM, Record};
use super::harness::broker::*;
use super::harness::client_packet::ClientPacket::{PubAck, PubRel};
use super::support::*;
use crate::codec::{AckedQos, QoS};
use crate::limits::IN_FLIGHT;
use crate::session::HandshakeStatus::{Complete, Lost, Pending};
use crate::session::{CommandError, HandshakeStatus, NoOutbox, Outbox, Queued};
use std::vec::Vec;

type Records = Vec<Record>;

/// Publishes messages 1 to `n`, of which the window takes as many as it can.
fn publish(client: &mut Client, qos: QoS, n: usize) -> Records {
    (1..=n as u32)
        .map(|message| client.publish_later(qos, message).unwrap())
        .collect()
}

fn statuses(records: &Records) -> Vec<HandshakeStatus> {
    records.iter().map(|record| record.status()).collect()
}

/// Messages `first` to `last`, with identifiers of the same numbers.
fn publishes(
    qos: QoS,
    first: usize,
    last: usize,
) -> Vec<super::harness::client_packet::ClientPacket> {
    (first as u16..=last as u16)
        .map(|number| published(qos, number, false, number.into()))
        .collect()
}

#[test]
fn mqtt_4_6_0_1_messages_leave_in_order_as_the_window_makes_room() {
    for qos in [QOS1, QOS2] {
        let mut client = connected(true);
        let records = publish(&mut client, qos, IN_FLIGHT + 3);
        assert_eq!(client.sent(), publishes(qos, 1, IN_FLIGHT));
        for number in 1..=IN_FLIGHT as u16 + 3 {
            if qos == QOS2 {
                client.receive(&pubrec(number)).unwrap();
                assert_eq!(client.sent(), [PubRel(number)], "PUBREC makes no room");
            }
            let answer = if qos == QOS1 {
                puback(number)
            } else {
                pubcomp(number)
            };
            let index = usize::from(number) - 1;
            assert_eq!(records[index].status(), Pending);
            client.receive(&answer).unwrap();
            assert_eq!(records[index].status(), Complete);
            let next = IN_FLIGHT + usize::from(number);
            let expected = if next <= records.len() {
                publishes(qos, next, next)
            } else {
                Vec::new()
            };
            assert_eq!(client.sent(), expected);
        }
        assert!(client.session.outbox_is_empty());
        assert_eq!(client.session.unacknowledged(), 0);
    }
}

#[test]
fn a_caller_that_waits_does_not_overtake_the_outbox() {
    let mut client = connected(true);
    let records = publish(&mut client, QOS1, IN_FLIGHT + 1);
    assert_eq!(client.publish(QOS1, 99), Err(CommandError::Full));
    client.sent();
    // A place becomes free, and the outbox's message takes it.
    client.lazy = true;
    client.receive(&puback(1)).unwrap();
    assert!(!client.session.window_is_full());
    assert_eq!(client.publish(QOS1, 99), Err(CommandError::Full));
    client.lazy = false;
    client.receive(&puback(2)).unwrap();
    assert!(client.publish(QOS1, 99).is_ok());
    let last = IN_FLIGHT as u16 + 2;
    assert_eq!(
        client.sent(),
        [
            published(QOS1, last - 1, false, last as u32 - 1),
            published(QOS1, last, false, 99)
        ]
    );
    assert_eq!(statuses(&records)[..3], [Complete, Complete, Pending]);
}

#[test]
fn a_caller_that_has_seen_its_puback_makes_room_for_the_outbox() {
    let mut client = connected(true);
    let (ticket, _) = client.publish(QOS1, 1).unwrap();
    for message in 2..=IN_FLIGHT as u32 {
        client.publish(QOS1, message).unwrap();
    }
    client.sent();
    client.publish_later(QOS1, 99).unwrap();
    client.receive(&puback(1)).unwrap();
    assert_eq!(client.sent(), []);
    assert!(!client.session.has_output());
    assert_eq!(client.session.poll_handshake(ticket), Complete);
    assert!(client.session.has_output());
    client.flush();
    let last = IN_FLIGHT as u16 + 1;
    assert_eq!(client.sent(), [published(QOS1, last, false, 99)]);
}

#[test]
fn a_message_of_a_caller_that_waits_may_stand_in_the_outbox_whatever_its_size() {
    let mut client = connected(true);
    publish(&mut client, QOS1, IN_FLIGHT + OUTBOX_ROOM);
    let full = client.enqueue(QOS1, 99, true);
    assert_eq!(full.err(), Some(CommandError::Full));
    let record = client.enqueue(QOS1, 99, false).unwrap();
    for number in 1..=(IN_FLIGHT + OUTBOX_ROOM + 1) as u16 {
        assert_eq!(record.status(), Pending);
        client.receive(&puback(number)).unwrap();
    }
    assert_eq!(record.status(), Complete);
}

#[test]
fn the_outbox_is_bounded_and_has_all_its_room_again() {
    let mut client = connected(false);
    for round in 0..5 {
        client.lose();
        publish(&mut client, QOS1, OUTBOX_ROOM);
        let full = client.publish_later(QOS1, 99);
        assert_eq!(full.err(), Some(CommandError::Full));
        reconnect(&mut client, true);
        for number in 1..=OUTBOX_ROOM as u16 {
            let number = round * OUTBOX_ROOM as u16 + number;
            client.receive(&puback(number)).unwrap();
        }
        assert_eq!(client.session.unacknowledged(), 0);
    }
}

#[test]
fn messages_of_the_time_without_a_connection_leave_on_the_next_one() {
    for clean in [true, false] {
        let mut client = Client::new(clean);
        let records = publish(&mut client, QOS1, 2);
        // An attempt that fails, and one that the broker refuses.
        client.connect(0);
        client.lose();
        client.connect(0);
        client.receive(&refusal(3)).unwrap();
        assert_eq!(statuses(&records), [Pending, Pending]);
        assert_eq!(reconnect(&mut client, false), publishes(QOS1, 1, 2));
        client.receive(&puback(1)).unwrap();
        client.receive(&puback(2)).unwrap();
        assert_eq!(statuses(&records), [Complete, Complete]);
    }
}

#[test]
fn messages_that_come_before_the_connack_wait_for_it() {
    let mut client = Client::new(true);
    client.connect(0);
    client.sent();
    publish(&mut client, QOS1, 1);
    assert_eq!(client.sent(), []);
    client.receive(&connack(false)).unwrap();
    assert_eq!(client.sent(), publishes(QOS1, 1, 1));
}

#[test]
fn mqtt_4_4_0_1_messages_in_flight_go_out_again_before_those_that_wait() {
    let mut client = connected(false);
    let records = publish(&mut client, QOS1, IN_FLIGHT + 2);
    client.sent();
    let again: Vec<_> = (1..=IN_FLIGHT as u16)
        .map(|number| published(QOS1, number, true, number.into()))
        .collect();
    assert_eq!(reconnect(&mut client, true), again);
    assert!(statuses(&records).iter().all(|status| *status == Pending));
    client.receive(&puback(1)).unwrap();
    let next = IN_FLIGHT + 1;
    assert_eq!(client.sent(), publishes(QOS1, next, next));
    // A broker that has lost the session gets all that was in flight as new.
    let mut sent = reconnect(&mut client, false);
    assert_eq!(sent, publishes(QOS1, 2, next));
    for number in 2..=next as u16 + 1 {
        client.receive(&puback(number)).unwrap();
        sent.extend(client.sent());
    }
    assert_eq!(sent, publishes(QOS1, 2, next + 1));
    assert!(statuses(&records).iter().all(|status| *status == Complete));
}

#[test]
fn mqtt_3_1_2_6_a_lost_connection_of_a_clean_session_ends_all_messages() {
    let mut client = connected(true);
    let mut records = publish(&mut client, QOS1, IN_FLIGHT);
    records.extend(publish(&mut client, QOS2, 2));
    client.receive(&puback(2)).unwrap();
    client.lose();
    for (index, status) in statuses(&records).into_iter().enumerate() {
        assert_eq!(status, if index == 1 { Complete } else { Lost });
    }
    assert!(client.session.outbox_is_empty());
    assert_eq!(reconnect(&mut client, false), []);
}

#[test]
fn a_qos_2_message_that_the_broker_lost_with_its_session_is_told_of() {
    let mut client = connected(false);
    let records = publish(&mut client, QOS2, 2);
    client.receive(&pubrec(1)).unwrap();
    assert_eq!(
        reconnect(&mut client, false),
        [published(QOS2, 2, false, 2)]
    );
    assert_eq!(statuses(&records), [Lost, Pending]);
}

#[test]
fn messages_that_are_given_up_stay_with_a_stored_session_alone() {
    for clean in [true, false] {
        let mut client = connected(clean);
        let records = publish(&mut client, QOS1, IN_FLIGHT + 1);
        client.sent();
        client.disconnect();
        assert!(statuses(&records).iter().all(|status| *status == Lost));
        assert_eq!(client.session.outbox_is_empty(), clean);
        let mut sent = reconnect(&mut client, !clean);
        for number in 1..=IN_FLIGHT as u16 + 1 {
            client.receive(&puback(number)).unwrap();
        }
        sent.extend(client.sent());
        assert_eq!(sent.len(), if clean { 0 } else { IN_FLIGHT + 1 });
        // The application was told of the end once, and that counts.
        assert!(statuses(&records).iter().all(|status| *status == Lost));
    }
}

#[test]
fn messages_are_given_up_without_a_connection_too() {
    for clean in [true, false] {
        let mut client = Client::new(clean);
        let records = publish(&mut client, QOS1, 1);
        client.disconnect();
        assert_eq!(statuses(&records), [Lost]);
        let sent = reconnect(&mut client, false);
        assert_eq!(sent.len(), if clean { 0 } else { 1 });
    }
}

#[test]
fn a_packet_that_is_cut_goes_on_before_anything_else() {
    let mut client = connected(true);
    client.narrow = 1;
    publish(&mut client, QOS1, 2);
    client.receive(&incoming(QOS1, 7, "x")).unwrap();
    client.deliver();
    assert!(client.session.has_output());
    client.narrow = 0;
    client.flush();
    let mut sent = client.sent();
    assert_eq!(sent.remove(0), published(QOS1, 1, false, 1));
    // An acknowledgement need not wait for the whole outbox.
    assert_eq!(sent, [PubAck(7), published(QOS1, 2, false, 2)]);
}

#[test]
fn a_packet_that_is_cut_for_good_is_sent_again() {
    let mut client = connected(false);
    client.narrow = 4;
    let records = publish(&mut client, QOS1, 2);
    client.lose();
    client.narrow = 0;
    assert_eq!(
        reconnect(&mut client, true),
        [published(QOS1, 1, true, 1), published(QOS1, 2, false, 2)]
    );
    assert_eq!(statuses(&records), [Pending, Pending]);
    // The caller that wrote notices late.
    client.session.queued_written(None);
    client.lose();
    client.session.queued_written(Some(9));
    assert_eq!(
        reconnect(&mut client, true),
        [published(QOS1, 1, true, 1), published(QOS1, 2, true, 2)]
    );
}

#[test]
fn a_packet_that_is_cut_in_a_clean_session_is_told_of() {
    let mut client = connected(true);
    client.narrow = 4;
    let records = publish(&mut client, QOS1, 2);
    client.lose();
    assert_eq!(statuses(&records), [Lost, Lost]);
    assert_eq!(reconnect(&mut client, false), []);
}

#[test]
fn mqtt_2_3_1_2_identifiers_in_use_are_skipped_for_the_outbox_too() {
    let mut client = connected(true);
    client.publish(QOS2, 1).unwrap();
    client.subscribe("a", 1, QOS1);
    client.publish_later(QOS1, 2).unwrap();
    assert_eq!(client.sent()[2], published(QOS1, 3, false, 2));
}

#[test]
fn the_outbox_of_an_application_that_has_none_stays_empty() {
    let mut outbox = NoOutbox;
    let tracker = connected(false).publish_later(QOS1, 1).unwrap();
    let queued = Queued {
        qos: AckedQos::AtLeastOnce,
        message: 1,
        tracker,
    };
    outbox.push(queued);
    Outbox::<u32, Record>::pop(&mut outbox);
    assert!(Outbox::<u32, Record>::first(&outbox).is_none());
    assert!(Outbox::<u32, Record>::is_empty(&outbox));
    Outbox::<u32, Record>::for_each(&outbox, |queued| panic!("{queued:?}"));
}
