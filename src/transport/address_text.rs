//! IP addresses in text.

use core::net::IpAddr;

use heapless::String;

/// The longest text of an address: eight groups of four digits with colons between.
pub const ADDRESS_TEXT: usize = 39;

/// `address` in text. By hand: `core::fmt` would be the larger part of a small firmware.
pub fn address_text(address: IpAddr) -> String<ADDRESS_TEXT> {
    let mut text = String::new();
    match address {
        IpAddr::V4(v4) => {
            for (i, byte) in v4.octets().into_iter().enumerate() {
                if i > 0 {
                    let _ = text.push('.');
                }
                push_number(&mut text, byte.into(), 10);
            }
        }
        IpAddr::V6(v6) => {
            for (i, group) in v6.segments().into_iter().enumerate() {
                if i > 0 {
                    let _ = text.push(':');
                }
                push_number(&mut text, group, 16);
            }
        }
    }
    text
}

fn push_number(text: &mut String<ADDRESS_TEXT>, number: u16, base: u16) {
    let mut digits = heapless::Vec::<char, 5>::new();
    let mut rest = number;
    loop {
        let digit = rest.checked_rem(base).unwrap_or(0);
        // Five digits hold any u16 in base 10 or 16, and the text has room for all groups.
        let _ = digits.push(char::from_digit(digit.into(), base.into()).unwrap_or('0'));
        rest = rest.checked_div(base).unwrap_or(0);
        if rest == 0 {
            break;
        }
    }
    while let Some(digit) = digits.pop() {
        let _ = text.push(digit);
    }
}
