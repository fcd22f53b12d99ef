//! Checks Python arguments and turns them into values, before anything is sent.

mod fault;

use crate::codec::{Binary, FieldError, QoS, TopicFilter, TopicName, Utf8String};
#[cfg(feature = "v5")]
use crate::codec::{ReasonCode, RetainHandling};
use crate::micropython::{Buffer, Immutable, Obj, Text};
use crate::time::MAX_SPAN_MS;

use super::error::{Error, Result};

pub use fault::Fault;

/// A parameter of a function of the module, by its interned name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter(u32);

/// The [`Parameter`] of this name.
macro_rules! parameter {
    ($name:ident) => {
        $crate::module::args::Parameter::named($crate::micropython::qstr::$name)
    };
}
pub(super) use parameter;

/// The longest span of time that an argument can be, in ms. Sums of two are still below
/// [`MAX_SPAN_MS`].
const MAX_MS: u32 = MAX_SPAN_MS / 2;
const _: () = assert!(MAX_MS == 1_073_741_823, "the texts of `Fault` name it");

impl Parameter {
    /// The parameter with this interned name: see [`parameter`].
    pub const fn named(name: u32) -> Self {
        Self(name)
    }

    /// Its name.
    fn name(self) -> Text {
        Text::interned(self.0)
    }

    /// The error for this fault.
    #[cold]
    pub fn refuse(self, fault: Fault) -> Error {
        fault.exception(self).into()
    }

    /// Translates a [`FieldError`] for this parameter.
    ///
    /// # Errors
    ///
    /// `ValueError`.
    pub fn check<T>(self, result: core::result::Result<T, FieldError>) -> Result<T> {
        result.map_err(|error| self.refuse(error.into()))
    }

    /// Takes a text in UTF-8, and checks nothing else.
    ///
    /// # Errors
    ///
    /// `TypeError`, `ValueError`, `MemoryError`.
    pub fn text(self, obj: Obj) -> Result<Text> {
        let buffer = Buffer::of(obj)?.ok_or_else(|| self.refuse(Fault::NotText))?;
        Text::new(obj, buffer)?.ok_or_else(|| self.refuse(Fault::NotUtf8))
    }

    /// Takes a string of MQTT (section 1.5.3).
    ///
    /// # Errors
    ///
    /// As [`Self::text`].
    pub fn utf8_string(self, obj: Obj) -> Result<Text> {
        let text = self.text(obj)?;
        self.check(Utf8String::new(text.as_str()))?;
        Ok(text)
    }

    /// Takes a topic name.
    ///
    /// # Errors
    ///
    /// As [`Self::text`].
    pub fn topic_name(self, obj: Obj) -> Result<Text> {
        let text = self.text(obj)?;
        self.check(TopicName::new(text.as_str()))?;
        Ok(text)
    }

    /// Takes a topic filter.
    ///
    /// # Errors
    ///
    /// As [`Self::text`].
    pub fn topic_filter(self, obj: Obj) -> Result<Text> {
        let text = self.text(obj)?;
        self.check(TopicFilter::new(text.as_str()))?;
        Ok(text)
    }

    /// Takes `str` or bytes-like.
    ///
    /// # Errors
    ///
    /// `TypeError`.
    #[cfg(feature = "tls")]
    pub fn buffer(self, obj: Obj) -> Result<Buffer> {
        Buffer::of(obj)?.ok_or_else(|| self.refuse(Fault::NotText))
    }

    /// Takes `str` or bytes-like of at most 65535 bytes, and copies bytes that can change.
    ///
    /// # Errors
    ///
    /// `TypeError`, `ValueError`, `MemoryError`.
    pub fn binary(self, obj: Obj) -> Result<Immutable> {
        let buffer = Buffer::of(obj)?.ok_or_else(|| self.refuse(Fault::NotText))?;
        self.short(obj, buffer)
    }

    fn short(self, obj: Obj, buffer: Buffer) -> Result<Immutable> {
        let bytes = Immutable::new(obj, buffer)?;
        self.check(Binary::new(bytes.as_bytes()))?;
        Ok(bytes)
    }

    fn int(self, obj: Obj, wrong_type: Fault) -> Result<isize> {
        obj.as_int()?.ok_or_else(|| self.refuse(wrong_type))
    }

    /// Takes a `bool`, or an `int` in place of one. Not every object with a truth value: a host in the
    /// place of `clean_session` has one.
    ///
    /// # Errors
    ///
    /// `TypeError`.
    pub fn flag(self, obj: Obj) -> Result<bool> {
        // Most flags have this value.
        if obj == Obj::from_bool(false) {
            return Ok(false);
        }
        Ok(self.int(obj, Fault::NotBool)? != 0)
    }

    /// Takes a number of milliseconds, `least` (0 or 1) to `MAX_MS`.
    ///
    /// # Errors
    ///
    /// `TypeError`, `ValueError`.
    pub fn milliseconds(self, obj: Obj, least: u32, wrong_type: Fault) -> Result<u32> {
        match u32::try_from(self.int(obj, wrong_type)?) {
            Ok(ms) if (least..=MAX_MS).contains(&ms) => Ok(ms),
            _ => Err(self.refuse(if least == 0 {
                Fault::NotMilliseconds
            } else {
                Fault::NotPositive
            })),
        }
    }

    /// Takes a number of milliseconds from 0 on, or `None`.
    ///
    /// # Errors
    ///
    /// `TypeError`, `ValueError`.
    pub fn timeout(self, obj: Obj) -> Result<Option<u32>> {
        if obj.is_none() {
            return Ok(None);
        }
        self.milliseconds(obj, 0, Fault::NotIntOrNone).map(Some)
    }

    /// Takes a function.
    ///
    /// # Errors
    ///
    /// `TypeError`.
    pub fn function(self, obj: Obj) -> Result<Obj> {
        if obj.is_callable() {
            Ok(obj)
        } else {
            Err(self.refuse(Fault::NotCallable))
        }
    }

    /// Takes a function, or `None`.
    ///
    /// # Errors
    ///
    /// `TypeError`.
    pub fn callback(self, obj: Obj) -> Result<Option<Obj>> {
        if obj.is_none() {
            Ok(None)
        } else {
            self.function(obj).map(Some)
        }
    }
}

/// Takes the payload of a PUBLISH: `None`, bytes-like, or `str` as UTF-8.
///
/// # Errors
///
/// `TypeError`.
pub fn payload(obj: Obj) -> Result<Buffer> {
    if obj.is_none() {
        return Ok(Buffer::EMPTY);
    }
    Buffer::of(obj)?.ok_or_else(|| parameter!(payload).refuse(Fault::NotPayload))
}

/// Takes the payload of a will: as [`payload`], but of at most 65535 bytes. It copies bytes that can
/// change.
///
/// # Errors
///
/// `TypeError`, `ValueError`, `MemoryError`.
pub fn will_payload(obj: Obj) -> Result<Immutable> {
    parameter!(payload).short(obj, payload(obj)?)
}

/// Translates the error of making a PUBLISH: its payload was too long.
///
/// # Errors
///
/// `ValueError`.
pub fn packet<T>(made: core::result::Result<T, FieldError>) -> Result<T> {
    made.map_err(|_| parameter!(payload).refuse(Fault::TooLongForPacket))
}

/// Takes a QoS: 0, 1 or 2.
///
/// # Errors
///
/// `TypeError`, `ValueError`.
pub fn qos(obj: Obj) -> Result<QoS> {
    // umqtt.simple has `retain` in its place: `True` there must not become QoS 1.
    if obj.is_bool() {
        return Err(parameter!(qos).refuse(Fault::NotInt));
    }
    u8::try_from(parameter!(qos).int(obj, Fault::NotInt)?)
        .ok()
        .and_then(QoS::from_bits)
        .ok_or_else(|| parameter!(qos).refuse(Fault::NotQos))
}

/// Takes a keep-alive: 0 to 65535, in seconds.
///
/// # Errors
///
/// `TypeError`, `ValueError`.
pub fn keepalive(obj: Obj) -> Result<u16> {
    u16::try_from(parameter!(keepalive).int(obj, Fault::NotInt)?)
        .map_err(|_| parameter!(keepalive).refuse(Fault::NotKeepalive))
}

/// Takes a TCP port: 1 to 65535.
///
/// # Errors
///
/// `TypeError`, `ValueError`.
pub fn port(obj: Obj) -> Result<u16> {
    match u16::try_from(parameter!(port).int(obj, Fault::NotInt)?) {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(parameter!(port).refuse(Fault::NotPort)),
    }
}

/// Takes the reason code of a DISCONNECT.
///
/// # Errors
///
/// `TypeError`, `ValueError`.
#[cfg(feature = "v5")]
pub fn reason(obj: Obj) -> Result<ReasonCode> {
    let number = parameter!(reason).int(obj, Fault::NotInt)?;
    u8::try_from(number)
        .ok()
        .and_then(ReasonCode::of_disconnect)
        .ok_or_else(|| parameter!(reason).refuse(Fault::NotReason))
}

/// Takes a number that says when a subscription brings retained messages: 0, 1 or 2.
///
/// # Errors
///
/// `TypeError`, `ValueError`.
#[cfg(feature = "v5")]
pub fn retain_handling(obj: Obj) -> Result<RetainHandling> {
    match parameter!(retain_handling).int(obj, Fault::NotInt)? {
        0 => Ok(RetainHandling::Send),
        1 => Ok(RetainHandling::SendIfNew),
        2 => Ok(RetainHandling::DoNotSend),
        _ => Err(parameter!(retain_handling).refuse(Fault::NotQos)),
    }
}
