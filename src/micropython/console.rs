//! What goes to the console.

use super::exception::{Exception, catch};
use super::sys;

/// Prints an exception with its traceback. What printing raises is dropped: there is no
/// other place to say it.
pub fn print_exception(exception: Exception) {
    // SAFETY: an exception object. The C side catches what it raises.
    let _ = catch(|exc| unsafe { sys::mqtt_vm_print_exception(exception.as_obj().raw(), exc) });
}

/// Prints one line, put together from `parts`.
pub fn print_line(parts: &[&str]) {
    print_text(parts);
    print_text(&["\n"]);
}

/// Prints `parts`, and stays on the line.
pub fn print_text(parts: &[&str]) {
    for text in parts {
        // SAFETY: a slice. The C side catches what it raises.
        let _ =
            catch(|exc| unsafe { sys::mqtt_vm_print_error(text.as_ptr().cast(), text.len(), exc) });
    }
}
