/// Whether a message published under `topic` goes to a subscription of `filter`, section 4.7.
///
/// Compares bytes: letters of different case, or the same text encoded as different characters,
/// do not match. Takes any text: nothing matches a filter that
/// [`TopicFilter`](super::TopicFilter) refuses for its wildcards, unless the topic repeats its
/// faults.
#[must_use]
pub fn topic_matches(filter: &str, topic: &str) -> bool {
    let (filter, topic) = (filter.as_bytes(), topic.as_bytes());
    // Most filters have no wildcards.
    if filter == topic {
        return true;
    }
    // [MQTT-4.7.2-1]
    if topic.first() == Some(&b'$') && matches!(filter.first(), Some(b'+' | b'#')) {
        return false;
    }
    let is_separator = |byte: &u8| *byte == b'/';
    let mut names = topic.split(is_separator);
    let mut levels = filter.split(is_separator);
    while let Some(level) = levels.next() {
        if level == b"#" {
            // Stands for the parent level too, so `names` may be used up (section 4.7.1.2).
            return levels.next().is_none();
        }
        match names.next() {
            Some(name) if level == b"+" || level == name => {}
            _ => return false,
        }
    }
    names.next().is_none()
}
