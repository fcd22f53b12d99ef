//! IP addresses in text.

use core::net::IpAddr;

use heapless::String;

/// The longest text of an address: eight groups of four digits with colons between.
pub const ADDRESS_TEXT: usize = 39;

/// Writes `address` in text, without `core::fmt`, which would make a small firmware larger.
pub fn address_text(address: IpAddr) -> String<ADDRESS_TEXT> {
    let mut text = String::new();
    match address {
        IpAddr::V4(v4) => {
            for (i, byte) in v4.octets().into_iter().enumerate() {
                if i > 0 {
                    let _ = text.push('.');
                }
                push_number(&mut text, byte.into(), &[100, 10, 1]);
            }
        }
        IpAddr::V6(v6) => {
            for (i, group) in v6.segments().into_iter().enumerate() {
                if i > 0 {
                    let _ = text.push(':');
                }
                push_number(&mut text, group, &[0x1000, 0x100, 0x10, 1]);
            }
        }
    }
    text
}

/// Writes `number` without leading zeros: a digit for each of these powers of the base, the last of
/// which is 1. The text has room for all of them.
fn push_number(text: &mut String<ADDRESS_TEXT>, number: u16, powers: &[u16]) {
    let mut rest = number;
    let mut begun = false;
    for &power in powers {
        let digit = rest.checked_div(power).unwrap_or(0) as u8;
        rest = rest.checked_rem(power).unwrap_or(0);
        begun |= digit != 0 || power == 1;
        if begun {
            let zero = if digit < 10 { b'0' } else { b'a' - 10 };
            let _ = text.push(char::from(zero.wrapping_add(digit)));
        }
    }
}
