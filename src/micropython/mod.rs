//! The MicroPython VM, made safe for Rust. It knows nothing of MQTT.
//!
//! Each file is about one concept of the VM. A function that can raise returns
//! `Result<_, Exception>`: the C side catches the exception, so that none ever jumps over a Rust
//! frame. bindgen makes the bindings from the headers of the port that is being built. Only this
//! folder and the C edge of the Python module name them.

mod buffer;
#[cfg(feature = "into")]
mod bytearray;
mod clock;
mod console;
#[cfg(feature = "v5")]
mod dict;
pub mod errno;
mod exception;
#[cfg(all(feature = "aio", feature = "tls"))]
mod gc_future;
mod gc_mutex;
#[cfg(feature = "aio")]
mod gc_once;
mod gc_vec;
mod heap;
mod lock;
mod obj;
mod obj_cell;
mod object;
mod packed_error;
mod panic;
mod port;
pub mod qstr;
mod scheduler;
mod stack_buffer;
mod stream;
pub(crate) mod sys;
mod thread;
mod vm;

pub use crate::sync::Seen;
#[cfg(feature = "v5")]
pub use buffer::front_of;
pub use buffer::{Buffer, Immutable, Text, UnfilledBytes, new_str};
#[cfg(feature = "into")]
pub use bytearray::Bytearray;
pub use clock::now;
#[cfg(feature = "tls")]
pub use clock::unix_time;
pub use console::{print_exception, print_line, print_number, print_text};
#[cfg(feature = "v5")]
pub use dict::{Dict, List};
pub use exception::{Exception, ExceptionKind};
#[cfg(all(feature = "aio", feature = "tls"))]
pub use gc_future::GcFuture;
pub use gc_mutex::GcMutex;
#[cfg(feature = "aio")]
pub use gc_once::GcOnce;
pub use gc_vec::{GcVec, NoMemory};
#[cfg(feature = "tls")]
pub use heap::HeapBytes;
pub use heap::take_and_zero;
pub use lock::{Mutex, MutexGuard};
pub use obj::{Obj, import, new_attrtuple};
pub use obj_cell::{ObjCell, TextCell};
#[cfg(feature = "outbox")]
pub use object::Native;
pub use object::{NativeType, as_obj, clear_stack, from_obj, new_object};
pub use packed_error::{ErrorCause, PackedError};
#[cfg(feature = "tls")]
pub use panic::guarded;
pub use scheduler::{
    LOOP_CONTEXT, first_root, post_after, raise_in_main, rest_for, set_first_root, wake_function,
};
pub use stack_buffer::StackBuffer;
#[cfg(feature = "port-tls")]
pub use stream::BorrowedSocket;
pub use stream::{
    Descriptor, HAS_DESCRIPTORS, Stream, StreamCause, StreamError, StreamFlags, StreamState,
    connect_once, sockets_call,
};
pub use thread::{ORDERING, current_thread, has_threads, stack_left, start_thread};
pub use vm::{Event, ExclusiveRole, MicroPython, RoleGuard};

/// Runs the functions that interrupts and `micropython.schedule` have left to the VM.
///
/// # Errors
///
/// The exception that was pending (Ctrl-C), or one that those functions raise.
pub fn handle_pending() -> Result<(), Exception> {
    // SAFETY: no arguments. Does not raise: the C side catches.
    exception::catch(|exc| unsafe { sys::mqtt_vm_handle_pending(exc) })
}

/// Whether [`handle_pending`] has functions to run.
pub fn has_scheduled() -> bool {
    // SAFETY: no arguments. Does not raise.
    unsafe { sys::mqtt_vm_has_scheduled() }
}
