//! From a block of properties to a dict.

use crate::codec::{Properties, PropertyId, Value};
use crate::micropython::{Dict, Exception, Immutable, List, Obj, new_str};
use crate::module::error::Result;

use super::names::name_of;

/// Makes the dict of received properties. Those that may stand in a packet more than once have a list; a
/// Topic Alias has no entry.
///
/// # Errors
///
/// `MemoryError`.
pub fn to_dict(properties: Properties<'_>) -> Result<Obj> {
    let dict = Dict::new()?;
    let mut user = None;
    let mut subscriptions = None;
    for property in properties {
        let key = Obj::from_qstr(name_of(property.id));
        let value = to_object(property.value)?;
        let list: &mut Option<List> = match property.id {
            PropertyId::TOPIC_ALIAS => continue,
            PropertyId::USER_PROPERTY => &mut user,
            PropertyId::SUBSCRIPTION_IDENTIFIER => &mut subscriptions,
            _ => {
                dict.insert(key, value)?;
                continue;
            }
        };
        let known = match *list {
            Some(list) => list,
            None => {
                let new = *list.insert(List::new()?);
                dict.insert(key, new.obj())?;
                new
            }
        };
        known.append(value)?;
    }
    Ok(dict.obj())
}

fn to_object(value: Value<'_>) -> core::result::Result<Obj, Exception> {
    match value {
        Value::Number(number) => Obj::from_u32(number),
        Value::Text(text) => new_str(text.as_str()),
        Value::Binary(data) => Ok(Immutable::copy(data.as_bytes())?.obj()),
        Value::Pair(name, value) => Obj::pair(new_str(name.as_str())?, new_str(value.as_str())?),
    }
}
