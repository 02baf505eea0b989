//! One digest for each owner: what is said to whom, and what is looked up for it.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};
use shared::collect::key_use;
use shared::config::Config;
use shared::openapi::Session;
use shared::snapshot::KeyUse;

use crate::owners::{Owner, owner};
use crate::plan::{About, Item};

/// Keys told of at length, in an owner's first message: looking up what a key is used for costs calls that are few a second. The
/// others get a line each.
const AT_LENGTH: usize = 12;
/// Keys in one message: what the smallest channel takes whole (DingTalk, 20,000 bytes).
const IN_ONE: usize = 60;
/// Messages to one owner in one run. What is beyond is not said, and so comes tomorrow.
const MESSAGES: usize = 5;
/// Keys whose use is looked up at the same time.
const AT_ONCE: usize = 64;

/// What one owner is told today, worst first.
pub(crate) struct Group<'a> {
    pub owner: Owner,
    pub items: Vec<Item<'a>>,
    /// How many of them are told of at length.
    pub at_length: usize,
    /// Keys of this owner that are left for tomorrow.
    pub left: usize,
}

/// Sorts items by owner, as many messages as one may get. Those without an owner are together.
pub(crate) fn groups<'a>(items: Vec<Item<'a>>, config: &Config) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<Owner, Vec<Item<'a>>> = BTreeMap::new();
    for item in items {
        let mut owner = owner(item.user, config);
        if owner.channel.is_none() {
            // Whoever is named but cannot be reached is told of together with those whom nobody is named for.
            owner.name = None;
        }
        groups.entry(owner).or_default().push(item);
    }
    let mut messages = Vec::new();
    for (owner, items) in groups {
        let mut left = items.len();
        let mut items = items.into_iter().peekable();
        for number in 0..MESSAGES {
            if items.peek().is_none() {
                break;
            }
            let some: Vec<Item<'a>> = items.by_ref().take(IN_ONE).collect();
            left -= some.len();
            let at_length = if number == 0 { AT_LENGTH } else { 0 };
            messages.push(Group { owner: owner.clone(), items: some, at_length, left: 0 });
        }
        if let Some(last) = messages.last_mut() {
            last.left = left;
        }
    }
    messages
}

/// What the keys are used for that are told of at length, by key.
pub(crate) async fn uses(session: &Session, groups: &[Group<'_>]) -> BTreeMap<String, KeyUse> {
    let wanted = groups.iter().flat_map(|group| group.items.iter().take(group.at_length)).filter_map(
        |item| match &item.about {
            About::Key(key, _) if key.active => Some(key.id.clone()),
            _ => None,
        },
    );
    stream::iter(wanted.collect::<Vec<_>>())
        .map(|key| async move {
            let found = key_use(session, &key).await;
            (key, found)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}
