//! Network ACLs: the entries in their order, the vSwitches that they guard.

use super::SIZES;
use crate::account::network::{AclEntry, NetworkAcl};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{Answer, Asked};
use crate::regional;
use ipnet::IpNet;
use serde_json::{Value, json};

/// The list tells all that the attributes do, the entries included (the SDK's models of both).
pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let mut rows = regional::rows_in(&cloud.account.network.network_acls, region);
    let account = &cloud.account.account_id;
    rows.retain(|acl| {
        let guards = |wanted: &str| acl.vswitches.iter().any(|id| id == wanted);
        asked.param("ResourceId").is_none_or(guards)
            && regional::meets(
                asked,
                &[
                    ("NetworkAclId", Some(&acl.id)),
                    ("NetworkAclName", Some(&acl.name)),
                    ("ResourceType", Some("VSwitch")),
                    ("VpcId", Some(&acl.vpc)),
                ],
            )
    });
    let (page, said) = paging::by_number(rows, asked, SIZES)?;
    // These are texts here, unlike anywhere else (the SDK's model).
    let mut answer = said;
    answer.values_mut().for_each(|number| *number = number.to_string().into());
    let shown: Vec<Value> = page.into_iter().map(|acl| show(acl, account)).collect();
    answer.insert("NetworkAcls".into(), json!({"NetworkAcl": shown}));
    Ok(Value::Object(answer).into())
}

pub(super) fn attributes(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let acls = &cloud.account.network.network_acls;
    let acl = regional::one(acls, region, asked.required("NetworkAclId"), "InvalidNetworkAclId.NotFound")?;
    Ok(json!({"NetworkAclAttribute": show(acl, &cloud.account.account_id)}).into())
}

fn show(acl: &NetworkAcl, account: &str) -> Value {
    let entries = |entries: &[AclEntry], way: &str, peer: &str| -> Vec<Value> {
        let shown = entries.iter().enumerate();
        shown
            .map(|(at, entry)| {
                json!({
                    "NetworkAclEntryId": format!("nae-{}{way}{at:02}", &acl.id),
                    "NetworkAclEntryName": "",
                    "Description": "",
                    "EntryType": "custom",
                    "IpVersion": if matches!(entry.peer, IpNet::V4(_)) { "IPV4" } else { "IPV6" },
                    "Policy": if entry.accept { "accept" } else { "drop" },
                    "Protocol": entry.protocol.word(),
                    "Port": entry.ports.to_string(),
                    peer: entry.peer.to_string(),
                })
            })
            .collect()
    };
    let resources: Vec<Value> = (acl.vswitches.iter())
        .map(|id| json!({"ResourceId": id, "ResourceType": "VSwitch", "Status": "BINDED"}))
        .collect();
    json!({
        "NetworkAclId": acl.id,
        "NetworkAclName": acl.name,
        "Description": "",
        "RegionId": acl.region,
        "VpcId": acl.vpc,
        "Status": "Available",
        "CreationTime": "2025-04-10T05:00:00Z",
        "OwnerId": account.parse::<u64>().unwrap_or_default(),
        "IngressAclEntries": {"IngressAclEntry": entries(&acl.ingress, "i", "SourceCidrIp")},
        "EgressAclEntries": {"EgressAclEntry": entries(&acl.egress, "e", "DestinationCidrIp")},
        "Resources": {"Resource": resources},
        "Tags": {"Tag": []},
    })
}
