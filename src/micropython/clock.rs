//! The time of day.

use crate::time::seconds_since_1970;

use super::exception::Exception;
use super::obj::import;
use super::qstr;

/// Seconds since 1970 began, by the port's clock in UTC. `None`: it has none. Nobody may
/// have set it.
///
/// `time.gmtime()` says it: the epoch of `time.time()` differs between ports.
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
