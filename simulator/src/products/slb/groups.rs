//! vServer groups and primary/secondary server groups. Their lists are whole: they have no pages.

use super::balancers::balancer;
use crate::account::network::{Clb, ClbGroup};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{Answer, Asked};
use crate::regional;
use serde_json::{Value, json};

fn list(cloud: &Cloud, asked: &Asked, master_slave: bool) -> Result<Vec<Value>, ApiError> {
    let word = if master_slave { "MasterSlaveServerGroup" } else { "VServerGroup" };
    regional::mandatory(cloud, asked)?;
    let clb = balancer(cloud, asked)?;
    let groups = clb.groups.iter().filter(|group| group.master_slave == master_slave);
    let shown = groups.map(|group| {
        let users = clb.listeners.iter().filter(|listener| listener.group.as_ref() == Some(&group.id));
        let users: Vec<Value> = users
            .map(|listener| json!({"Port": listener.port, "Protocol": listener.protocol}))
            .collect();
        let mut shown = json!({
            format!("{word}Id"): group.id,
            format!("{word}Name"): group.name,
            "CreateTime": "2025-04-11T02:05Z",
            "AssociatedObjects": {"Listeners": {"Listener": users}},
            "Tags": {"Tag": []},
        });
        if !master_slave {
            shown["ServerCount"] = group.servers.len().into();
            shown["AssociatedObjects"]["Rules"] = json!({ "Rule": [] });
        }
        shown
    });
    Ok(shown.collect())
}

pub(super) fn vserver_groups(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    Ok(json!({"VServerGroups": {"VServerGroup": list(cloud, asked, false)?}}).into())
}

pub(super) fn master_slave_groups(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    Ok(json!({"MasterSlaveServerGroups": {"MasterSlaveServerGroup": list(cloud, asked, true)?}}).into())
}

/// The group that a call names, and its balancer.
fn one<'a>(cloud: &'a Cloud, asked: &Asked, name: &str) -> Result<(&'a Clb, &'a ClbGroup), ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let id = asked.required(name);
    let clbs = regional::rows_in(&cloud.account.network.clbs, region);
    let mut groups = clbs.into_iter().flat_map(|clb| clb.groups.iter().map(move |group| (clb, group)));
    groups
        .find(|(_, group)| group.id == id)
        .ok_or_else(|| regional::not_found(&format!("Invalid{name}.NotFound")))
}

pub(super) fn vserver_group(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let (clb, group) = one(cloud, asked, "VServerGroupId")?;
    let servers: Vec<Value> = (group.servers.iter())
        .map(|server| {
            json!({
                "ServerId": server.id,
                "ServerIp": server.ip.map_or(String::new(), |ip| ip.to_string()),
                "Port": server.port,
                "Type": server.kind.to_lowercase(),
                "Weight": 100,
                "Description": "",
            })
        })
        .collect();
    Ok(json!({
        "LoadBalancerId": clb.id,
        "VServerGroupId": group.id,
        "VServerGroupName": group.name,
        "CreateTime": "2025-04-11T02:05Z",
        "BackendServers": {"BackendServer": servers},
        "Tags": {"Tag": []},
    })
    .into())
}

pub(super) fn master_slave_group(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let (clb, group) = one(cloud, asked, "MasterSlaveServerGroupId")?;
    let servers: Vec<Value> = (group.servers.iter().enumerate())
        .map(|(at, server)| {
            json!({
                "ServerId": server.id,
                "Port": server.port,
                "ServerType": if at == 0 { "Master" } else { "Slave" },
                "Type": server.kind.to_lowercase(),
                "Weight": 100,
                "Description": "",
            })
        })
        .collect();
    Ok(json!({
        "LoadBalancerId": clb.id,
        "MasterSlaveServerGroupId": group.id,
        "MasterSlaveServerGroupName": group.name,
        "CreateTime": "2025-04-11T02:05Z",
        "MasterSlaveBackendServers": {"MasterSlaveBackendServer": servers},
        "Tags": {"Tag": []},
    })
    .into())
}
