//! The texts of the errors that only MQTT 5 has.

use crate::codec::*;

#[test]
fn every_decode_error_has_its_own_text() {
    let errors = [
        DecodeError::Property,
        DecodeError::PropertyTwice,
        DecodeError::PropertyLength,
        DecodeError::PropertyValue,
        DecodeError::PropertyText(FieldError::Empty),
        DecodeError::PropertyText(FieldError::TooLong),
        DecodeError::PropertyText(FieldError::NotUtf8),
        DecodeError::PropertyText(FieldError::NullCharacter),
        DecodeError::PropertyText(FieldError::Wildcard),
        DecodeError::PropertyText(FieldError::SharedSubscription),
        DecodeError::NoAuthenticationMethod,
        DecodeError::ReasonCode,
        DecodeError::NoTopic,
        // Of all versions, with a likely text.
        DecodeError::ReturnCode,
        DecodeError::TopicName(FieldError::Empty),
        DecodeError::TopicLength,
    ];
    for (index, error) in errors.iter().enumerate() {
        assert!(!error.describe().is_empty());
        for other in &errors[..index] {
            assert_ne!(error.describe(), other.describe());
        }
    }
}
