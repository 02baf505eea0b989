use serde_json::json;

use crate::checks::open::openness;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{AccessGroup, Read, Snapshot};
use crate::tr;

check! {
    /// # A file share is open to every address
    ///
    /// ## Why it matters
    ///
    /// A NAS permission group that lets in every address leaves the network as the only lock. In a VPC that means every host of the VPC and of all that is
    /// connected to it (medium); in the classic network, hosts of others, too (high). A group that no mount target uses is low. NFS itself asks for
    /// no password. The default group of a VPC is open and cannot be changed: it counts once something uses it.
    ///
    /// ## How to fix it
    ///
    /// Make a permission group with the addresses that mount the share, and give it to the mount target.
    OPEN_FILE_SHARE {
        id: "open-file-share",
        severity: Severity::Medium,
        guide: &[6],
        cis: &[],
        title: ["File share open to every address", "文件存储对所有地址开放"],
        fix: [
            "Use a permission group that lists only the addresses that mount the share",
            "使用仅包含所需挂载地址的权限组",
        ],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let (l, groups) = (findings.language(), &account.resources.access_groups);
        findings.listed(groups, "nas", "accessgroup/");
        for group in &groups.rows {
            let arn = account.arn("nas", &group.region, &format!("accessgroup/{}", group.name));
            let sources: Vec<String> = group.rules.rows.iter().map(|rule| rule.source.to_string()).collect();
            let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
            let unused = matches!(&group.mount_targets, Read::Read(targets) if targets.is_empty());
            if openness(&sources, config).open {
                if unused && is_default(group) {
                    let message =
                        tr!(l, "the default group; nothing uses it", "默认权限组，未被使用");
                    findings.pass(arn, message);
                    continue;
                }
                let (severity, whom) = match (unused, group.network.eq_ignore_ascii_case("Classic")) {
                    (true, _) => (Severity::Low, tr!(l, "nothing, since no mount target uses it", "暂无，未被挂载点使用")),
                    (false, true) => (Severity::High, tr!(l, "the classic network", "经典网络")),
                    (false, false) => (Severity::Medium, tr!(l, "its VPC and what is connected to it", "所在 VPC 及其互联网络")),
                };
                let message = tr!(
                    l,
                    "Every address is let in; what can reach it: {whom}.",
                    "允许所有地址访问；可到达的范围：{whom}。"
                );
                let evidence = json!({
                    "rules": group.rules.rows,
                    "network": group.network,
                    "file_system": group.file_system,
                    "mount_targets": group.mount_targets.known(),
                });
                findings.fail_at(severity, arn, message, evidence);
            } else if let Some(why) = group.rules.unread.first() {
                findings.unknown(arn, why);
            } else {
                let count = group.rules.rows.len();
                findings.pass(arn, tr!(l, "{count} rules, none open", "{count} 条规则均未开放"));
            }
        }
    }
}

/// Default groups (NAS, "Manage permission groups").
fn is_default(group: &AccessGroup) -> bool {
    group.name.eq_ignore_ascii_case("DEFAULT_VPC_GROUP_NAME")
}
