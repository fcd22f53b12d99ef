//! From Python arguments to checked values, before anything is sent.

use core::ffi::CStr;

use crate::codec::{Binary, FieldError, QoS, TopicFilter, TopicName, Utf8String};
use crate::micropython::{Buffer, Obj, Text};
use crate::time::MAX_SPAN_MS;

use super::error::{Error, Result};

/// The texts of one parameter's errors.
pub struct Parameter {
    pub not_text: &'static CStr,
    pub empty: &'static CStr,
    pub too_long: &'static CStr,
    pub not_utf8: &'static CStr,
    pub null: &'static CStr,
    pub wildcard: &'static CStr,
}

macro_rules! parameter {
    ($name:ident, $text:literal) => {
        pub const $name: Parameter = Parameter {
            not_text: message(concat!($text, " must be str or bytes-like\0")),
            empty: message(concat!($text, " must not be empty\0")),
            too_long: message(concat!($text, " is longer than 65535 bytes\0")),
            not_utf8: message(concat!($text, " is not UTF-8\0")),
            null: message(concat!($text, " must not contain U+0000\0")),
            wildcard: message(concat!($text, " has a wildcard where none can be\0")),
        };
    };
}

/// Evaluated by the compiler alone.
const fn message(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => c"bad argument",
    }
}

parameter!(CLIENT_ID, "client_id");
parameter!(HOST, "host");
parameter!(USERNAME, "username");
parameter!(PASSWORD, "password");
parameter!(TOPIC, "topic");
parameter!(PAYLOAD, "payload");

impl Parameter {
    fn refuse(&self, error: FieldError) -> Error {
        Error::Value(match error {
            FieldError::Empty => self.empty,
            FieldError::TooLong => self.too_long,
            FieldError::NotUtf8 => self.not_utf8,
            FieldError::NullCharacter => self.null,
            FieldError::Wildcard => self.wildcard,
        })
    }

    /// `str` or bytes-like.
    pub fn buffer(&self, obj: Obj) -> Result<Buffer> {
        Buffer::of(obj)?.ok_or(Error::Type(self.not_text))
    }

    fn text(&self, obj: Obj) -> Result<Text> {
        Text::new(self.buffer(obj)?)?.ok_or(Error::Value(self.not_utf8))
    }

    /// A string as the standard has it (section 1.5.3).
    pub fn utf8_string(&self, obj: Obj) -> Result<Text> {
        let text = self.text(obj)?;
        Utf8String::new(text.as_str()).map_err(|e| self.refuse(e))?;
        Ok(text)
    }

    /// Bytes with a two-byte length. Not changed by anybody afterwards.
    pub fn binary(&self, obj: Obj) -> Result<Buffer> {
        let buffer = self.buffer(obj)?.to_immutable()?;
        Binary::new(buffer.as_bytes()).map_err(|e| self.refuse(e))?;
        Ok(buffer)
    }

    /// A topic name.
    pub fn topic_name(&self, obj: Obj) -> Result<Text> {
        let text = self.text(obj)?;
        TopicName::new(text.as_str()).map_err(|e| self.refuse(e))?;
        Ok(text)
    }

    /// A topic filter.
    pub fn topic_filter(&self, obj: Obj) -> Result<Text> {
        let text = self.text(obj)?;
        TopicFilter::new(text.as_str()).map_err(|e| self.refuse(e))?;
        Ok(text)
    }

    /// What FieldError means for this parameter.
    pub fn check<T>(&self, result: core::result::Result<T, FieldError>) -> Result<T> {
        result.map_err(|e| self.refuse(e))
    }
}

/// `None`, or bytes-like, or `str` as UTF-8.
pub fn payload(obj: Obj) -> Result<Buffer> {
    if obj.is_none() {
        return Ok(Buffer::EMPTY);
    }
    Buffer::of(obj)?.ok_or(Error::Type(c"payload must be str, bytes-like or None"))
}

/// As [`payload`], but with a two-byte length, as a will's is, and not changed by anybody
/// afterwards.
pub fn will_payload(obj: Obj) -> Result<Buffer> {
    let buffer = payload(obj)?.to_immutable()?;
    PAYLOAD.check(Binary::new(buffer.as_bytes()))?;
    Ok(buffer)
}

/// 0, 1 or 2.
pub fn qos(obj: Obj) -> Result<QoS> {
    let value = obj.as_int()?.ok_or(Error::Type(c"qos must be an int"))?;
    u8::try_from(value)
        .ok()
        .and_then(QoS::from_bits)
        .ok_or(Error::Value(c"qos must be 0, 1 or 2"))
}

/// The truth value.
pub fn flag(obj: Obj) -> Result<bool> {
    Ok(obj.is_true()?)
}

/// Seconds, 0 to 65535.
pub fn keepalive(obj: Obj) -> Result<u16> {
    let value = obj
        .as_int()?
        .ok_or(Error::Type(c"keepalive must be an int"))?;
    u16::try_from(value).map_err(|_| Error::Value(c"keepalive must be 0 to 65535"))
}

/// A TCP port.
pub fn port(obj: Obj) -> Result<u16> {
    let value = obj.as_int()?.ok_or(Error::Type(c"port must be an int"))?;
    match u16::try_from(value) {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(Error::Value(c"port must be 1 to 65535")),
    }
}

/// Milliseconds from `least` up.
pub fn milliseconds(
    obj: Obj,
    least: u32,
    wrong_type: &'static CStr,
    wrong_value: &'static CStr,
) -> Result<u32> {
    let value = obj.as_int()?.ok_or(Error::Type(wrong_type))?;
    match u32::try_from(value) {
        Ok(ms) if (least..=MAX_SPAN_MS / 2).contains(&ms) => Ok(ms),
        _ => Err(Error::Value(wrong_value)),
    }
}

/// A function, or `None`.
pub fn callback(obj: Obj, wrong_type: &'static CStr) -> Result<Option<Obj>> {
    if obj.is_none() {
        Ok(None)
    } else {
        function(obj, wrong_type).map(Some)
    }
}

/// A function.
pub fn function(obj: Obj, wrong_type: &'static CStr) -> Result<Obj> {
    if obj.is_callable() {
        Ok(obj)
    } else {
        Err(Error::Type(wrong_type))
    }
}
