//! Every short input, and every front of it.

#[path = "../../../tests/harness/decoding.rs"]
mod decoding;

use decoding::check_all_fronts;

#[test]
#[cfg_attr(miri, ignore)]
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
