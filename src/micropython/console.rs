//! The console.

use super::exception::{Exception, catch};
use super::sys;

/// Prints an exception with its traceback. An exception that printing raises is dropped: there is
/// no other place to report it.
pub fn print_exception(exception: Exception) {
    // SAFETY: an exception object. The C side catches its exceptions.
    let _ = catch(|exc| unsafe { sys::mqtt_vm_print_exception(exception.as_obj().raw(), exc) });
}

/// Prints `parts` as one line.
pub fn print_line(parts: &[&str]) {
    print_text(parts);
    print_text(&["\n"]);
}

/// Prints `parts`, without ending the line.
pub fn print_text(parts: &[&str]) {
    for text in parts {
        // SAFETY: a slice. The C side catches its exceptions.
        let _ =
            catch(|exc| unsafe { sys::mqtt_vm_print_error(text.as_ptr().cast(), text.len(), exc) });
    }
}

/// Prints a number in decimal digits, without ending the line.
pub fn print_number(number: u32) {
    // SAFETY: a plain number. The C side catches its exceptions.
    let _ = catch(|exc| unsafe { sys::mqtt_vm_print_number(number, exc) });
}
