//! The filters that match the topic of a message.

use crate::codec::topic_matches;
use crate::session::filter_hash::TopicHashes;
use crate::session::{Application, Registration};

use super::Subscriptions;

/// Up to this number of filters are compared without their hashes.
const FEW: usize = 3;

impl<A: Application> Subscriptions<A> {
    /// The last registration at present.
    pub(in crate::session) fn last(&self) -> Option<Registration> {
        self.table.last().map(|e| e.registration)
    }

    /// The first registration after `after` and up to `last` whose filter matches `topic`.
    ///
    /// It returns one registration a call, so that handlers may subscribe and unsubscribe while the
    /// message is on its way through them.
    pub(in crate::session) fn next_match(
        &self,
        topic: &str,
        after: Option<Registration>,
        last: Registration,
    ) -> Option<(Registration, A::Handler)> {
        // Registrations ascend in the table.
        let start = match after {
            None => 0,
            Some(after) => self.table.partition_point(|e| e.registration <= after),
        };
        let rest = self.table.get(start..)?;
        let mut hashes = (rest.len() > FEW).then(|| {
            let mut hashes = TopicHashes::NONE;
            hashes.compute(topic);
            hashes
        });
        for entry in rest {
            if entry.registration > last {
                break;
            }
            if hashes
                .as_mut()
                .is_none_or(|hashes| hashes.may_match(entry.hash))
                && entry.may_get_messages()
                && topic_matches(entry.filter.as_ref(), topic)
            {
                return Some((entry.registration, entry.handler.clone()));
            }
        }
        None
    }
}
