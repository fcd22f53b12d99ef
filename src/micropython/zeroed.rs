//! What the collector finds where nothing is any more.

use core::ptr;

/// Takes the value out of a place on MicroPython's heap, and leaves nothing of it there.
///
/// The collector takes for a reference whatever looks like one, and `None` is but a mark beside the
/// bytes of the old value: what that referred to would stay alive.
pub fn take_and_zero<T>(place: &mut Option<T>) -> Option<T> {
    let taken = place.take();
    let bytes = ptr::from_mut(place);
    // SAFETY: the place is this function's alone, `None` needs no drop, and it is there again before
    // anybody else looks. Does not raise.
    unsafe {
        bytes.write_bytes(0, 1);
        bytes.write(None);
    }
    taken
}
