//! Security groups and their rules. Rules are written straight into the answer, since there may be 1,000 of them.

use super::{Total, either};
use crate::account::network::{Peer, Placed, Ports, Rule, SecurityGroup};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{self, Sizes};
use crate::product::{Answer, Asked};
use crate::regional;
use serde::Serialize;
use serde_json::{Value, json};

pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let network = &cloud.account.network;
    let ids = regional::wanted(asked, "SecurityGroupIds")?;
    let mut rows = regional::rows_in(&network.security_groups, region);
    rows.retain(|group| {
        ids.as_ref().is_none_or(|ids| ids.contains(&group.id))
            && regional::meets(
                asked,
                &[
                    ("SecurityGroupId", Some(&group.id)),
                    ("SecurityGroupName", Some(&group.name)),
                    ("SecurityGroupType", Some(kind(group))),
                    ("VpcId", group.vpc.as_deref()),
                ],
            )
    });
    let sizes = (Sizes::of(10, 100), Sizes::of(10, 50));
    let (page, mut answer) = either(rows, |group| group.id(), asked, sizes, Total::Absent)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|group| {
            json!({
                "SecurityGroupId": group.id,
                "SecurityGroupName": group.name,
                "Description": group.description,
                "SecurityGroupType": kind(group),
                "VpcId": group.vpc.as_deref().unwrap_or_default(),
                "CreationTime": group.created,
                "ServiceManaged": group.managed,
                "ResourceGroupId": "",
                "RuleCount": group.rules.len(),
                "Tags": regional::tag_keys(&group.tags),
            })
        })
        .collect();
    answer.insert("RegionId".into(), region.into());
    answer.insert("SecurityGroups".into(), json!({"SecurityGroup": shown}));
    Ok(Value::Object(answer).into())
}

fn kind(group: &SecurityGroup) -> &'static str {
    if group.advanced { "enterprise" } else { "normal" }
}

/// One rule on the wire. What does not apply is an empty text.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Permission<'a> {
    security_group_rule_id: String,
    direction: &'static str,
    policy: &'static str,
    priority: String,
    ip_protocol: &'static str,
    port_range: String,
    source_port_range: &'static str,
    port_range_list_id: &'a str,
    nic_type: &'static str,
    source_cidr_ip: String,
    ipv6_source_cidr_ip: String,
    source_prefix_list_id: &'a str,
    source_group_id: &'a str,
    source_group_owner_account: &'a str,
    dest_cidr_ip: String,
    ipv6_dest_cidr_ip: String,
    dest_prefix_list_id: &'a str,
    dest_group_id: &'a str,
    dest_group_owner_account: &'a str,
    description: &'static str,
    create_time: &'a str,
}

/// The other side of a rule, field by field.
#[derive(Default)]
struct Side<'a> {
    cidr: String,
    ipv6_cidr: String,
    prefix_list: &'a str,
    group: &'a str,
    owner: &'a str,
}

fn side(peer: &Peer) -> Side<'_> {
    match peer {
        Peer::V4(net) => Side { cidr: net.to_string(), ..Side::default() },
        Peer::V6(net) => Side { ipv6_cidr: net.to_string(), ..Side::default() },
        Peer::PrefixList(id) => Side { prefix_list: id, ..Side::default() },
        Peer::Group(other) => Side {
            group: &other.id,
            owner: other.owner.as_deref().unwrap_or_default(),
            ..Side::default()
        },
    }
}

fn show<'a>(group: &'a SecurityGroup, at: usize, rule: &'a Rule) -> Permission<'a> {
    let own = rule.own.as_ref().map_or_else(Side::default, |net| match **net {
        ipnet::IpNet::V4(net) => Side { cidr: net.to_string(), ..Side::default() },
        ipnet::IpNet::V6(net) => Side { ipv6_cidr: net.to_string(), ..Side::default() },
    });
    let (source, dest) = if rule.egress { (own, side(&rule.peer)) } else { (side(&rule.peer), own) };
    let (port_range, port_range_list_id) = match &rule.ports {
        Ports::List(id) => (String::new(), &**id),
        ports => (ports.to_string(), ""),
    };
    Permission {
        security_group_rule_id: format!("sgr-{}{at:04}", group.id.strip_prefix("sg-").unwrap_or(&group.id)),
        direction: if rule.egress { "egress" } else { "ingress" },
        policy: if rule.accept { "Accept" } else { "Drop" },
        priority: rule.priority.to_string(),
        ip_protocol: rule.protocol.upper(),
        port_range,
        source_port_range: "-1/-1",
        port_range_list_id,
        nic_type: if rule.internet_nic { "internet" } else { "intranet" },
        source_cidr_ip: source.cidr,
        ipv6_source_cidr_ip: source.ipv6_cidr,
        source_prefix_list_id: source.prefix_list,
        source_group_id: source.group,
        source_group_owner_account: source.owner,
        dest_cidr_ip: dest.cidr,
        ipv6_dest_cidr_ip: dest.ipv6_cidr,
        dest_prefix_list_id: dest.prefix_list,
        dest_group_id: dest.group,
        dest_group_owner_account: dest.owner,
        description: "",
        create_time: &group.created,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute<'a> {
    region_id: &'a str,
    security_group_id: &'a str,
    security_group_name: &'a str,
    description: &'a str,
    vpc_id: &'a str,
    inner_access_policy: &'static str,
    permissions: Permissions<'a>,
    next_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Permissions<'a> {
    permission: Vec<Permission<'a>>,
}

/// A page of 500 rules unless told otherwise. Groups of the classic network show the rules of one interface at a
/// time: the internet one by default; in a VPC NicType means nothing (DescribeSecurityGroupAttribute, "NicType").
pub(super) fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let groups = &cloud.account.network.security_groups;
    let id = asked.required("SecurityGroupId");
    let group = regional::one(groups, region, id, "InvalidSecurityGroupId.NotFound")?;
    let egress = match asked.param("Direction") {
        None | Some("all") => None,
        Some("ingress") => Some(false),
        Some("egress") => Some(true),
        Some(other) => return Err(ApiError::invalid("Direction", format!("{other} is unknown"))),
    };
    let internet = match asked.param("NicType") {
        None | Some("internet") => true,
        Some("intranet") => false,
        Some(other) => return Err(ApiError::invalid("NicType", format!("{other} is unknown"))),
    };
    let shown: Vec<(usize, &Rule)> = (group.rules.iter().enumerate())
        .filter(|(_, rule)| egress.is_none_or(|egress| rule.egress == egress))
        .filter(|(_, rule)| group.vpc.is_some() || rule.internet_nic == internet)
        .collect();
    let (page, next) = paging::by_place(shown.len(), asked, Sizes::of(500, 1000).at_least(10))?;
    let answer = Attribute {
        region_id: region,
        security_group_id: &group.id,
        security_group_name: &group.name,
        description: &group.description,
        vpc_id: group.vpc.as_deref().unwrap_or_default(),
        inner_access_policy: if group.advanced { "Drop" } else { "Accept" },
        permissions: Permissions {
            permission: shown[page].iter().map(|(at, rule)| show(group, *at, rule)).collect(),
        },
        next_token: next.unwrap_or_default(),
    };
    let text = serde_json::to_string(&answer).expect("an answer is plain data");
    Ok(Answer::Text(text))
}
