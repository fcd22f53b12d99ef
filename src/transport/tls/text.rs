//! Errors in words, put together when there is one: many begin or end in the same way.

/// Bytes of the longest [`Text`].
const MAX_TEXT: usize = 80;

/// What is wrong, in words.
pub type Text = heapless::String<MAX_TEXT>;

/// These words one after the other.
pub fn text(words: &[&str]) -> Text {
    let mut text = Text::new();
    for words in words {
        // There is room: tests/tls/texts.rs has all of them.
        let _ = text.push_str(words);
    }
    text
}
