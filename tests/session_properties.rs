//! The session keeps the promises of MQTT in any order of events.

mod harness;

use harness::simulation::{Action, run};
use mqtt::codec::Version;
use proptest::collection::vec;
use proptest::prelude::*;

fn action() -> impl Strategy<Value = Action> {
    any::<(u8, u8)>().prop_map(|(kind, argument)| Action::from_pair(kind, argument))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn promises_hold_in_any_order_of_events(
        version in proptest::sample::select(Version::ALL),
        receive_maximum in proptest::sample::select(&[1, 3, u16::MAX]),
        clean in any::<bool>(),
        actions in vec(action(), 0..150),
    ) {
        run(version, receive_maximum, clean, &actions);
    }
}
