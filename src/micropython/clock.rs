//! The port's clocks.

use crate::time::Instant;
#[cfg(feature = "tls")]
use crate::time::seconds_since_1970;

#[cfg(feature = "tls")]
use super::exception::Exception;
#[cfg(feature = "tls")]
use super::obj::import;
#[cfg(feature = "tls")]
use super::qstr;
use super::sys;

/// The present time, for deadlines.
pub fn now() -> Instant {
    // SAFETY: no arguments. Does not raise.
    Instant::from_ms(unsafe { sys::mqtt_vm_ticks_ms() })
}

/// Seconds since 1970 began, by the port's clock in UTC; `None` where the port has no such clock. A
/// clock that nobody has set counts from its own beginning.
///
/// It asks `time.gmtime()`: the epoch of `time.time()` differs between ports.
///
/// # Errors
///
/// An exception of Python's, but for those of a clock that is missing.
#[cfg(feature = "tls")]
pub fn unix_time() -> Result<Option<u64>, Exception> {
    let module = import(qstr::time)?;
    let fields = match module.call_method(qstr::gmtime, &[]) {
        Err(exception) if exception.is_ordinary() => return Ok(None),
        fields => fields?,
    };
    let mut date = [0_u16; 6];
    for (place, index) in date.iter_mut().zip(0..) {
        let value = fields.item(index)?.as_int()?;
        let Some(value) = value.and_then(|value| u16::try_from(value).ok()) else {
            return Ok(None);
        };
        *place = value;
    }
    Ok(seconds_since_1970(date))
}
