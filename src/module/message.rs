//! The attribute `message`, and the tuple that a message is for a program.

use crate::micropython::{ORDERING, Obj, new_attrtuple, qstr, sys};
use crate::session::MessageFlags;

use super::client::Client;
use super::error::Result;
#[cfg(feature = "into")]
use super::parts;
#[cfg(feature = "v5")]
use super::properties::Block;

/// The names of the items of a message. Only a payload in parts has the last two.
static MESSAGE: [sys::qstr; 8] = [
    qstr::topic as _,
    qstr::payload as _,
    qstr::qos as _,
    qstr::retain as _,
    qstr::dup as _,
    qstr::properties as _,
    qstr::offset as _,
    qstr::size as _,
];

/// The payload that is being delivered, and, of a part, its place and the size of the payload.
fn part_of(delivered: Obj) -> (Obj, Option<[Obj; 2]>) {
    #[cfg(feature = "into")]
    if let Some((part, place)) = parts::part_of(delivered) {
        return (part, Some(place.map(Obj::from_length)));
    }
    (delivered, None)
}

/// The attribute `message`: an `attrtuple` of the message that is being delivered, or `None`.
///
/// # Errors
///
/// `MemoryError`.
pub fn message(client: &Client) -> Result<Obj> {
    let delivered = &client.delivered;
    if (client.is_delivering() || client.is_held())
        && let Some(topic) = delivered.topic.get()
        && let Some(payload) = delivered.payload.get()
    {
        let flags = MessageFlags::from_bits(delivered.flags.load(ORDERING));
        #[cfg(not(feature = "v5"))]
        let properties = Obj::none();
        #[cfg(feature = "v5")]
        let properties = if client.version().is_5() {
            Block::dict_of(delivered.properties.get())?
        } else {
            Obj::none()
        };
        return message_tuple(topic, payload, flags, properties);
    }
    Ok(Obj::none())
}

/// Makes the `attrtuple` of a message.
///
/// # Errors
///
/// `MemoryError`.
pub fn message_tuple(
    topic: Obj,
    payload: Obj,
    flags: MessageFlags,
    properties: Obj,
) -> Result<Obj> {
    let none = Obj::none();
    let (payload, place) = part_of(payload);
    let [offset, size] = place.unwrap_or([none, none]);
    let items = [
        topic,
        payload,
        Obj::from_u16(flags.qos().into()),
        Obj::from_bool(flags.retain()),
        Obj::from_bool(flags.dup()),
        properties,
        offset,
        size,
    ];
    let used = if place.is_some() { 8 } else { 6 };
    Ok(new_attrtuple(&MESSAGE, items.get(..used).unwrap_or(&[]))?)
}
