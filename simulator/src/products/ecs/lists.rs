//! Prefix lists and port lists, which rules name in place of addresses and ports.

use crate::account::network::{Placed, PrefixList};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{self, Sizes};
use crate::product::{Answer, Asked};
use crate::regional;
use ipnet::IpNet;
use serde_json::{Value, json};

fn family(list: &PrefixList) -> &'static str {
    match list.entries.first() {
        Some(IpNet::V6(_)) => "IPv6",
        _ => "IPv4",
    }
}

fn show(list: &PrefixList, uses: usize) -> Value {
    json!({
        "PrefixListId": list.id,
        "PrefixListName": list.name,
        "AddressFamily": family(list),
        "MaxEntries": list.entries.len().max(20),
        "AssociationCount": uses,
        "Description": "",
        "CreationTime": "2025-06-02T02:10:00Z",
        "ResourceGroupId": "",
    })
}

/// How often the rules of groups name a list.
fn uses(cloud: &Cloud, id: &str) -> usize {
    use crate::account::network::{Peer, Ports};
    let rules = cloud.account.network.security_groups.iter().flat_map(|group| group.rules.iter());
    rules
        .filter(|rule| {
            matches!(&rule.peer, Peer::PrefixList(one) if **one == *id)
                || matches!(&rule.ports, Ports::List(one) if **one == *id)
        })
        .count()
}

pub(super) fn prefix_lists(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let ids = regional::wanted(asked, "PrefixListId")?;
    let mut rows = regional::rows_in(&cloud.account.network.prefix_lists, region);
    rows.retain(|list| {
        ids.as_ref().is_none_or(|ids| ids.contains(&list.id))
            && regional::meets(
                asked,
                &[("PrefixListName", Some(&list.name)), ("AddressFamily", Some(family(list)))],
            )
    });
    let (page, next) = paging::by_token(rows, |list| list.id(), asked, Sizes::of(10, 100))?;
    let shown: Vec<Value> = page.into_iter().map(|list| show(list, uses(cloud, &list.id))).collect();
    Ok(json!({"PrefixLists": {"PrefixList": shown}, "NextToken": next.unwrap_or_default()}).into())
}

pub(super) fn prefix_list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let lists = &cloud.account.network.prefix_lists;
    let list = regional::one(lists, region, asked.required("PrefixListId"), "InvalidPrefixListId.NotFound")?;
    let entries = list.entries.iter().map(|net| json!({"Cidr": net.to_string(), "Description": ""}));
    let mut answer = show(list, 0);
    if let Some(members) = answer.as_object_mut() {
        members.retain(|name, _| !["AssociationCount", "ResourceGroupId"].contains(&name.as_str()));
        members.insert("Entries".into(), json!({"Entry": entries.collect::<Vec<_>>()}));
    }
    Ok(answer.into())
}

pub(super) fn port_lists(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let ids = regional::wanted(asked, "PortRangeListId")?;
    let mut rows = regional::rows_in(&cloud.account.network.port_lists, region);
    rows.retain(|list| {
        ids.as_ref().is_none_or(|ids| ids.contains(&list.id))
            && regional::meets(asked, &[("PortRangeListName", Some(&list.name))])
    });
    let (page, next) = paging::by_token(rows, |list| list.id(), asked, Sizes::of(10, 100))?;
    // Flat, unlike the prefix lists (the SDK's models of both).
    let shown: Vec<Value> = page
        .into_iter()
        .map(|list| {
            json!({
                "PortRangeListId": list.id,
                "PortRangeListName": list.name,
                "MaxEntries": list.entries.len().max(20),
                "AssociationCount": uses(cloud, &list.id),
                "Description": "",
                "CreationTime": "2025-06-02T02:10:00Z",
                "ResourceGroupId": "",
                "Tags": [],
            })
        })
        .collect();
    Ok(json!({"PortRangeLists": shown, "NextToken": next.unwrap_or_default()}).into())
}

pub(super) fn port_list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let lists = &cloud.account.network.port_lists;
    let id = asked.required("PortRangeListId");
    let list = regional::one(lists, region, id, "InvalidPortRangeListId.NotFound")?;
    let entries: Vec<Value> = (list.entries.iter())
        .map(|(first, last)| json!({"PortRange": format!("{first}/{last}"), "Description": ""}))
        .collect();
    Ok(json!({ "Entries": entries }).into())
}
