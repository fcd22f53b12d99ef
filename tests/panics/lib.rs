//! Entry points into the codec of MQTT 5. `.ci/panics.py` links them and looks for panics.
#![no_std]

use core::convert::Infallible;
use mqtt::codec::{
    Auth, Binary, Connect, Credentials, Decoded, Delivery, Disconnect, Output, Packet, PacketId,
    Place, Properties, PropertyId, Publish, QoS, Reason, ReasonCode, RetainHandling, Subscribe,
    SubscriptionOptions, TopicFilter, TopicName, Unsubscribe, Utf8String, Version, Will,
    decode_next,
};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

unsafe extern "C" {
    /// Takes bytes that a packet consists of.
    fn mqtt_take(bytes: *const u8, len: usize);
}

/// An output whose bytes no compiler can leave out.
struct Outside;

impl Output for Outside {
    type Error = Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        // SAFETY: the function is never called, for the object file is never run.
        unsafe { mqtt_take(bytes.as_ptr(), bytes.len()) }
        Ok(())
    }
}

fn put_properties(properties: Option<Properties<'_>>) {
    for property in properties.into_iter().flatten() {
        let _ = property.encode(&mut Outside);
    }
}

fn put_reason(reason: Reason<'_>) {
    let _ = Outside.put(&[reason.code.get()]);
    let _ = Outside.put(reason.code.name().as_bytes());
    put_properties(reason.properties);
}

/// Decodes the packet at the front of `input`.
///
/// # Safety
///
/// There are `len` bytes at `input`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_panics_decode(input: *const u8, len: usize) -> usize {
    // SAFETY: the caller's promise.
    let input = unsafe { core::slice::from_raw_parts(input, len) };
    let last_topic = Utf8String::from_bytes(input).ok().map(|text| text.as_str());
    let last_topic = last_topic.and_then(|text| TopicName::new(text).ok());
    match decode_next(Version::V5, input, last_topic) {
        Ok(Decoded::Incomplete { needed, .. }) => needed,
        Ok(Decoded::Publish {
            publish,
            header_len,
            payload_len,
        }) => {
            put_properties(publish.properties);
            let topic = publish.topic.map_or("", TopicName::as_str);
            let _ = Outside.put(topic.as_bytes());
            header_len.wrapping_add(payload_len)
        }
        Ok(Decoded::Packet { packet, len }) => {
            match packet {
                Packet::ConnAck {
                    return_code,
                    properties,
                    ..
                } => {
                    let _ = Outside.put(&[return_code.get()]);
                    put_properties(properties);
                }
                Packet::PubAck(_, reason)
                | Packet::PubRec(_, reason)
                | Packet::PubRel(_, reason)
                | Packet::PubComp(_, reason)
                | Packet::Disconnect(reason)
                | Packet::Auth(reason) => put_reason(reason),
                Packet::SubAck {
                    codes, properties, ..
                }
                | Packet::UnsubAck {
                    codes, properties, ..
                } => {
                    let _ = Outside.put(codes);
                    put_properties(properties);
                }
                Packet::PingResp => {}
            }
            len
        }
        Err(error) => error.describe().len(),
    }
}

/// Encodes every packet that has properties, from `bytes`.
///
/// # Safety
///
/// There are `len` bytes at `bytes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mqtt_panics_encode(bytes: *const u8, len: usize, number: u8) -> usize {
    // SAFETY: the caller's promise.
    let bytes = unsafe { core::slice::from_raw_parts(bytes, len) };
    let of = |place| Properties::new(bytes, place).ok();
    let (Ok(text), Ok(data)) = (Utf8String::from_bytes(bytes), Binary::new(bytes)) else {
        return 0;
    };
    let (Ok(topic), Ok(filter)) = (TopicName::from_bytes(bytes), TopicFilter::from_bytes(bytes))
    else {
        return 0;
    };
    let qos = QoS::from_bits(number).unwrap_or(QoS::AtMostOnce);
    let connect = Connect {
        version: Version::V5,
        client_id: text,
        clean_session: number == 1,
        keep_alive: number.into(),
        will: Some(Will {
            topic,
            payload: data,
            qos,
            retain: number == 2,
            properties: of(Place::Will),
        }),
        credentials: Some(Credentials {
            username: text,
            password: Some(data),
        }),
        properties: of(Place::Connect),
    };
    let _ = connect.encode(&mut Outside);
    let id = PacketId::MIN;
    let options = SubscriptionOptions::new(number == 3, number == 4, RetainHandling::SendIfNew);
    let subscribe = Subscribe {
        id,
        filter,
        qos,
        options,
        properties: of(Place::Subscribe),
    };
    let _ = subscribe.encode(&mut Outside);
    let unsubscribe = Unsubscribe {
        id,
        filter,
        properties: of(Place::Unsubscribe),
    };
    let _ = unsubscribe.encode(&mut Outside);
    let delivery = Delivery::AtLeastOnce { id, dup: false };
    if let Ok(publish) = Publish::new(topic, bytes, delivery, number == 5, of(Place::Publish)) {
        let _ = publish.encode(&mut Outside);
    }
    if let (Some(code), Some(properties)) =
        (ReasonCode::of_disconnect(number), of(Place::Disconnect))
    {
        let _ = Disconnect { code, properties }.encode(&mut Outside);
    }
    let Some(properties) = of(Place::Auth) else {
        return 0;
    };
    let anew = number == 6;
    let _ = Auth { anew, properties }.encode(&mut Outside);
    let method = properties.text(PropertyId::AUTHENTICATION_METHOD);
    method.map_or(0, str::len)
}
