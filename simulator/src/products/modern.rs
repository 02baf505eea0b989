//! What ALB and NLB have in common: lists by token, 20 rows a page unless told otherwise, and flat answers.

use crate::account::network::{Balancer, Listener, Placed, Server, ServerGroup};
use crate::error::ApiError;
use crate::paging::{self, Sizes};
use crate::product::{Answer, Asked, named_host};
use crate::regional;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const SIZES: Sizes = Sizes::of(20, 100);

/// Hosts of regions alone: there is no central one (the official SDKs' endpoint maps).
pub(super) fn serves(product: &str, host: &str) -> Option<Option<String>> {
    named_host(&[product], host).filter(Option::is_some)
}

fn said(asked: &Asked, total: usize, name: &str, rows: Vec<Value>, next: Option<String>) -> Answer {
    let size = asked.param("MaxResults").and_then(|text| text.parse().ok()).unwrap_or(20_usize);
    let mut answer = Map::from_iter([
        (name.to_string(), Value::Array(rows)),
        ("MaxResults".to_string(), json!(size)),
        ("TotalCount".to_string(), json!(total)),
    ]);
    if let Some(next) = next {
        answer.insert("NextToken".into(), next.into());
    }
    Value::Object(answer).into()
}

/// A page of a list. The last one has no token at all.
pub(super) fn page<T>(
    mut rows: Vec<T>,
    id: impl Fn(&T) -> &str,
    asked: &Asked,
    name: &str,
    show: impl Fn(&T) -> Value,
) -> Result<Answer, ApiError> {
    rows.sort_by(|a, b| id(a).cmp(id(b)));
    let total = rows.len();
    let (page, next) = paging::by_token(rows, id, asked, SIZES)?;
    Ok(said(asked, total, name, page.iter().map(show).collect(), next))
}

/// The same for rows without ids.
pub(super) fn placed<T>(
    rows: Vec<T>,
    asked: &Asked,
    name: &str,
    show: impl Fn(&T) -> Value,
) -> Result<Answer, ApiError> {
    let (page, next) = paging::by_place(rows.len(), asked, SIZES)?;
    Ok(said(asked, rows.len(), name, rows[page].iter().map(show).collect(), next))
}

fn address_type(internet: bool) -> &'static str {
    if internet { "Internet" } else { "Intranet" }
}

fn status(balancer: &Balancer) -> &'static str {
    if balancer.active { "Active" } else { "Inactive" }
}

pub(super) fn balancers<'a>(
    rows: &'a [Arc<Balancer>],
    asked: &Asked,
    region: &str,
    product: &str,
) -> Result<Vec<&'a Balancer>, ApiError> {
    let ids = regional::wanted(asked, "LoadBalancerIds")?;
    let names = regional::wanted(asked, "LoadBalancerNames")?;
    let vpcs = regional::wanted(asked, "VpcIds")?;
    let mut rows = regional::rows_in(rows, region);
    rows.retain(|row| {
        let dual = asked.param("AddressIpVersion").is_none_or(|version| {
            version.eq_ignore_ascii_case(if row.ipv6_internet.is_some() { "DualStack" } else { "IPv4" })
        });
        dual && ids.as_ref().is_none_or(|ids| ids.contains(&row.id))
            && names.as_ref().is_none_or(|names| names.contains(&row.name))
            && vpcs.as_ref().is_none_or(|vpcs| vpcs.contains(&row.vpc))
            && regional::meets(
                asked,
                &[
                    ("AddressType", Some(address_type(row.internet))),
                    ("DNSName", Some(&row.dns_name(product))),
                    ("Ipv6AddressType", row.ipv6_internet.map(address_type)),
                    ("LoadBalancerStatus", Some(status(row))),
                ],
            )
    });
    Ok(rows)
}

/// The members that both products have.
pub(super) fn show(balancer: &Balancer, product: &str) -> Value {
    let mut shown = json!({
        "LoadBalancerId": balancer.id,
        "LoadBalancerName": balancer.name,
        "LoadBalancerStatus": status(balancer),
        "AddressType": address_type(balancer.internet),
        "DNSName": balancer.dns_name(product),
        "VpcId": balancer.vpc,
        "CreateTime": "2025-04-12T04:00:00Z",
        "ResourceGroupId": "",
        "DeletionProtectionConfig": {"Enabled": false},
        "ModificationProtectionConfig": {"Status": "NonProtection"},
        "LoadBalancerBillingConfig": {"PayType": "PostPay"},
        "Tags": regional::flat_keys(&balancer.tags),
    });
    if let Some(internet) = balancer.ipv6_internet {
        shown["Ipv6AddressType"] = address_type(internet).into();
    }
    if !balancer.security_groups.is_empty() {
        shown["SecurityGroupIds"] = json!(balancer.security_groups);
    }
    shown
}

type Pair<'a> = (&'a Balancer, &'a Listener);

fn pairs<'a>(rows: &'a [Arc<Balancer>], region: &str) -> Vec<Pair<'a>> {
    let rows = regional::rows_in(rows, region).into_iter();
    rows.flat_map(|balancer| balancer.listeners.iter().map(move |listener| (balancer, listener))).collect()
}

pub(super) fn listeners<'a>(
    rows: &'a [Arc<Balancer>],
    asked: &Asked,
    region: &str,
) -> Result<Vec<Pair<'a>>, ApiError> {
    let ids = regional::wanted(asked, "ListenerIds")?;
    let balancers = regional::wanted(asked, "LoadBalancerIds")?;
    let mut pairs = pairs(rows, region);
    pairs.retain(|(balancer, listener)| {
        ids.as_ref().is_none_or(|ids| ids.contains(&listener.id))
            && balancers.as_ref().is_none_or(|ids| ids.contains(&balancer.id))
            && regional::meets(asked, &[("ListenerProtocol", Some(&listener.protocol))])
    });
    Ok(pairs)
}

pub(super) fn listener<'a>(
    rows: &'a [Arc<Balancer>],
    asked: &Asked,
    region: &str,
) -> Result<Pair<'a>, ApiError> {
    let mut pairs = pairs(rows, region).into_iter();
    pairs
        .find(|(_, listener)| listener.id == asked.required("ListenerId"))
        .ok_or_else(|| regional::not_found("ResourceNotFound.Listener"))
}

pub(super) fn server_groups<'a>(
    rows: &'a [Arc<ServerGroup>],
    asked: &Asked,
    region: &str,
) -> Result<Vec<&'a ServerGroup>, ApiError> {
    let ids = regional::wanted(asked, "ServerGroupIds")?;
    let names = regional::wanted(asked, "ServerGroupNames")?;
    let mut rows = regional::rows_in(rows, region);
    rows.retain(|group| {
        ids.as_ref().is_none_or(|ids| ids.contains(&group.id))
            && names.as_ref().is_none_or(|names| names.contains(&group.name))
            && regional::meets(asked, &[("VpcId", Some(&group.vpc))])
    });
    Ok(rows)
}

pub(super) fn show_group(group: &ServerGroup, balancers: &[Arc<Balancer>]) -> Value {
    let uses = |balancer: &Balancer| balancer.listeners.iter().any(|l| l.server_groups.contains(&group.id));
    let related: Vec<&str> =
        balancers.iter().filter(|balancer| uses(balancer)).map(|balancer| balancer.id.as_str()).collect();
    json!({
        "ServerGroupId": group.id,
        "ServerGroupName": group.name,
        "ServerGroupStatus": "Available",
        "ServerGroupType": group.kind,
        "ServerCount": group.servers.len(),
        "Protocol": group.protocol,
        "Scheduler": "Wrr",
        "VpcId": group.vpc,
        "RelatedLoadBalancerIds": related,
        "ResourceGroupId": "",
        "Tags": [],
    })
}

/// The servers of one group, or of all of the region where none is named. `own` is the member that only one of
/// the products has.
pub(super) fn servers(
    groups: &[Arc<ServerGroup>],
    asked: &Asked,
    region: &str,
    own: &str,
) -> Result<Answer, ApiError> {
    let (ids, ips) = (regional::wanted(asked, "ServerIds")?, regional::wanted(asked, "ServerIps")?);
    let wanted = asked.param("ServerGroupId");
    let groups: Vec<&ServerGroup> = (regional::rows_in(groups, region).into_iter())
        .filter(|group| wanted.is_none_or(|id| group.id() == id))
        .collect();
    if let (Some(_), true) = (wanted, groups.is_empty()) {
        return Err(regional::not_found("ResourceNotFound.ServerGroup"));
    }
    let rows: Vec<(&ServerGroup, &Server)> = (groups.into_iter())
        .flat_map(|group| group.servers.iter().map(move |server| (group, server)))
        .filter(|(_, server)| {
            ids.as_ref().is_none_or(|ids| ids.contains(&server.id))
                && ips.as_ref().is_none_or(|ips| server.ip.is_some_and(|ip| ips.contains(&ip.to_string())))
        })
        .collect();
    placed(rows, asked, "Servers", |(group, server)| {
        let mut shown = json!({
            "ServerGroupId": group.id,
            "ServerId": server.id,
            "ServerIp": server.ip.map_or(String::new(), |ip| ip.to_string()),
            "ServerType": server.kind,
            "Port": server.port,
            "Status": "Available",
            "Weight": 100,
            "Description": "",
        });
        shown[own] = match own {
            "ZoneId" => format!("{region}-h").into(),
            _ => false.into(),
        };
        shown
    })
}
