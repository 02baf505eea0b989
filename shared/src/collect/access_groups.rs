//! NAS permission groups: who may mount what.

use std::collections::BTreeMap;
use std::net::IpAddr;

use futures_util::future::join3;
use futures_util::stream::{self, StreamExt};
use ipnet::IpNet;

use super::{listed, not_offered};
use crate::cloud::nas::{
    self, DescribeAccessGroups, DescribeAccessRules, DescribeFileSystems, DescribeMountTargets,
    FileSystemType, REGIONS,
};
use crate::openapi::{Action, Api, Session};
use crate::snapshot::{AccessGroup, AccessRule, Listed, Unread};

/// What `access_groups` calls: for the generated permissions.
pub const ACCESS_GROUPS_NEED: &[Api] = &[
    <DescribeAccessGroups as Action>::API,
    <DescribeAccessRules as Action>::API,
    <DescribeFileSystems as Action>::API,
    <DescribeMountTargets as Action>::API,
];

/// Groups that are read at the same time.
const AT_ONCE: usize = 16;

/// What the service answers when it does not know the group, or the file system, any more.
const GONE: &[&str] = &["InvalidAccessGroup.NotFound", "InvalidFileSystem.NotFound"];

/// The permission groups of the session's region, of both kinds of file system that have any of their own.
pub(super) async fn access_groups(session: &Session) -> Listed<AccessGroup> {
    let (standard, extreme, mounts) = join3(
        listed(session, DescribeAccessGroups::of(FileSystemType::Standard)),
        listed(session, DescribeAccessGroups::of(FileSystemType::Extreme)),
        mounts(session),
    )
    .await;
    let mut unread = standard.unread;
    unread.extend(extreme.unread);
    unread.retain(|why| !not_offered(why, REGIONS));
    let groups = standard.rows.into_iter().map(|row| (row, FileSystemType::Standard));
    let groups = groups.chain(extreme.rows.into_iter().map(|row| (row, FileSystemType::Extreme)));
    let read = groups.map(|(row, kind)| group(session, row, kind, &mounts));
    let read = stream::iter(read).buffer_unordered(AT_ONCE).filter_map(std::future::ready);
    let mut rows: Vec<AccessGroup> = read.collect().await;
    rows.sort_by(|a, b| (&a.file_system, &a.name).cmp(&(&b.file_system, &b.name)));
    Listed { rows, unread }
}

/// Mount targets, by kind of file system and group.
type Mounts = Result<BTreeMap<(String, String), Vec<String>>, Unread>;

/// All mount targets of the region. The list of file systems carries them; where it does not, the file system is asked.
async fn mounts(session: &Session) -> Mounts {
    let list = listed(session, DescribeFileSystems::default()).await;
    let targets = list.rows.iter().map(|system| async move {
        match system.mount_targets() {
            Some(targets) => (system, Listed::whole(targets.to_vec())),
            None => (system, listed(session, DescribeMountTargets::of(&system.file_system_id)).await),
        }
    });
    let targets: Vec<_> = stream::iter(targets).buffer_unordered(AT_ONCE).collect().await;
    if let Some(why) = list.unread.into_iter().next() {
        return Err(why);
    }
    let mut mounts: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (system, targets) in targets {
        if let Some(why) = targets.unread.into_iter().find(|why| !GONE.contains(&why.code.as_str())) {
            return Err(why);
        }
        for target in targets.rows {
            let key = (system.file_system_type.to_lowercase(), target.access_group);
            let shown = format!("{} {}", system.file_system_id, target.mount_target_domain);
            mounts.entry(key).or_default().push(shown.trim_end().to_owned());
        }
    }
    mounts.values_mut().for_each(|shown| shown.sort());
    Ok(mounts)
}

/// A group with its rules; `None` when it is gone.
async fn group(
    session: &Session,
    row: nas::AccessGroup,
    kind: FileSystemType,
    mounts: &Mounts,
) -> Option<AccessGroup> {
    let list = listed(session, DescribeAccessRules::of(&row.access_group_name, kind)).await;
    if list.unread.iter().any(|why| GONE.contains(&why.code.as_str())) {
        return None;
    }
    let mut rules = Listed { rows: Vec::new(), unread: list.unread };
    for row in &list.rows {
        match rule(row) {
            Ok(found) => rules.rows.extend(found),
            Err(what) => {
                let why = Unread::new(&<DescribeAccessRules as Action>::API.label(), "Decode", what);
                rules.unread.push(Unread { region: session.region().to_owned(), ..why });
            }
        }
    }
    let key = (kind.name().to_owned(), row.access_group_name.clone());
    Some(AccessGroup {
        name: row.access_group_name,
        region: session.region().to_owned(),
        network: row.access_group_type,
        file_system: kind.name().to_owned(),
        rules,
        mount_targets: mounts
            .as_ref()
            .map(|mounts| mounts.get(&key).cloned().unwrap_or_default())
            .map_err(Clone::clone)
            .into(),
    })
}

/// A rule, once for each family of addresses that it names.
fn rule(row: &nas::AccessRule) -> Result<Vec<AccessRule>, String> {
    let priority = u8::try_from(row.priority).map_err(|_| format!("priority {}", row.priority))?;
    let write = match row.rw_access.to_ascii_uppercase().as_str() {
        "RDWR" | "" => true,
        "RDONLY" => false,
        other => return Err(format!("RWAccess {other:?}")),
    };
    let sources = [&row.source_cidr_ip, &row.ipv6_source_cidr_ip];
    let sources: Vec<&String> = sources.into_iter().filter(|source| !source.is_empty()).collect();
    if sources.is_empty() {
        return Err("a rule without a source".to_owned());
    }
    let one = |source: &String| {
        let source = range(source).ok_or_else(|| format!("{source:?} is no range"))?;
        Ok(AccessRule { source, write, priority })
    };
    sources.into_iter().map(one).collect()
}

/// An address or a range.
pub(super) fn range(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::collect::played::{Answer, Call, session};
    use crate::snapshot::Read;

    fn nas(call: &Call) -> Answer {
        let kind = call.get("FileSystemType");
        match call.action.as_str() {
            "DescribeAccessGroups" => {
                let rows = if kind == "standard" { json!(["default", "gone"]) } else { json!(["default"]) };
                let row = |name: &Value| json!({"AccessGroupName": name, "AccessGroupType": "Vpc"});
                let rows: Vec<Value> = rows.as_array().unwrap().iter().map(row).collect();
                Answer::Body(json!({"TotalCount": rows.len(), "AccessGroups": {"AccessGroup": rows}}))
            }
            "DescribeAccessRules" if call.get("AccessGroupName") == "gone" => {
                Answer::Code(404, "InvalidAccessGroup.NotFound")
            }
            "DescribeAccessRules" => {
                let source = if kind == "standard" { "0.0.0.0/0" } else { "10.0.0.0/8" };
                Answer::Body(json!({"TotalCount": 1, "AccessRules": {"AccessRule": [
                    {"SourceCidrIp": source, "RWAccess": "RDWR", "Priority": 1}]}}))
            }
            "DescribeFileSystems" => Answer::Body(json!({"TotalCount": 2, "FileSystems": {"FileSystem": [
                {"FileSystemId": "fs-1", "FileSystemType": "standard", "MountTargets": {"MountTarget": [
                    {"MountTargetDomain": "fs-1.nas", "AccessGroupName": "default"}]}},
                {"FileSystemId": "fs-2", "FileSystemType": "extreme"}]}})),
            "DescribeMountTargets" => {
                assert_eq!(call.get("FileSystemId"), "fs-2", "the list tells those of the other");
                Answer::Body(json!({"TotalCount": 1, "MountTargets": {"MountTarget": [
                    {"MountTargetDomain": "fs-2.nas", "AccessGroup": "default"}]}}))
            }
            other => panic!("{other}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn groups_of_one_name_are_kept_apart_by_kind() {
        let (session, _) = session("cn-hangzhou", nas);
        let list = access_groups(&session).await;
        assert!(list.is_whole());
        let shown: Vec<_> = list
            .rows
            .iter()
            .map(|g| (g.file_system.as_str(), g.rules.rows[0].source.to_string(), g.mount_targets.clone()))
            .collect();
        let mounted = |text: &str| Read::Read(vec![text.to_owned()]);
        assert_eq!(
            shown,
            [
                ("extreme", "10.0.0.0/8".to_owned(), mounted("fs-2 fs-2.nas")),
                ("standard", "0.0.0.0/0".to_owned(), mounted("fs-1 fs-1.nas"))
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn mount_targets_that_were_not_read_are_not_taken_for_none() {
        let (session, _) = session("cn-hangzhou", |call| match call.action.as_str() {
            "DescribeMountTargets" => Answer::Code(403, "Forbidden.RAM"),
            _ => nas(call),
        });
        let list = access_groups(&session).await;
        assert!(list.rows.iter().all(|group| group.mount_targets.unread().is_some()));
    }

    fn read(json: Value) -> Result<Vec<AccessRule>, String> {
        rule(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn rules_name_one_family_or_both() {
        let rules =
            read(json!({"SourceCidrIp": "10.0.0.1", "RWAccess": "RDONLY", "Priority": "100"})).unwrap();
        let expected = AccessRule { source: "10.0.0.1/32".parse().unwrap(), write: false, priority: 100 };
        assert_eq!(rules, [expected]);
        let both = json!({"SourceCidrIp": "0.0.0.0/0", "Ipv6SourceCidrIp": "::/0", "RWAccess": "RDWR", "Priority": 1});
        let rules = read(both).unwrap();
        assert_eq!(rules.len(), 2);
        assert!(rules.iter().all(|rule| rule.write && rule.priority == 1 && rule.source.prefix_len() == 0));
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_not_left_out_in_silence() {
        for odd in [
            json!({"SourceCidrIp": "", "Priority": 1}),
            json!({"SourceCidrIp": "office", "Priority": 1}),
            json!({"SourceCidrIp": "10.0.0.0/8", "Priority": 1000}),
            json!({"SourceCidrIp": "10.0.0.0/8", "Priority": 1, "RWAccess": "NONE"}),
        ] {
            assert!(read(odd.clone()).is_err(), "{odd}");
        }
    }
}
