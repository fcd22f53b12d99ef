//! The promises of the decoder for every input.

use mqtt::codec::{Decoded, MAX_REMAINING_LENGTH, QoS, TopicName, decode};

/// Checks the result of `decode` for `input`.
fn check(input: &[u8]) {
    match decode(input) {
        Ok(Decoded::Incomplete { needed, publish }) => {
            assert!(needed > input.len(), "{input:x?}");
            if let Some(shape) = publish {
                let id_len = if shape.qos == QoS::AtMostOnce { 0 } else { 2 };
                let header_len = shape.prefix_len + shape.topic_len + id_len;
                assert_eq!(needed, header_len, "{input:x?}");
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
            let name = publish.topic.expect("a topic name").as_str();
            assert_eq!(
                TopicName::new(name),
                Ok(publish.topic.unwrap()),
                "{input:x?}"
            );
        }
        Err(_) => {}
    }
}

/// Checks `input` and every front of it. `decode` must never take back a result when more bytes
/// come.
pub fn check_all_fronts(input: &[u8]) {
    let mut settled = None;
    let mut least = 0;
    for len in 0..=input.len() {
        let front = &input[..len];
        check(front);
        let said = decode(front);
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
