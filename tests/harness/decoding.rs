//! The promises of the decoder for every input.

use mqtt::codec::{Decoded, MAX_REMAINING_LENGTH, QoS, TopicName, Version, decode_next};

/// All versions of MQTT that are built in.
pub const VERSIONS: &[Version] = &[
    Version::V3_1_1,
    #[cfg(feature = "v5")]
    Version::V5,
];

/// Checks the result of `decode_next` for `input`.
fn check(version: Version, input: &[u8]) {
    match decode_next(version, input, None) {
        Ok(Decoded::Incomplete { needed, publish }) => {
            assert!(needed > input.len(), "{input:x?}");
            if let Some(shape) = publish {
                let id_len = if shape.qos == QoS::AtMostOnce { 0 } else { 2 };
                let header_len = shape.prefix_len + shape.topic_len + id_len;
                // In MQTT 5 the properties follow.
                assert!(needed >= header_len, "{input:x?}");
                assert!(version.is_5() || needed == header_len, "{input:x?}");
                assert!(needed <= header_len + shape.payload_len, "{input:x?}");
                assert!(shape.payload_len <= MAX_REMAINING_LENGTH, "{input:x?}");
            }
        }
        Ok(Decoded::Packet { len, .. }) => assert!(2 <= len && len <= input.len(), "{input:x?}"),
        Ok(Decoded::Publish {
            publish,
            header_len,
            payload_len,
        }) => {
            assert!(header_len <= input.len(), "{input:x?}");
            assert!(payload_len <= MAX_REMAINING_LENGTH, "{input:x?}");
            assert_eq!(publish.properties.is_some(), version.is_5(), "{input:x?}");
            match publish.topic {
                Some(name) => assert_eq!(TopicName::new(name.as_str()), Ok(name), "{input:x?}"),
                None => assert!(version.is_5(), "{input:x?}"),
            }
            #[cfg(feature = "v5")]
            if let Some(properties) = publish.properties {
                check_properties(properties);
            }
        }
        Err(_) => {}
    }
}

/// Checks that a received block reads as a whole.
#[cfg(feature = "v5")]
fn check_properties(properties: mqtt::codec::Properties<'_>) {
    let mut bytes = std::vec![0; properties.as_bytes().len()];
    let mut room = &mut bytes[..];
    for property in properties {
        property.encode(&mut room).unwrap();
    }
    assert_eq!(room, []);
    assert_eq!(bytes, properties.as_bytes());
}

/// Checks `input` and every front of it. `decode_next` must never take back a result when more bytes
/// come.
pub fn check_all_fronts(version: Version, input: &[u8]) {
    let mut settled = None;
    let mut least = 0;
    for len in 0..=input.len() {
        let front = &input[..len];
        check(version, front);
        let said = decode_next(version, front, None);
        if let Some(settled) = settled {
            assert_eq!(said, settled, "{front:x?}");
        } else if let Ok(Decoded::Incomplete { needed, .. }) = said {
            assert!(needed >= least, "{front:x?}");
            least = needed;
        } else {
            assert!(len >= least || said.is_err(), "{front:x?}");
            settled = Some(said);
        }
    }
}
