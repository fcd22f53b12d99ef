//! How many filters the hashes leave over, of the many that a client may have.

use crate::codec::topic_matches;
use crate::session::filter_hash::{FilterHash, TopicHashes};
use std::string::String;
use std::vec::Vec;

/// The largest number of filters of a thousand that are compared with a topic, and how many of
/// these match.
fn compared(filter: fn(u32) -> String, topic: fn(u32) -> String) -> (usize, usize) {
    let filters = (0..1000).map(filter);
    let filters: Vec<_> = filters.map(|it| (FilterHash::of(&it), it)).collect();
    let mut worst = (0, 0);
    for number in 0..1000 {
        let topic = topic(number);
        let mut hashes = TopicHashes::NONE;
        hashes.compute(&topic);
        let compared = filters.iter().filter(|(hash, _)| hashes.may_match(*hash));
        let compared: Vec<_> = compared.collect();
        let matching = compared
            .iter()
            .filter(|(_, filter)| topic_matches(filter, &topic));
        worst = worst.max((compared.len(), matching.count()));
    }
    worst
}

#[test]
fn of_a_thousand_filters_few_are_compared() {
    let filters: [fn(u32) -> String; 4] = [
        |number| std::format!("sensors/{number}/temperature"),
        |number| std::format!("sensors/{number}/#"),
        |number| std::format!("+/{number}/+"),
        |number| match number % 3 {
            0 => std::format!("sensors/{number}/+"),
            1 => std::format!("+/{number}/temperature"),
            _ => std::format!("sensors/{number}/temperature"),
        },
    ];
    for filter in filters {
        let topic = |number| std::format!("sensors/{number}/temperature");
        let (compared, matching) = compared(filter, topic);
        assert_eq!(matching, 1);
        // The filter that matches, and perhaps one with the same sum.
        assert!(compared <= 2, "{compared} for {}", filter(0));
    }
}
