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
        assert_eq!(client.sent(), [], "one PINGREQ is enough");
        client.receive(&PINGRESP).unwrap();
    }
}

#[test]
fn messages_before_the_answer_postpone_its_deadline_but_not_for_ever() {
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

/// Lets `step` happen every `pause` ms for a minute. Returns the longest silence of the client.
fn longest_silence(client: &mut Client, pause: u32, mut step: impl FnMut(&mut Client)) -> u32 {
    let (mut silence, mut longest) = (0, 0);
    for _ in 0..60_000 / pause {
        client.wait(pause).unwrap();
        step(client);
        silence += pause;
        longest = longest.max(silence);
        if !client.sent().is_empty() {
            silence = 0;
        }
    }
    longest
}

#[test]
fn mqtt_3_1_2_23_a_flood_postpones_no_ping() {
    let qos0 = incoming(QoS::AtMostOnce, 0, "x");
    for behind in [false, true] {
        for flood in [&PINGRESP[..], &puback(9), &suback(9, 0), &qos0] {
            let mut client = kept_alive(2);
            client.behind = behind;
            let longest = longest_silence(&mut client, 20, |client| {
                client.receive(flood).unwrap();
                client.inbox.clear();
            });
            assert_eq!(longest, 1500, "{flood:x?}");
        }
    }
}

#[test]
fn mqtt_3_1_2_23_pings_go_out_while_a_backlog_hides_the_answer() {
    let mut client = kept_alive(2);
    client.behind = true;
    assert_eq!(longest_silence(&mut client, 100, |_| {}), 1500);
    client.behind = false;
    client.receive(&PINGRESP).unwrap();
    client.wait(100).unwrap();
}

#[test]
fn a_long_payload_does_not_cut_the_connection() {
    let mut client = kept_alive(2);
    // 1 MB at 100 kB/s; the answers come when it is complete.
    let message = publish("in", &[7; 1_000_000], delivery(QOS1, 5, false));
    let mut pings = 0;
    for piece in message.chunks(10_000) {
        client.receive(piece).unwrap();
        client.wait(100).unwrap();
        pings += client.sent().iter().filter(|p| **p == PingReq).count();
    }
    assert_eq!(pings, 6);
    for _ in 0..pings {
        client.receive(&PINGRESP).unwrap();
    }
    assert_eq!(client.inbox.len(), 1);
    client.wait(1000).unwrap();
}

#[test]
fn a_link_that_dies_in_a_payload_is_noticed_within_one_and_a_half_intervals() {
    let mut client = kept_alive(4);
    let message = publish("in", &[7; 1000], delivery(QOS1, 5, false));
    for piece in message.chunks(100).take(9) {
        client.wait(1000).unwrap();
        client.receive(piece).unwrap();
    }
    let mut waited = 0;
    while client.wait(10).is_ok() {
        waited += 10;
        assert!(waited < 6000);
    }
    assert!(waited >= 2000);
}

#[test]
fn a_broker_that_sends_payloads_but_never_answers_is_noticed() {
    let mut client = kept_alive(4);
    client.wait(3000).unwrap();
    assert_eq!(client.sent(), [PingReq]);
    let message = publish("in", &[7; 1000], delivery(QoS::AtMostOnce, 0, false));
    let mut waited = 0;
    let error = 'noticed: loop {
        // Each message takes seven seconds: the patience ends in the middle of one.
        for piece in message.chunks(message.len().div_ceil(7)) {
            client.receive(piece).unwrap();
            if let Err(error) = client.wait(1000) {
                break 'noticed error;
            }
            waited += 1000;
        }
    };
    assert_eq!(error, Error::PingTimeout);
    // The payload of the ninth message ends a second before its seven seconds are over. The answer
    // is overdue 2.5 s later, and the clock is looked at once a second.
    assert_eq!(PATIENCE / 7000, 8);
    assert_eq!(waited, 9 * 7000 - 1000 + 2000);
}

#[test]
fn a_slow_function_does_not_cut_the_connection_of_a_broker_that_answers() {
    let mut client = kept_alive(4);
    client.wait(3000).unwrap();
    assert_eq!(client.sent(), [PingReq]);
    // The answer comes while a function runs for an hour.
    client.behind = true;
    client.wait(3_600_000).unwrap();
    client.behind = false;
    client.receive(&PINGRESP).unwrap();
    client.wait(1).unwrap();
    // The next answer does not come.
    client.sent();
    client.wait(3000).unwrap();
    assert_eq!(client.sent(), [PingReq]);
    assert_eq!(client.wait(2500), Err(Error::PingTimeout));
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

#[test]
fn a_ping_by_hand_goes_out_at_once_and_without_a_keep_alive() {
    for seconds in [0, 60] {
        let mut client = kept_alive(seconds);
        client.session.ping(client.now);
        assert!(client.session.ping_is_due());
        client.flush();
        assert_eq!(client.sent(), [PingReq]);
        assert!(client.session.awaits_ping_response());
        client.receive(&PINGRESP).unwrap();
        assert!(!client.session.awaits_ping_response());
        assert_eq!(client.answers, 1);
    }
}

#[test]
fn an_answer_among_bytes_that_were_not_taken_in_is_not_missing() {
    let mut client = kept_alive(4);
    client.wait(3000).unwrap();
    assert_eq!(client.sent(), [PingReq]);
    client.behind = true;
    let backlog = [&incoming(QOS1, 5, "x")[..], &PINGRESP].concat();
    for _ in 0..10 {
        client.session.caught_up_behind(&backlog, client.now);
        client.wait(2000).unwrap();
    }
    client
        .session
        .caught_up_behind(&incoming(QOS1, 5, "x"), client.now);
    assert_eq!(client.wait(1), Err(Error::PingTimeout));
}
