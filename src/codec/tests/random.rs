//! What holds for any bytes at all.

use crate::codec::*;
use std::vec::Vec;

/// What `decode` promises for every input.
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
            let name = publish.topic.as_str();
            assert_eq!(TopicName::new(name), Ok(publish.topic), "{input:x?}");
        }
        Err(_) => {}
    }
}

/// What `decode` says of a front it never takes back when more bytes come.
fn check_all_fronts(input: &[u8]) {
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

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 16) as usize % limit
    }

    fn pick(&mut self, bytes: &[u8]) -> u8 {
        bytes[self.below(bytes.len())]
    }
}

#[test]
fn all_inputs_of_up_to_three_bytes() {
    check_all_fronts(&[]);
    for first in 0..=255 {
        check_all_fronts(&[first]);
        for second in 0..=255 {
            check_all_fronts(&[first, second]);
            for third in [0x00, 0x01, 0x02, 0x03, 0x7F, 0x80, 0x81, 0xFF] {
                check_all_fronts(&[first, second, third]);
            }
        }
    }
}

#[test]
fn any_bytes() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..200_000 {
        let len = random.below(24);
        let input: Vec<u8> = (0..len).map(|_| random.next() as u8).collect();
        check_all_fronts(&input);
    }
}

#[test]
fn bytes_that_are_nearly_packets() {
    let first_bytes = [
        0x20, 0x30, 0x31, 0x32, 0x34, 0x3A, 0x3C, 0x40, 0x50, 0x62, 0x70, 0x90, 0xB0, 0xD0,
    ];
    let likely = [
        0, 0, 0, 1, 2, 3, 4, b'a', b'/', b'+', b'#', 0x7F, 0x80, 0xC3, 0xA9, 0xE2, 0x82, 0xAC,
        0xED, 0xA0, 0xF0, 0x9F, 0x98,
    ];
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for _ in 0..200_000 {
        let len = random.below(16);
        let mut input = std::vec![random.pick(&first_bytes), random.below(18) as u8, 0];
        input.extend((0..len).map(|_| random.pick(&likely)));
        check_all_fronts(&input);
    }
}

#[test]
fn any_text_makes_a_field_or_an_error() {
    let likely = [
        0, b'a', b'/', b'/', b'+', b'#', b'$', 0xC3, 0xA9, 0xE2, 0x82, 0xAC,
    ];
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for _ in 0..200_000 {
        let (filter_len, topic_len) = (random.below(8), random.below(8));
        let filter: Vec<u8> = (0..filter_len).map(|_| random.pick(&likely)).collect();
        let topic: Vec<u8> = (0..topic_len).map(|_| random.pick(&likely)).collect();
        let (filter, topic) = (
            TopicFilter::from_bytes(&filter),
            TopicName::from_bytes(&topic),
        );
        if let (Ok(filter), Ok(topic)) = (filter, topic) {
            assert_eq!(
                filter.matches(topic),
                matches_by_recursion(filter.as_str(), topic.as_str()),
                "{filter:?} {topic:?}"
            );
        }
    }
}

/// Section 4.7 once more, another way: level by level, from the front.
fn matches_by_recursion(filter: &str, topic: &str) -> bool {
    fn levels(filter: Option<&str>, topic: Option<&str>) -> bool {
        fn cut(text: &str) -> (&str, Option<&str>) {
            text.split_once('/')
                .map_or((text, None), |(level, rest)| (level, Some(rest)))
        }
        match (filter.map(cut), topic.map(cut)) {
            (Some(("#", None)), _) => true,
            (Some((level, filter)), Some((name, topic))) => {
                (level == "+" || level == name) && levels(filter, topic)
            }
            (None, None) => true,
            _ => false,
        }
    }
    let hidden = topic.starts_with('$') && filter.starts_with(['+', '#']);
    !hidden && levels(Some(filter), Some(topic))
}
