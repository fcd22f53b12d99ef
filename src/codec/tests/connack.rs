use super::support::*;
use crate::codec::*;

const CODES: [ReturnCode; 6] = [
    ReturnCode::Accepted,
    ReturnCode::UnacceptableProtocolVersion,
    ReturnCode::IdentifierRejected,
    ReturnCode::ServerUnavailable,
    ReturnCode::BadUserNameOrPassword,
    ReturnCode::NotAuthorized,
];

#[test]
fn every_return_code() {
    for (number, return_code) in (0..).zip(CODES) {
        assert_eq!(return_code as u8, number);
        let session_present = false;
        assert_decodes(
            &[0x20, 2, 0, number],
            Packet::ConnAck {
                session_present,
                return_code,
            },
        );
    }
}

#[test]
fn a_session_is_present() {
    assert_decodes(
        &[0x20, 2, 1, 0],
        Packet::ConnAck {
            session_present: true,
            return_code: ReturnCode::Accepted,
        },
    );
}

#[test]
fn reserved_return_codes_are_refused() {
    for number in 6..=255 {
        assert_eq!(ReturnCode::from_u8(number), None);
        assert_refused(&[0x20, 2, 0, number], DecodeError::ReturnCode);
        assert_refused(&[0x20, 2, 1, number], DecodeError::ReturnCode);
    }
}

#[test]
fn reserved_acknowledge_flags_are_refused_before_the_return_code_is_there() {
    for flags in 2..=255 {
        assert_refused(&[0x20, 2, flags], DecodeError::ConnAckFlags);
    }
}

#[test]
fn mqtt_3_2_2_4_a_refusal_has_no_session() {
    for number in 1..=5 {
        assert_refused(&[0x20, 2, 1, number], DecodeError::SessionPresent);
    }
}
