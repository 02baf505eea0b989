//! When a key was last used, by everyone who knows: IMS, and ActionTrail in both central regions.

use futures_util::future::{join, join_all};
use jiff::Timestamp;
use serde::Serialize;

use crate::cloud::actiontrail::{CENTRAL_REGIONS, GetAccessKeyLastUsedInfo};
use crate::cloud::ims::GetAccessKeyLastUsed;
use crate::openapi::Session;

/// The last use of a key that anybody tells of. All of them are about an hour behind (ActionTrail: "refreshed hourly").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LastUse {
    /// When; `None`: never, as far as was read.
    pub at: Option<Timestamp>,
    /// With which service, if they say.
    pub service: Option<String>,
    /// Who could not be asked, and why. With one of these the rest is UNKNOWN.
    pub unread: Vec<String>,
}

impl LastUse {
    /// Asks them all.
    pub(super) async fn read(session: &Session, user: &str, key: &str) -> Self {
        let ims = async {
            let action = GetAccessKeyLastUsed { user_access_key_id: key, user_principal_name: user };
            let answer = session.call(&action).await.map_err(|error| error.to_string())?;
            let at = answer.at().map_err(|why| format!("ims:GetAccessKeyLastUsed: {why}"))?;
            Ok((at, answer.service().map(str::to_owned)))
        };
        let trails = CENTRAL_REGIONS.map(|region| async move {
            let session = session.in_region(region);
            let answer = session.call(&GetAccessKeyLastUsedInfo { access_key: key }).await;
            let used = answer.map_err(|error| error.to_string())?.value;
            Ok((used.at(), used.service_name))
        });
        let (ims, trails) = join(ims, join_all(trails)).await;
        Self::latest([ims].into_iter().chain(trails))
    }

    /// The latest of what they say.
    fn latest(
        answers: impl IntoIterator<Item = Result<(Option<Timestamp>, Option<String>), String>>,
    ) -> Self {
        let mut found = Self::default();
        for answer in answers {
            match answer {
                Ok((Some(at), service)) if found.at.is_none_or(|known| at > known) => {
                    (found.at, found.service) = (Some(at), service.or(found.service));
                }
                Ok(_) => {}
                Err(why) => found.unread.push(why),
            }
        }
        found
    }

    /// Whether everybody answered.
    pub fn is_read(&self) -> bool {
        self.unread.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_counts_and_nothing_unread_is_forgotten() {
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let ecs = || Some("Ecs".to_owned());
        let found =
            LastUse::latest([Ok((at(5), ecs())), Ok((None, None)), Ok((at(9), Some("Oss".to_owned())))]);
        assert_eq!((found.at, found.service.as_deref(), found.is_read()), (at(9), Some("Oss"), true));
        let found = LastUse::latest([Ok((at(5), ecs())), Err("denied".to_owned())]);
        assert_eq!((found.at, found.is_read()), (at(5), false));
        assert_eq!(LastUse::latest([Ok((None, None))]), LastUse::default());
    }
}
