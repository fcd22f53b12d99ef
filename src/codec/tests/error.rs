//! The texts of the errors.

use crate::codec::*;

#[test]
fn every_decode_error_has_its_own_text() {
    let errors = [
        DecodeError::PacketType,
        DecodeError::Flags,
        DecodeError::QoS,
        DecodeError::Dup,
        DecodeError::RemainingLength,
        DecodeError::Length,
        DecodeError::ConnAckFlags,
        DecodeError::ReturnCode,
        DecodeError::SessionPresent,
        DecodeError::PacketId,
        DecodeError::SubAckCode,
        DecodeError::TopicLength,
        DecodeError::TopicName(FieldError::Empty),
        DecodeError::TopicName(FieldError::TooLong),
        DecodeError::TopicName(FieldError::NotUtf8),
        DecodeError::TopicName(FieldError::NullCharacter),
        DecodeError::TopicName(FieldError::Wildcard),
        DecodeError::TopicName(FieldError::SharedSubscription),
    ];
    for (index, error) in errors.iter().enumerate() {
        assert!(!error.describe().is_empty());
        for other in &errors[..index] {
            assert_ne!(error.describe(), other.describe());
        }
    }
}

#[test]
fn every_field_error_has_its_own_text() {
    let errors = [
        FieldError::Empty,
        FieldError::TooLong,
        FieldError::NotUtf8,
        FieldError::NullCharacter,
        FieldError::Wildcard,
        FieldError::SharedSubscription,
    ];
    for (index, error) in errors.iter().enumerate() {
        assert!(!error.describe().is_empty());
        for other in &errors[..index] {
            assert_ne!(error.describe(), other.describe());
        }
    }
}
