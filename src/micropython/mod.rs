//! The MicroPython VM made safe for Rust. Knows nothing of MQTT.
//!
//! One file per concept of the VM. Everything that can raise comes back as
//! `Result<_, Exception>`: the C side catches the exception, so none ever jumps over a Rust
//! frame. Bindings are made by bindgen from the headers of the port that is being built
//! and are named in this folder, and at the C edge of the Python module, only.

#[cfg(feature = "tls-rsa")]
mod allocator;
#[cfg(not(target_has_atomic = "ptr"))]
mod atomic_section;
mod buffer;
#[cfg(feature = "tls")]
mod clock;
mod console;
pub mod errno;
mod event;
mod exception;
mod gc_mutex;
mod gc_vec;
#[cfg(feature = "tls")]
mod guard;
#[cfg(feature = "tls")]
mod heap_bytes;
mod lock;
mod obj;
mod object;
mod packed_error;
mod panic;
pub mod qstr;
mod scheduler;
mod stack_buffer;
mod stream;
pub(crate) mod sys;
mod thread;
mod ticks;
mod zeroed;

pub use buffer::{Buffer, Immutable, Text, UnfilledBytes, new_bytes, new_str};
#[cfg(feature = "tls")]
pub use clock::unix_time;
pub use console::{print_exception, print_line, print_text};
pub use event::{Event, Seen};
pub use exception::{Exception, ExceptionKind};
pub use gc_mutex::GcMutex;
pub use gc_vec::{GcVec, NoMemory};
#[cfg(feature = "tls")]
pub use guard::guarded;
#[cfg(feature = "tls")]
pub use heap_bytes::HeapBytes;
pub use lock::{Mutex, MutexGuard};
pub use obj::{Obj, import};
pub use object::{NativeType, as_obj, from_obj, new_object};
pub use packed_error::{ErrorCause, PackedError};
pub use scheduler::{
    LOOP_CONTEXT, first_root, post_after, raise_in_main, rest_for, set_first_root, wake_function,
};
pub use stack_buffer::StackBuffer;
pub use stream::{
    BorrowedSocket, CONNECT_ONCE, Descriptor, HAS_DESCRIPTORS, SOCKETS_CALL, Stream, StreamCause,
    StreamError, StreamFlags, StreamState,
};
pub use thread::{HAS_THREADS, ORDERING, current_thread, stack_left, start_thread};
pub use ticks::now;
pub use zeroed::take_and_zero;

/// Runs what interrupts and `micropython.schedule` have left to do; a pending exception
/// (Ctrl-C) comes back.
pub fn handle_pending() -> Result<(), Exception> {
    // SAFETY: no arguments. Does not raise: the C side catches.
    exception::catch(|exc| unsafe { sys::mqtt_vm_handle_pending(exc) })
}
