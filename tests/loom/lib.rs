//! The events and roles of `mqtt::sync` in every interleaving of the threads that use them.
//!
//! loom runs the real [`Event`], [`ExclusiveRole`] and [`Notice`](mqtt::sync::Notice). `vm` models the
//! VM below them, `client` the flows of `src/module/` above them. A run without an end, a wake-up that
//! is lost, two threads that have one role, and a thread that spins while it has the GIL are failures.
//!
//! `make loom` runs it. LOOM_MAX_PREEMPTIONS bounds how often a thread is interrupted where it need not
//! give way.
#![cfg(test)]

mod client;
mod vm;

use std::sync::atomic::{AtomicUsize, Ordering};

use loom::model::Builder;
use loom::sync::Arc;
use mqtt::sync::{Event, ExclusiveRole};

use client::{Client, Error, Owned, Packet, deadline};
use vm::{Model, OneStack, Threads, interrupt, run_scheduled, set_scheduled};

const MAIN: usize = 1;
const FIRST: usize = 2;
const SECOND: usize = 3;
const LOOP: usize = 4;

type Thread = loom::thread::JoinHandle<()>;

/// Runs `model` in every interleaving with at most `preemptions`, or LOOM_MAX_PREEMPTIONS.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound.get_or_insert(preemptions);
    builder.check(model);
}

/// Starts a thread of the VM.
fn spawn<V: Model>(thread: usize, function: impl FnOnce() + 'static) -> Thread {
    loom::thread::spawn(move || V::run(thread, function))
}

fn join(threads: impl IntoIterator<Item = Thread>) {
    for thread in threads {
        thread.join().unwrap();
    }
}

fn spawn_loop<V: Model>(client: &Arc<Client<V>>) -> Thread {
    client.read_loop.lock().thread = LOOP;
    let client = Arc::clone(client);
    spawn::<V>(LOOP, move || client.run_loop())
}

fn spawn_waiter<V: Model>(client: &Arc<Client<V>>, number: usize) -> Thread {
    let client = Arc::clone(client);
    spawn::<V>(FIRST + number, move || {
        let result = client.wait_for(|session| session.answers[number] || session.down);
        assert_eq!(result, Ok(()));
    })
}

/// A test for threads under the GIL, and the same without.
macro_rules! with_and_without_gil {
    ($($(#[$doc:meta])* $name:ident: $model:ident, $preemptions:literal;)*) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            #[test]
            fn with_gil() {
                check($preemptions, $model::<Threads<true>>);
            }

            #[test]
            fn without_gil() {
                check($preemptions, $model::<Threads<false>>);
            }
        }
    )*};
}

with_and_without_gil! {
    /// The real code alone: a thread that waits for a state sees the change.
    a_change_wakes_the_thread_that_waits: change_of_state, 3;
    /// The real code alone: two threads share a role, and each gets it.
    a_role_goes_from_one_thread_to_the_next: two_for_a_role, 3;
    /// Two callers without a loop: the one that reads reads for both.
    one_waiter_reads_for_the_other: two_waiters, 3;
    /// A loop and a caller that waits for its answer.
    a_waiter_gets_the_answer_that_the_loop_reads: loop_and_waiter, 3;
    /// Two publishers, and an acknowledgement that one of them leaves to the other.
    two_writers_leave_nothing_unwritten: two_writers, 3;
    /// Two publishers that wait for nothing, and a loop: every message leaves when there is room for it.
    the_outbox_empties_beside_a_loop: outbox_and_loop, 2;
    /// The same without a loop: a caller that waits for its message sends those of others, too.
    the_outbox_empties_without_a_loop: outbox_and_waiter, 2;
    /// A loop that fills and empties the inbox beside a caller that waits behind it.
    a_full_inbox_is_delivered: full_inbox, 2;
    /// `disconnect` beside the loop and a caller that waits. The socket is closed once.
    a_disconnect_ends_every_wait: disconnect_beside_loop_and_waiter, 3;
    /// `disconnect` beside two publishers, without a loop. The socket is closed once.
    a_disconnect_ends_every_write: disconnect_beside_writers, 2;
    /// The end of a connection beside two threads that have a role for a moment. The socket is closed once.
    the_last_user_closes_the_socket: end_beside_users, 3;
    /// `disconnect` beside `reconnect` and a publisher. Every socket is closed once.
    a_disconnect_ends_an_attempt_to_connect: disconnect_beside_reconnect, 2;
}

fn change_of_state<V: Model>() {
    let event = Arc::new(Event::<V>::new());
    let state = Arc::new(loom::sync::atomic::AtomicBool::new(false));
    let waiter = {
        let (event, state) = (Arc::clone(&event), Arc::clone(&state));
        spawn::<V>(FIRST, move || {
            loop {
                let seen = event.seen();
                if state.load(loom::sync::atomic::Ordering::Relaxed) {
                    return;
                }
                let Ok(()) = event.wait(seen, 1);
            }
        })
    };
    V::run(MAIN, || {
        state.store(true, loom::sync::atomic::Ordering::Relaxed);
        event.signal();
    });
    join([waiter]);
}

fn two_for_a_role<V: Model>() {
    let event = Arc::new(Event::<V>::new());
    let role = Arc::new(ExclusiveRole::<Owned, V>::new(Owned::new()));
    assert!(!role.is_taken());
    let threads = [FIRST, SECOND].map(|thread| {
        let (event, role) = (Arc::clone(&event), Arc::clone(&role));
        spawn::<V>(thread, move || {
            let taken = role.take(&event, deadline(), Error::Late);
            let Ok(mut guard) = taken else {
                panic!("the role was refused");
            };
            assert!(role.is_mine());
            guard.touch();
            V::exit();
            V::enter();
            guard.touch();
            // The thread runs a function on top of its own work: that one does not wait.
            assert_eq!(
                role.take(&event, deadline(), Error::Late).err(),
                Some(Error::Interrupts)
            );
            drop(guard);
            assert!(!role.is_mine());
        })
    });
    join(threads);
    assert!(!role.is_taken());
}

fn two_waiters<V: Model>() {
    let (client, broker) = Client::<V>::connected();
    let waiters = [0, 1].map(|number| spawn_waiter(&client, number));
    broker.arrive(Packet::Answer(0));
    broker.arrive(Packet::Answer(1));
    join(waiters);
}

fn loop_and_waiter<V: Model>() {
    let (client, broker) = Client::<V>::connected();
    let read_loop = spawn_loop(&client);
    let waiter = spawn_waiter(&client, 0);
    broker.arrive(Packet::Answer(0));
    join([waiter]);
    V::run(MAIN, || client.disconnect()).unwrap();
    join([read_loop]);
}

fn two_writers<V: Model>() {
    let (client, _broker) = Client::<V>::connected();
    let writers = [FIRST, SECOND].map(|thread| {
        let client = Arc::clone(&client);
        spawn::<V>(thread, move || client.write().unwrap())
    });
    V::run(MAIN, || {
        client.session.lock().output = 1;
        client.flush_output();
    });
    join(writers);
    assert_eq!(
        client.session.lock().output,
        0,
        "an acknowledgement was left"
    );
}

fn outbox_and_loop<V: Model>() {
    let (client, _broker) = Client::<V>::connected();
    let read_loop = spawn_loop(&client);
    let publisher = {
        let client = Arc::clone(&client);
        spawn::<V>(FIRST, move || client.publish_later())
    };
    V::run(MAIN, || {
        client.publish_later();
        let sent = client.wait_for(|session| session.acknowledged == 2);
        assert_eq!(sent, Ok(()));
        client.disconnect().unwrap();
    });
    join([read_loop, publisher]);
}

fn outbox_and_waiter<V: Model>() {
    let (client, _broker) = Client::<V>::connected();
    let publishers = [FIRST, SECOND].map(|thread| {
        let client = Arc::clone(&client);
        spawn::<V>(thread, move || {
            client.publish_later();
            let sent = client.wait_for(|session| session.acknowledged == 2);
            assert_eq!(sent, Ok(()));
        })
    });
    join(publishers);
}

fn full_inbox<V: Model>() {
    let (client, broker) = Client::<V>::connected();
    let read_loop = spawn_loop(&client);
    let waiter = spawn_waiter(&client, 0);
    broker.arrive(Packet::Message(0));
    broker.arrive(Packet::Message(1));
    broker.arrive(Packet::Answer(0));
    join([waiter]);
    V::run(MAIN, || client.disconnect()).unwrap();
    join([read_loop]);
    let delivered = client.delivered.load(Ordering::Relaxed);
    assert_eq!(delivered + client.inbox.lock().len(), 2);
}

fn disconnect_beside_loop_and_waiter<V: Model>() {
    let (client, _broker) = Client::<V>::connected();
    let read_loop = spawn_loop(&client);
    let waiter = spawn_waiter(&client, 0);
    V::run(MAIN, || client.disconnect()).unwrap();
    join([read_loop, waiter]);
    expect_closed_once(&client);
}

fn disconnect_beside_writers<V: Model>() {
    let (client, _broker) = Client::<V>::connected();
    let writers = [FIRST, SECOND].map(|thread| {
        let client = Arc::clone(&client);
        spawn::<V>(thread, move || {
            let written = client.write();
            assert!(matches!(written, Ok(()) | Err(Error::ConnectionLost)));
        })
    });
    V::run(MAIN, || client.disconnect()).unwrap();
    join(writers);
    expect_closed_once(&client);
}

fn disconnect_beside_reconnect<V: Model>() {
    let (client, _broker) = Client::<V>::connected();
    let reconnecting = {
        let client = Arc::clone(&client);
        spawn::<V>(FIRST, move || {
            let connected = client.reconnect();
            assert!(matches!(connected, Ok(()) | Err(Error::ConnectionLost)));
        })
    };
    let writer = {
        let client = Arc::clone(&client);
        spawn::<V>(SECOND, move || {
            let written = client.write();
            assert!(matches!(written, Ok(()) | Err(Error::ConnectionLost)));
        })
    };
    V::run(MAIN, || client.disconnect()).unwrap();
    join([reconnecting, writer]);
    let open = client.socket.lock().is_some();
    assert_eq!(open, !client.is_down());
    V::run(MAIN, || client.disconnect()).unwrap();
    let (opened, closed) = (&client.opened, &client.closed);
    assert_eq!(
        opened.load(Ordering::Relaxed),
        closed.load(Ordering::Relaxed)
    );
}

fn end_beside_users<V: Model>() {
    let (client, _broker) = Client::<V>::connected();
    let users = [FIRST, SECOND].map(|thread| {
        let client = Arc::clone(&client);
        spawn::<V>(thread, move || match thread {
            FIRST => drop(client.try_reader()),
            _ => drop(client.try_writer()),
        })
    });
    V::run(MAIN, || client.fail(0));
    join(users);
    expect_closed_once(&client);
}

/// Expects that the last thread that used the socket has closed it.
fn expect_closed_once<V: Model>(client: &Client<V>) {
    assert_eq!(client.closed.load(Ordering::Relaxed), 1);
}

/// A function that the scheduler runs on top of a method that has the role: it ends at once. So
/// does one that runs on top of a method that only waits.
#[test]
fn a_scheduled_function_never_waits_for_what_is_below_it() {
    check(3, || {
        let event = Arc::new(Event::<OneStack>::new());
        let role = Arc::new(ExclusiveRole::<(), OneStack>::new(()));
        let results = Arc::new(AtomicUsize::new(0));
        assert!(!role.is_taken());
        {
            let (event, role, results) =
                (Arc::clone(&event), Arc::clone(&role), Arc::clone(&results));
            set_scheduled(move || {
                let below = role.is_taken();
                let taken = role.take(&event, deadline(), Error::Late);
                assert_eq!(taken.err(), below.then_some(Error::Interrupts));
                results.fetch_add(1, Ordering::Relaxed);
            });
        }
        let interrupts = loom::thread::spawn(interrupt);
        run_scheduled();
        let guard = role.take(&event, deadline(), Error::Late);
        assert!(guard.is_ok());
        run_scheduled();
        let seen = event.seen();
        let Ok(()) = event.wait(seen, 1);
        drop(guard);
        interrupts.join().unwrap();
        run_scheduled();
        assert_eq!(results.load(Ordering::Relaxed), 1);
    });
}

/// A change wakes the scheduler where it watches for one.
#[test]
fn a_watched_change_runs_the_scheduled_function() {
    check(3, || {
        let event = Event::<OneStack>::new();
        let role = ExclusiveRole::<(), OneStack>::new(());
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        set_scheduled(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let guard = role.try_take(&event);
        event.watch(true);
        run_scheduled();
        assert_eq!(runs.load(Ordering::Relaxed), 0);
        drop(guard);
        run_scheduled();
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    });
}
