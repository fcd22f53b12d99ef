//! QoS 0 and QoS 1 outwards, on one connection.

use super::harness::broker::*;
use super::support::*;
use crate::codec::QoS;
use crate::session::HandshakeStatus;

#[test]
fn mqtt_4_3_1_1_qos_0_goes_out_without_dup_and_leaves_nothing_behind() {
    let mut client = connected(false);
    client.publish_at_most_once(7);
    assert_eq!(client.sent(), [published(QoS::AtMostOnce, 0, false, 7)]);
    assert_eq!(client.session.unacknowledged(), 0);
    assert_eq!(reconnect(&mut client, true), []);
}

#[test]
fn mqtt_4_3_2_1_qos_1_is_unacknowledged_until_its_puback() {
    let mut client = connected(false);
    let (ticket, _) = client.publish(QOS1, 7).unwrap();
    assert_eq!(client.sent(), [published(QOS1, 1, false, 7)]);
    // None of these is its PUBACK.
    for bytes in [puback(2), pubrec(1), pubcomp(1), unsuback(1)] {
        client.receive(&bytes).unwrap();
        assert_eq!(client.session.unacknowledged(), 1);
        assert_eq!(
            client.session.poll_handshake(ticket),
            HandshakeStatus::Pending
        );
    }
    client.receive(&puback(1)).unwrap();
    assert_eq!(client.session.unacknowledged(), 0);
    assert_eq!(reconnect(&mut client, true), []);
}

#[test]
fn pubacks_in_any_order_each_acknowledge_their_own() {
    let mut client = connected(true);
    let tickets = [1, 2, 3].map(|message| client.publish(QOS1, message).unwrap().0);
    for (number, index) in [(2, 1), (3, 2), (1, 0)] {
        client.receive(&puback(number)).unwrap();
        assert_eq!(
            client.session.poll_handshake(tickets[index]),
            HandshakeStatus::Complete
        );
    }
}
