//! Texts of errors, put together when there is an error: many begin or end in the same way.

/// The longest [`Text`], in bytes.
const MAX_TEXT: usize = 80;

/// The text of an error.
pub type Text = heapless::String<MAX_TEXT>;

/// Puts the words one after the other.
pub fn text(words: &[&str]) -> Text {
    let mut text = Text::new();
    for words in words {
        // There is room: tests/tls/texts.rs has all of them.
        let _ = text.push_str(words);
    }
    text
}
