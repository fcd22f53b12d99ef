//! Models of the VM, made of loom's locks: threads under a GIL, threads without one, and one stack on
//! which the scheduler's functions run.
//!
//! No clock runs: no deadline passes and no wait times out. So a wake-up that is lost is a deadlock,
//! which loom reports.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::sync::OnceLock;

use lock_api::{GuardSend, RawMutex};
use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering, fence};
use loom::sync::{Condvar, Mutex, MutexGuard};
use mqtt::sync::{Atomic, Counter, Vm};
use mqtt::time::Instant;

/// A VM of which loom's threads are the threads.
pub trait Model: Vm<Exception = Infallible, Lock = Lock> + 'static {
    /// Whether one thread runs at a time.
    const HAS_GIL: bool;

    /// Takes the GIL, if there is one.
    fn enter();
    /// Gives the GIL up, if there is one.
    fn exit();

    /// Runs `function` as a thread of the VM, whose identity is `thread`.
    fn run<T>(thread: usize, function: impl FnOnce() -> T) -> T {
        THREAD.with(|it| it.set(thread));
        Self::enter();
        let result = function();
        Self::exit();
        result
    }
}

/// Threads, with a GIL or without, as `port/mqtt_wait_unix.c` lets them wait.
pub struct Threads<const GIL: bool>;

/// No threads: `port/mqtt_wait.c`.
pub struct OneStack;

loom::lazy_static! {
    static ref GIL_MUTEX: Mutex<()> = Mutex::new(());
    static ref SCHEDULED: AtomicBool = AtomicBool::new(false);
}

loom::thread_local! {
    static THREAD: Cell<usize> = Cell::new(0);
    static GIL_HELD: RefCell<Option<MutexGuard<'static, ()>>> = RefCell::new(None);
    static FUNCTION: Cell<Option<Box<dyn FnOnce()>>> = Cell::new(None);
}

impl<const GIL: bool> Model for Threads<GIL> {
    const HAS_GIL: bool = GIL;

    fn enter() {
        if GIL {
            let guard = GIL_MUTEX.lock().unwrap();
            GIL_HELD.with(|held| *held.borrow_mut() = Some(guard));
        }
    }

    fn exit() {
        let guard = GIL_HELD.with(|held| held.borrow_mut().take());
        assert_eq!(
            guard.is_some(),
            GIL,
            "only a thread that has the GIL gives it up"
        );
    }
}

impl<const GIL: bool> Vm for Threads<GIL> {
    type Counter = Number<GIL>;
    type Holder = Identity<GIL>;
    type Lock = Lock;
    type Exception = Infallible;

    fn has_threads() -> bool {
        true
    }

    fn now() -> Instant {
        Instant::from_ms(0)
    }

    fn current_thread() -> usize {
        THREAD.with(Cell::get)
    }

    /// `mqtt_vm_wait_word`, but for the time for which it yields, in which it looks at the word alone.
    fn wait(count: &Self::Counter, seen: u32, _timeout_ms: u32) -> Result<(), Infallible> {
        Self::exit();
        let mut places = count.places.lock().unwrap();
        while count.load() == seen {
            places = count.place.wait(places).unwrap();
        }
        drop(places);
        Self::enter();
        Ok(())
    }

    /// `mqtt_vm_wake`.
    fn wake(count: &Self::Counter) {
        drop(count.places.lock().unwrap());
        count.place.notify_all();
    }
}

impl Vm for OneStack {
    type Counter = Number<true>;
    type Holder = Identity<true>;
    type Lock = Lock;
    type Exception = Infallible;

    fn has_threads() -> bool {
        false
    }

    fn now() -> Instant {
        Instant::from_ms(0)
    }

    fn current_thread() -> usize {
        1
    }

    /// Sleeps for a moment, in which the scheduler may run its function on top.
    fn wait(count: &Self::Counter, seen: u32, _timeout_ms: u32) -> Result<(), Infallible> {
        if count.load() == seen {
            loom::thread::yield_now();
            run_scheduled();
        }
        Ok(())
    }

    /// The scheduler runs its function soon.
    fn wake(_count: &Self::Counter) {
        interrupt();
    }
}

/// Makes `function` the function that runs on top of the calling context after [`interrupt`].
pub fn set_scheduled(function: impl FnOnce() + 'static) {
    FUNCTION.with(|it| it.set(Some(Box::new(function))));
}

/// Asks for the scheduled function, from an interrupt.
pub fn interrupt() {
    SCHEDULED.store(true, Ordering::SeqCst);
}

/// Runs the scheduled function to its end, if an interrupt has asked for it: `mp_handle_pending`.
pub fn run_scheduled() {
    if SCHEDULED.load(Ordering::SeqCst)
        && let Some(function) = FUNCTION.with(Cell::take)
    {
        function();
    }
}

/// An operation on a number that all threads see in one order. loom takes a sequentially consistent
/// operation for an acquiring and releasing one; the fences around it make it whole. Under a GIL the
/// lesser one has to be enough.
fn in_one_order<T>(gil: bool, operation: impl FnOnce() -> T) -> T {
    if gil {
        return operation();
    }
    fence(Ordering::SeqCst);
    let result = operation();
    fence(Ordering::SeqCst);
    result
}

/// A number, with the place where the threads sleep that wait for it.
pub struct Number<const GIL: bool> {
    number: AtomicU32,
    places: Mutex<()>,
    place: Condvar,
}

impl<const GIL: bool> Atomic<u32> for Number<GIL> {
    fn new(value: u32) -> Self {
        Self {
            number: AtomicU32::new(value),
            places: Mutex::new(()),
            place: Condvar::new(),
        }
    }

    fn load(&self) -> u32 {
        in_one_order(GIL, || self.number.load(Ordering::SeqCst))
    }

    fn store(&self, value: u32) {
        in_one_order(GIL, || self.number.store(value, Ordering::SeqCst));
    }
}

impl<const GIL: bool> Counter for Number<GIL> {
    fn increment(&self) {
        in_one_order(GIL, || self.number.fetch_add(1, Ordering::SeqCst));
    }

    fn decrement(&self) {
        in_one_order(GIL, || self.number.fetch_sub(1, Ordering::SeqCst));
    }
}

/// The identity of a thread.
pub struct Identity<const GIL: bool>(AtomicUsize);

impl<const GIL: bool> Atomic<usize> for Identity<GIL> {
    fn new(value: usize) -> Self {
        Self(AtomicUsize::new(value))
    }

    fn load(&self) -> usize {
        in_one_order(GIL, || self.0.load(Ordering::SeqCst))
    }

    fn store(&self, value: usize) {
        in_one_order(GIL, || self.0.store(value, Ordering::SeqCst));
    }
}

/// The lock of a role, with the orderings of `spin::Mutex`. Before the first use it has no atomic, which loom cannot
/// make in a constant.
pub struct Lock(OnceLock<AtomicBool>);

impl Lock {
    fn flag(&self) -> &AtomicBool {
        self.0.get_or_init(|| AtomicBool::new(false))
    }
}

// SAFETY: the thread that changed the flag from false to true has the lock.
unsafe impl RawMutex for Lock {
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Self = Self(OnceLock::new());

    type GuardMarker = GuardSend;

    fn lock(&self) {
        panic!("a thread spins for a role");
    }

    fn try_lock(&self) -> bool {
        let (from, to) = (false, true);
        let taken = self
            .flag()
            .compare_exchange(from, to, Ordering::Acquire, Ordering::Relaxed);
        taken.is_ok()
    }

    unsafe fn unlock(&self) {
        self.flag().store(false, Ordering::Release);
    }

    fn is_locked(&self) -> bool {
        self.flag().load(Ordering::Relaxed)
    }
}

/// A lock over memory: no thread that has the GIL may find it taken.
pub struct Memory<T>(Mutex<T>);

impl<T> Memory<T> {
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        let has_gil = GIL_HELD.with(|held| held.borrow().is_some());
        match has_gil {
            true => self
                .0
                .try_lock()
                .expect("a thread would spin, and keep the GIL from the owner"),
            false => self.0.lock().unwrap(),
        }
    }
}
