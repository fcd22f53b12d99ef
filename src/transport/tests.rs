//! The generic part over the host's own network.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::vec::Vec;

use super::std_stack::StdStack;
use super::*;
use crate::time::Deadline;

fn connected() -> (StdStack, Option<TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut stack = StdStack::new();
    let socket = connect(&mut stack, "127.0.0.1", port, 5000).unwrap();
    let (peer, _) = listener.accept().unwrap();
    (stack, socket, peer)
}

fn receive_exactly(stack: &mut StdStack, socket: &mut Option<TcpStream>, n: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while all.len() < n {
        assert!(stack.wait(socket, Interest::Receive, 5000).unwrap());
        let mut buffer = [0; 16];
        let got = receive(stack, socket, &mut buffer).unwrap();
        all.extend_from_slice(&buffer[..got]);
    }
    all
}

#[test]
fn a_name_is_resolved_and_bytes_go_both_ways() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut stack = StdStack::new();
    let mut socket = connect(&mut stack, "localhost", port, 5000).unwrap();
    let (mut peer, _) = listener.accept().unwrap();

    peer.write_all(b"from the broker").unwrap();
    assert_eq!(
        receive_exactly(&mut stack, &mut socket, 15),
        b"from the broker"
    );
    let deadline = Deadline::after(stack.now(), 5000);
    send_all(&mut stack, &mut socket, b"to the broker", deadline, || {}).unwrap();
    let mut got = [0; 13];
    peer.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"to the broker");
}

#[test]
fn nothing_there_is_no_bytes_and_the_end_is_an_error() {
    let (mut stack, mut socket, peer) = connected();
    let mut buffer = [0; 4];
    assert_eq!(receive(&mut stack, &mut socket, &mut buffer).unwrap(), 0);
    drop(peer);
    assert!(stack.wait(&socket, Interest::Receive, 5000).unwrap());
    assert!(matches!(
        receive(&mut stack, &mut socket, &mut buffer),
        Err(PipeError::Closed)
    ));
}

#[test]
fn a_peer_that_does_not_read_ends_sending_at_the_deadline() {
    let (mut stack, mut socket, _peer) = connected();
    let flood = std::vec![0; 64 << 20];
    let start = stack.now();
    let mut blocked = 0;
    let deadline = Deadline::after(start, 200);
    let result = send_all(&mut stack, &mut socket, &flood, deadline, || blocked += 1);
    assert!(matches!(result, Err(PipeError::TimedOut)));
    assert!(blocked > 0);
    assert!(stack.now().duration_since(start) >= 200);
}

#[test]
fn a_peer_that_reads_late_gets_everything() {
    let (mut stack, mut socket, mut peer) = connected();
    let flood: Vec<u8> = (0..8 << 20).map(|i| i as u8).collect();
    let expected = flood.clone();
    let reader = thread::spawn(move || {
        let mut got = std::vec![0; expected.len()];
        peer.read_exact(&mut got).unwrap();
        assert_eq!(got, expected);
    });
    let deadline = Deadline::after(stack.now(), 20_000);
    send_all(&mut stack, &mut socket, &flood, deadline, || {}).unwrap();
    reader.join().unwrap();
}

#[test]
fn nobody_listening_is_the_stacks_own_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = connect(&mut StdStack::new(), "127.0.0.1", port, 5000).unwrap_err();
    assert!(matches!(error, ConnectError::Connect(_)));
}

/// A stack whose hosts have these addresses, of which the given ones fail, and a listener on 127.0.0.1.
fn stack_of(
    addresses: &[&str],
    failures: &[(&str, Option<std::io::ErrorKind>)],
) -> (StdStack, TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut stack = StdStack::new();
    stack.addresses = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
    let failures = failures.iter();
    stack.failures = failures
        .map(|(ip, kind)| (ip.parse().unwrap(), *kind))
        .collect();
    (stack, listener, port)
}

fn tried(stack: &StdStack) -> Vec<std::string::String> {
    stack
        .tried
        .iter()
        .map(std::string::ToString::to_string)
        .collect()
}

#[test]
fn all_addresses_are_tried_in_turn_and_those_of_ipv4_first() {
    use std::io::ErrorKind::{ConnectionRefused, HostUnreachable};
    let (mut stack, _listener, port) = stack_of(
        &[
            "2001:db8::1",
            "192.0.2.1",
            "2001:db8::2",
            "192.0.2.2",
            "127.0.0.1",
        ],
        &[
            ("2001:db8::1", Some(HostUnreachable)),
            ("192.0.2.1", Some(ConnectionRefused)),
            ("192.0.2.2", None),
        ],
    );
    let start = stack.now();
    connect(&mut stack, "host", port, 2000).unwrap();
    assert_eq!(tried(&stack), ["192.0.2.1", "192.0.2.2", "127.0.0.1"]);
    // The address without an answer had its share of the time: the first of four that were left.
    let took = stack.now().duration_since(start);
    assert!((500..1500).contains(&took), "{took}");
}

#[test]
fn where_all_addresses_fail_the_error_is_that_of_the_first() {
    use std::io::ErrorKind::{ConnectionRefused, HostUnreachable};
    let failures = [
        ("2001:db8::1", Some(HostUnreachable)),
        ("192.0.2.1", Some(ConnectionRefused)),
        ("192.0.2.2", None),
    ];
    let (mut stack, _listener, port) =
        stack_of(&["2001:db8::1", "192.0.2.1", "192.0.2.2"], &failures);
    let error = connect(&mut stack, "host", port, 100).unwrap_err();
    assert!(matches!(error, ConnectError::Connect(error) if error.0 == ConnectionRefused));
    assert_eq!(tried(&stack), ["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
}

#[test]
fn an_attempt_that_the_program_ends_is_the_last_one() {
    let failures = [("192.0.2.1", Some(std::io::ErrorKind::Interrupted))];
    let (mut stack, _listener, port) = stack_of(&["192.0.2.1", "127.0.0.1"], &failures);
    assert!(connect(&mut stack, "host", port, 5000).is_err());
    assert_eq!(tried(&stack), ["192.0.2.1"]);
}

#[test]
fn a_name_that_does_not_resolve_says_so() {
    let error = connect(&mut StdStack::new(), "no.such.host.invalid", 1, 5000).unwrap_err();
    assert!(matches!(error, ConnectError::Resolve(_)));
}
