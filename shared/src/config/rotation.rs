//! `rotation`: when access keys are due, who is reminded, and what may be disabled.

use std::time::Duration;

use serde::Serialize;

use super::Place;
use super::node::{Node, Wrong};
use super::value::{self, Words, list, or_default, said, text, word};

/// When access keys are due, and what happens then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotation {
    /// The age at which a key is due.
    #[serde(serialize_with = "value::span")]
    pub rotate_after: Duration,
    /// How long before that its owner is reminded.
    #[serde(serialize_with = "value::spans")]
    pub remind_before: Vec<Duration>,
    /// A key that has not been used for this long is idle.
    #[serde(serialize_with = "value::span")]
    pub idle_after: Duration,
    /// Which keys are disabled.
    pub disable: Disable,
    /// Keys disabled in one run, at most. None at 0.
    pub max_disabled_per_run: u32,
    /// A key that has been due for this long is overdue.
    #[serde(serialize_with = "value::span")]
    pub overdue_after: Duration,
    /// Overdue keys and root's keys are announced again after this time; other stages after four times this.
    #[serde(serialize_with = "value::span")]
    pub repeat_every: Duration,
    /// A key is disabled only this long after its owner was told that it will be.
    #[serde(serialize_with = "value::span")]
    pub notice: Duration,
    /// Tags of a user that name its owner: the first that is there counts.
    pub owner_tags: Vec<String>,
    /// Who looks after whose keys. The first that matches counts, and counts more than a tag.
    pub owners: Vec<Owner>,
}

impl Default for Rotation {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            rotate_after: Duration::from_secs(90 * DAY),
            remind_before: [14, 7, 1].map(|days| Duration::from_secs(days * DAY)).to_vec(),
            idle_after: Duration::from_secs(90 * DAY),
            disable: Disable::default(),
            max_disabled_per_run: 5,
            overdue_after: Duration::from_secs(7 * DAY),
            repeat_every: Duration::from_secs(7 * DAY),
            notice: Duration::from_secs(7 * DAY),
            owner_tags: ["owner", "email", "dingtalk"].map(str::to_owned).to_vec(),
            owners: Vec::new(),
        }
    }
}

impl Rotation {
    pub(super) fn read(node: &Node) -> Result<Self, Wrong> {
        let keys = node.mapping(&[
            "rotate_after",
            "remind_before",
            "idle_after",
            "disable",
            "max_disabled_per_run",
            "overdue_after",
            "repeat_every",
            "notice",
            "owner_tags",
            "owners",
        ])?;
        let mut read = Self::default();
        keys.read("rotate_after", &mut read.rotate_after, said(value::parse_span))?;
        keys.read("remind_before", &mut read.remind_before, list(said(value::parse_span)))?;
        keys.read("idle_after", &mut read.idle_after, said(value::parse_span))?;
        keys.read("disable", &mut read.disable, word)?;
        keys.read("max_disabled_per_run", &mut read.max_disabled_per_run, said(value::number))?;
        keys.read("overdue_after", &mut read.overdue_after, said(value::parse_span))?;
        keys.read("repeat_every", &mut read.repeat_every, said(value::repeat_every))?;
        keys.read("notice", &mut read.notice, said(value::parse_span))?;
        keys.read("owner_tags", &mut read.owner_tags, list(text))?;
        keys.read("owners", &mut read.owners, or_default(list(Owner::read)))?;
        Ok(read)
    }
}

/// Which keys the rotation disables. Always reversible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Disable {
    /// None.
    #[default]
    Never,
    /// Those past their due date.
    Overdue,
    /// Those that nothing uses.
    Idle,
}

impl Words for Disable {
    const WORDS: &'static [(&'static str, Self)] =
        &[("never", Self::Never), ("overdue", Self::Overdue), ("idle", Self::Idle)];
}

/// Who looks after the keys of some users, and where they are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// Names of users, in which `*` stands for anything. None: only for the channel of an owner that a tag names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The owner, as tags and messages name it.
    pub owner: String,
    /// The channel that the owner reads; without one, a channel of the owner's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    #[serde(skip)]
    place: Place,
}

impl Owner {
    fn read(node: &Node) -> Result<Self, Wrong> {
        let keys = node.mapping(&["user", "owner", "channel"])?;
        let said = |key: &str| keys.get(key).map(text).transpose();
        let read = Self {
            user: said("user")?,
            owner: text(keys.required("owner")?)?,
            channel: said("channel")?,
            place: node.place,
        };
        if read.user.is_none() && read.channel.is_none() {
            return Err(node.wrong("an owner without user and channel says nothing"));
        }
        Ok(read)
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }
}
