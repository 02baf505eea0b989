//! Who looks after a user's keys, and where they are told. Pure.

use shared::config::{Config, matches};
use shared::snapshot::User;

/// Who looks after keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Owner {
    /// As the configuration or a tag names them; `None`: nobody is named.
    pub name: Option<String>,
    /// The channel they read; `None`: the fallback.
    pub channel: Option<String>,
}

/// The owner of `user`: the configuration's first entry that matches, else the first of `owner_tags` that is there.
pub(crate) fn owner(user: &User, config: &Config) -> Owner {
    let owners = &config.rotation.owners;
    let listed =
        owners.iter().find(|owner| owner.user.as_ref().is_some_and(|pattern| matches(pattern, &user.name)));
    if let Some(listed) = listed {
        let channel = listed.channel.clone().or_else(|| channel_of(&listed.owner, config));
        return Owner { name: Some(listed.owner.clone()), channel };
    }
    let tag = |wanted: &String| {
        let found = user.tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    let mut tags = config.rotation.owner_tags.iter().filter_map(tag).peekable();
    let name = tags.peek().map(|name| (*name).to_owned());
    // A later tag may be the one that names a channel: an address for people, a robot for the team.
    let channel = tags.find_map(|name| channel_of(name, config));
    Owner { name, channel }
}

/// The channel of an owner: the one that the configuration gives them, else one that is called like them.
fn channel_of(name: &str, config: &Config) -> Option<String> {
    let same = |other: &str| other.eq_ignore_ascii_case(name);
    let given = config
        .rotation
        .owners
        .iter()
        .find(|owner| same(&owner.owner))
        .and_then(|owner| owner.channel.clone());
    given.or_else(|| {
        config.notify.channels.iter().find(|channel| same(&channel.name)).map(|channel| channel.name.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::snapshot::Read;

    const CONFIG: &str = r"
rotation:
  owners:
    - {user: 'ci-*', owner: build-team, channel: builds}
    - {owner: alice, channel: people}
notify:
  channels:
    - {name: builds, type: webhook, url: 'http://127.0.0.1:1/b', direct: true}
    - {name: people, type: webhook, url: 'http://127.0.0.1:1/p', direct: true}
    - {name: web-team, type: webhook, url: 'http://127.0.0.1:1/w', direct: true}";

    fn owned(name: &str, tags: &[(&str, &str)]) -> (Option<String>, Option<String>) {
        let user = User {
            name: name.into(),
            principal_name: format!("{name}@1.onaliyun.com"),
            frozen: false,
            tags: tags.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
            console: Read::Read(false),
            keys: Read::Read(Vec::new()),
        };
        let owner = owner(&user, &Config::parse(CONFIG, "test").unwrap());
        (owner.name, owner.channel)
    }

    #[test]
    fn the_configuration_comes_before_tags_and_tags_in_their_order() {
        let some = |text: &str| Some(text.to_owned());
        for (name, tags, wanted) in [
            ("ci-deploy", &[("owner", "alice")][..], (some("build-team"), some("builds"))),
            ("app", &[("owner", "alice"), ("email", "a@example.com")], (some("alice"), some("people"))),
            ("app", &[("Owner", "Alice")], (some("Alice"), some("people"))),
            (
                "app",
                &[("email", "b@example.com"), ("dingtalk", "web-team")],
                (some("b@example.com"), some("web-team")),
            ),
            ("app", &[("owner", " "), ("email", "b@example.com")], (some("b@example.com"), None)),
            ("app", &[("team", "alice")], (None, None)),
            ("app", &[], (None, None)),
        ] {
            assert_eq!(owned(name, tags), wanted, "{name} {tags:?}");
        }
    }
}
