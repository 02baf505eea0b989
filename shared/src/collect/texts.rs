//! Where secrets are left lying in a region: user data of instances and launch templates, parameters of OOS and ROS. Texts are looked
//! through as they come in; what is kept are the hits.

use std::collections::BTreeMap;

use futures_util::future::join4;
use futures_util::stream::{self, StreamExt};

use super::{AT_ONCE, listed, unread_in};
use crate::cloud::oos::{GetParameter, ListParameters, Parameter};
use crate::cloud::ros::{GetStack, ListStacks, Stack};
use crate::cloud::user_data::{
    DescribeLaunchTemplateVersions, DescribeLaunchTemplates, DescribeUserData, Template,
};
use crate::openapi::{Action, Api, Error, Kind, Session};
use crate::secrets::{self, Unreadable};
use crate::snapshot::{Instance, Listed, Read, SecretHit, TextSource, Unread};

/// What `texts` calls: for the generated permissions.
pub const TEXTS_NEED: &[Api] = &[
    <DescribeUserData<'_> as Action>::API,
    <DescribeLaunchTemplates as Action>::API,
    <DescribeLaunchTemplateVersions<'_> as Action>::API,
    <ListParameters as Action>::API,
    <GetParameter<'_> as Action>::API,
    <ListStacks as Action>::API,
    <GetStack<'_> as Action>::API,
];

/// Looks for secrets in the texts of the session's region. `instances` are those that were listed, of any region; that they may not be all
/// leaves this list open, too.
pub(super) async fn texts(
    session: &Session,
    account_id: &str,
    instances: &Listed<Instance>,
) -> Listed<TextSource> {
    let here = &Here { session, account_id };
    let (a, b, c, d) =
        join4(here.instances(instances), here.templates(), here.parameters(), here.stacks()).await;
    let mut all: Listed<TextSource> = [a, b, c, d].into_iter().collect();
    all.rows.sort_by(|a, b| a.resource.cmp(&b.resource));
    all
}

/// One region of the account.
struct Here<'a> {
    session: &'a Session,
    account_id: &'a str,
}

impl Here<'_> {
    async fn instances(&self, instances: &Listed<Instance>) -> Listed<TextSource> {
        let region = self.session.region();
        let here = instances.rows.iter().filter(|instance| instance.region == region);
        let rows = stream::iter(here).map(|instance| self.instance(instance)).buffer_unordered(AT_ONCE);
        let rows = rows.filter_map(std::future::ready).collect().await;
        let unread = instances.unread.iter().filter(|why| why.concerns(region)).cloned().collect();
        Listed { rows, unread }
    }

    async fn instance(&self, instance: &Instance) -> Option<TextSource> {
        let action = DescribeUserData { region_id: self.session.region(), instance_id: &instance.id };
        let hits = match self.session.call(&action).await {
            Ok(answer) => user_data("ecs:DescribeUserData", &answer.user_data),
            Err(error) if is_gone(&error, "Instance") => return None,
            Err(error) => Err(self.unread(&error)),
        };
        Some(self.source(
            "ecs",
            &format!("instance/{}", instance.id),
            "user-data",
            instance.tags.clone(),
            hits,
        ))
    }

    async fn templates(&self) -> Listed<TextSource> {
        let templates = listed(self.session, DescribeLaunchTemplates::of(self.session.region())).await;
        let rows = stream::iter(templates.rows).map(|it| self.template(it)).buffer_unordered(AT_ONCE);
        Listed { rows: rows.filter_map(std::future::ready).collect().await, unread: templates.unread }
    }

    async fn template(&self, template: Template) -> Option<TextSource> {
        let action = DescribeLaunchTemplateVersions {
            region_id: self.session.region(),
            launch_template_id: &template.launch_template_id,
            launch_template_version: template.versions(),
        };
        let hits = match self.session.call(&action).await {
            Ok(answer) => in_versions(&template.versions(), answer.user_data()),
            Err(error) if is_gone(&error, "LaunchTemplate") => return None,
            Err(error) => Err(self.unread(&error)),
        };
        let resource = format!("launchtemplate/{}", template.launch_template_id);
        Some(self.source("ecs", &resource, "launch-template", template.tags(), hits))
    }

    async fn parameters(&self) -> Listed<TextSource> {
        let parameters = listed(self.session, ListParameters::of(self.session.region())).await;
        let rows = stream::iter(parameters.rows).map(|it| self.parameter(it)).buffer_unordered(AT_ONCE);
        Listed { rows: rows.filter_map(std::future::ready).collect().await, unread: parameters.unread }
    }

    async fn parameter(&self, parameter: Parameter) -> Option<TextSource> {
        let action = GetParameter { region_id: self.session.region(), name: &parameter.name };
        let hits = match self.session.call(&action).await {
            Ok(answer) => Ok(secrets::in_pairs([(parameter.name.as_str(), answer.value())])),
            Err(error) if is_gone(&error, "Parameter") => return None,
            Err(error) => Err(self.unread(&error)),
        };
        let resource = format!("parameter/{}", parameter.name);
        Some(self.source("oos", &resource, "oos-parameter", parameter.tags(), hits))
    }

    async fn stacks(&self) -> Listed<TextSource> {
        let stacks = listed(self.session, ListStacks::of(self.session.region())).await;
        let alive = stacks.rows.into_iter().filter(|stack| !stack.is_deleted());
        let rows = stream::iter(alive).map(|it| self.stack(it)).buffer_unordered(AT_ONCE);
        Listed { rows: rows.filter_map(std::future::ready).collect().await, unread: stacks.unread }
    }

    async fn stack(&self, stack: Stack) -> Option<TextSource> {
        let hits = match self.session.call(&GetStack::of(self.session.region(), &stack.stack_id)).await {
            // Pseudo parameters (`ALIYUN::AccountId`) and stars in place of `NoEcho` values hold no secret.
            Ok(given) => Ok(secrets::in_pairs(given.values())),
            Err(error) if is_gone(&error, "Stack") => return None,
            Err(error) => Err(self.unread(&error)),
        };
        Some(self.source("ros", &format!("stack/{}", stack.stack_id), "ros-parameter", stack.tags(), hits))
    }

    fn source(
        &self,
        product: &str,
        resource: &str,
        kind: &str,
        tags: BTreeMap<String, String>,
        hits: Result<Vec<SecretHit>, Unread>,
    ) -> TextSource {
        let region = self.session.region();
        let hits = hits.map_err(|why| Unread { region: region.to_owned(), ..why });
        TextSource {
            resource: format!("acs:{product}:{region}:{}:{resource}", self.account_id),
            region: region.to_owned(),
            kind: kind.to_owned(),
            tags,
            hits: Read::from(hits),
        }
    }

    fn unread(&self, error: &Error) -> Unread {
        unread_in(self.session, error)
    }
}

/// Whether a thing that was listed is not there any more: `InvalidInstanceId.NotFound`, `StackNotFound`, `EntityNotExists.Parameter`. A
/// call that is not there (`InvalidAction.NotFound`) says nothing of the thing.
fn is_gone(error: &Error, thing: &str) -> bool {
    error.kind() == Kind::NotFound && error.code().contains(thing)
}

fn user_data(action: &str, base64: &str) -> Result<Vec<SecretHit>, Unread> {
    secrets::in_user_data(base64).map_err(|Unreadable::Gzip| {
        Unread::new(action, "Gzip", "the user data is compressed; it was not looked through")
    })
}

/// Looks through versions of a launch template; each that was asked for must have been told.
fn in_versions<'a>(
    asked: &[u64],
    told: impl Iterator<Item = (u64, &'a str)>,
) -> Result<Vec<SecretHit>, Unread> {
    const ACTION: &str = "ecs:DescribeLaunchTemplateVersions";
    let told: BTreeMap<u64, &str> = told.collect();
    let mut hits = Vec::new();
    for number in asked {
        let missing = || Unread::new(ACTION, "Incomplete", format!("version {number} was not told"));
        let found = user_data(ACTION, told.get(number).ok_or_else(missing)?)?;
        hits.extend(found.into_iter().map(|hit| {
            let place = format!("version {number}, {}", hit.place);
            SecretHit { place, ..hit }
        }));
    }
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_that_was_asked_for_is_looked_through() {
        let told = || [(1, "UEFTU1dPUkQ9aHVudGVyMg=="), (3, "")].into_iter();
        let hits = in_versions(&[1, 3], told()).unwrap();
        assert_eq!(hits.len(), 1);
        assert_eq!((hits[0].place.as_str(), hits[0].masked.as_str()), ("version 1, line 1", "h…"));
        assert_eq!(in_versions(&[1, 4], told()).unwrap_err().code, "Incomplete");
        assert_eq!(in_versions(&[1], [(1, "H4sIAAAA")].into_iter()).unwrap_err().code, "Gzip");
    }

    #[test]
    fn gone_is_the_thing_not_the_call() {
        let error = |code: &str| Error::new(Kind::NotFound, "ecs:DescribeUserData", code, "");
        assert!(is_gone(&error("InvalidInstanceId.NotFound"), "Instance"));
        assert!(!is_gone(&error("InvalidAction.NotFound"), "Instance"));
        assert!(!is_gone(&error("HTTP 404"), "Instance"));
    }
}
