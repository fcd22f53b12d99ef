//! PINGREQ in time, and a PINGRESP that does not come.

use super::harness::broker::*;
use super::harness::client::PATIENCE;
use super::harness::client_packet::ClientPacket::{PingReq, PubAck};
use super::support::*;
use crate::codec::QoS;
use crate::session::Error;

fn kept_alive(seconds: u16) -> Client {
    let mut client = Client::new(true);
    client.connect(seconds);
    client.receive(&connack(false)).unwrap();
    client.sent();
    client
}

#[test]
fn mqtt_3_1_2_23_something_goes_out_in_every_interval() {
    for seconds in [1, 4, 60, 65_535] {
        let mut client = kept_alive(seconds);
        let mut silence = 0;
        for _ in 0..12 {
            let wait = client.session.next_check(client.now).unwrap().max(1);
            client.wait(wait).unwrap();
            silence += wait;
            assert!(silence < u32::from(seconds) * 1000);
            if client.sent() == [PingReq] {
                silence = 0;
                client.receive(&PINGRESP).unwrap();
            }
        }
        assert!(silence == 0 || client.session.next_check(client.now) > Some(0));
    }
}

#[test]
fn mqtt_3_1_2_23_incoming_packets_do_not_count() {
    let mut client = kept_alive(4);
    let mut pings = 0;
    for _ in 0..40 {
        client.wait(100).unwrap();
        client.receive(&incoming(QoS::AtMostOnce, 0, "x")).unwrap();
        pings += client.sent().iter().filter(|p| **p == PingReq).count();
    }
    assert_eq!(pings, 1);
}

#[test]
fn traffic_both_ways_makes_pings_superfluous() {
    let mut client = kept_alive(4);
    for number in 1..20 {
        client.wait(2999).unwrap();
        let (ticket, _) = client.publish(QOS1, 7).unwrap();
        client.receive(&puback(number)).unwrap();
        client.session.poll_handshake(ticket);
        assert_eq!(client.sent(), [published(QOS1, number, false, 7)]);
    }
}

#[test]
fn without_an_answer_the_connection_ends_within_one_and_a_half_intervals() {
    for seconds in [1, 4, 60, 65_535] {
        let mut client = kept_alive(seconds);
        let start = client.now;
        let error = loop {
            let wait = client.session.next_check(client.now).unwrap().max(1);
            if let Err(error) = client.wait(wait) {
                break error;
            }
        };
        assert_eq!(error, Error::PingTimeout);
        let interval = u32::from(seconds) * 1000;
        let noticed = client.now.duration_since(start);
        assert!(interval < noticed && noticed * 2 < interval * 3);
    }
}

#[test]
fn an_answer_in_time_keeps_the_connection() {
    let mut client = kept_alive(4);
    for _ in 0..10 {
        client.wait(3000).unwrap();
        assert_eq!(client.sent(), [PingReq]);
        client.wait(2499).unwrap();
        assert_eq!(client.sent(), [], "one PINGREQ at a time");
        client.receive(&PINGRESP).unwrap();
    }
}

#[test]
fn messages_in_front_of_the_answer_put_its_deadline_off_but_not_for_ever() {
    let mut client = kept_alive(4);
    client.wait(3000).unwrap();
    let mut waited = 0;
    let error = loop {
        waited += 1000;
        if let Err(error) = client.wait(1000) {
            break error;
        }
        client.receive(&incoming(QoS::AtMostOnce, 0, "x")).unwrap();
    };
    assert_eq!(error, Error::PingTimeout);
    assert_eq!(waited, PATIENCE);
}

#[test]
fn an_unasked_pingresp_does_not_answer_the_next_ping() {
    let mut client = kept_alive(4);
    client.receive(&PINGRESP).unwrap();
    client.wait(3000).unwrap();
    assert_eq!(client.wait(2500), Err(Error::PingTimeout));
}

#[test]
fn a_ping_goes_out_before_acknowledgements() {
    let mut client = kept_alive(4);
    client.receive(&incoming(QOS1, 5, "x")).unwrap();
    client.now = client.now + 3000;
    client.session.check_timers(client.now, PATIENCE).unwrap();
    client.deliver();
    assert_eq!(client.sent(), [PingReq, PubAck(5)]);
}

#[test]
fn the_clock_starts_again_with_each_connection() {
    let mut client = kept_alive(4);
    client.wait(3000).unwrap();
    client.lose();
    client.wait(60_000).unwrap();
    client.connect(4);
    client.receive(&connack(false)).unwrap();
    client.sent();
    client.wait(2999).unwrap();
    assert_eq!(client.sent(), []);
    client.wait(1).unwrap();
    assert_eq!(client.sent(), [PingReq]);
}

#[test]
fn zero_switches_it_off() {
    let mut client = kept_alive(0);
    assert_eq!(client.session.next_check(client.now), None);
    client.wait(1_000_000_000).unwrap();
    assert_eq!(client.sent(), []);
}
