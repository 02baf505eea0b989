//! Who reaches an RDS instance: endpoints, proxy, whitelists, their templates, and security groups.

use super::{KIND, find, instance};
use crate::account::{Database, Endpoint, Net, Whitelist, WhitelistTemplate};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{Answer, Asked};
use crate::region;
use serde_json::{Value, json};

/// `safety`: whitelists tell the classic network (and the internet) from VPCs.
pub(super) fn mode(database: &Database) -> &'static str {
    if database.safety_mode { "safety" } else { "normal" }
}

fn ip_type(net: Net) -> &'static str {
    match net {
        Net::Public => "Public",
        Net::Vpc => "Private",
        Net::Classic => "Inner",
    }
}

pub(super) fn net_info(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let row = |endpoint: &Endpoint| {
        let mut row = json!({
            "ConnectionString": endpoint.host,
            "ConnectionStringType": "Normal",
            "IPAddress": endpoint.ip,
            "IPType": ip_type(endpoint.net),
            "Port": endpoint.port.to_string(),
            "Upgradeable": "Disabled",
            "ExpiredTime": "",
            "SecurityIPGroups": {"securityIPGroup": []},
            "DBInstanceWeights": {"DBInstanceWeight": []},
        });
        if endpoint.net == Net::Vpc {
            row["VPCId"] = one.vpc.as_str().into();
            row["VSwitchId"] = format!("vsw-{}", one.id).into();
        }
        row
    };
    let rows: Vec<Value> = one.part("").map(row).collect();
    Ok(json!({
        "InstanceNetworkType": "VPC",
        "SecurityIPMode": mode(one),
        "DBInstanceNetInfos": {"DBInstanceNetInfo": rows},
    })
    .into())
}

/// The network that a whitelist is for: `MIX` unless the instance tells networks apart.
fn network(one: &Database, list: &Whitelist) -> String {
    let told_apart = if one.safety_mode { list.network.as_deref() } else { None };
    told_apart.unwrap_or("MIX").into()
}

/// Hidden whitelists are among them: their attribute says so.
pub(super) fn whitelists(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let wanted = asked.param("WhitelistNetworkType");
    let rows = one.whitelists.iter().filter(|list| wanted.is_none_or(|w| network(one, list) == w)).map(|list| {
        json!({
            "DBInstanceIPArrayName": list.name,
            "DBInstanceIPArrayAttribute": if list.hidden { "hidden" } else { "" },
            "SecurityIPType": "IPv4",
            "WhitelistNetworkType": network(one, list),
            "SecurityIPList": list.entries.join(","),
        })
    });
    Ok(json!({"Items": {"DBInstanceIPArray": rows.collect::<Vec<_>>()}}).into())
}

/// The envelope of the template APIs.
fn enveloped(data: &Value) -> Answer {
    json!({"Code": "200", "Success": true, "HttpStatusCode": 200, "Message": "Success", "Data": data}).into()
}

fn described(template: &WhitelistTemplate, account: &str) -> Value {
    // A number, as the service gives it.
    let id = template.id.parse::<u64>().map_or_else(|_| Value::from(template.id.as_str()), Value::from);
    json!({
        "Id": id,
        "TemplateId": id,
        "TemplateName": template.name,
        "Ips": template.entries.join(","),
        "UserId": account.parse::<u64>().ok(),
    })
}

pub(super) fn templates(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = find(cloud, asked, asked.required("InsName"))?;
    let account = &cloud.account.account_id;
    let templates: Vec<Value> = cloud.account.templates(one).map(|one| described(one, account)).collect();
    Ok(enveloped(&json!({"InsName": one.id, "Templates": templates})))
}

pub(super) fn template(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let mut all = cloud.account.whitelist_templates.iter();
    let id = asked.required("TemplateId");
    let found = all.find(|one| one.kind == KIND && one.region == region && one.id == id);
    let Some(found) = found else {
        return Err(ApiError::new(404, "TemplateNotExists", "The specified template does not exist."));
    };
    Ok(enveloped(&json!({"Template": described(found, &cloud.account.account_id)})))
}

pub(super) fn security_groups(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let rows = one.security_groups.iter().map(|group| {
        json!({
            "NetworkType": "VPC",
            "RegionId": one.region,
            "SecurityGroupId": group,
            "SecurityGroupName": group,
        })
    });
    let rows: Vec<Value> = rows.collect();
    Ok(json!({"DBInstanceName": one.id, "Items": {"EcsSecurityGroupRelation": rows}}).into())
}

fn is_public(endpoint: &Endpoint) -> bool {
    endpoint.net == Net::Public
}

/// The proxy with one address of each of its endpoints. `OuterString` is the internet; neither word stands in the
/// SDK's models, so unverified.
pub(super) fn proxy(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let proxies: Vec<&Endpoint> = one.part("proxy").collect();
    if proxies.is_empty() {
        return Ok(json!({"DBProxyServiceStatus": "Shutdown", "DBProxyInstanceStatus": "Shutdown"}).into());
    }
    let row = |endpoint: &&Endpoint| {
        json!({
            "DBProxyEndpointId": endpoint.part_id,
            "DBProxyEndpointName": endpoint.part_id,
            "DBProxyConnectString": endpoint.host,
            "DBProxyConnectStringPort": endpoint.port.to_string(),
            "DBProxyConnectStringNetType": if is_public(endpoint) { "OuterString" } else { "InnerString" },
            "DBProxyConnectStringNetWorkType": if is_public(endpoint) { "Public" } else { "VPC" },
            "DBProxyVpcId": one.vpc,
        })
    };
    let mut seen = Vec::new();
    let mut is_first = |endpoint: &&&Endpoint| {
        let new = !seen.contains(&endpoint.part_id);
        seen.push(endpoint.part_id.clone());
        new
    };
    let firsts: Vec<&Endpoint> = proxies.iter().filter(|endpoint| is_first(endpoint)).copied().collect();
    let names = firsts.iter().map(|endpoint| {
        json!({
            "DbProxyEndpointName": endpoint.part_id,
            "DbProxyEndpointAliases": "",
            "DbProxyEndpointType": "RWSplit",
            "DbProxyReadWriteMode": "ReadWrite",
        })
    });
    Ok(json!({
        "DBProxyServiceStatus": "Startup",
        "DBProxyInstanceStatus": "Running",
        "DBProxyInstanceName": format!("{}-proxy", one.id),
        "DBProxyInstanceType": "common",
        "DBProxyInstanceNum": 2,
        "DBProxyConnectStringItems": {"DBProxyConnectStringItems": firsts.iter().map(row).collect::<Vec<_>>()},
        "DbProxyEndpointItems": {"DbProxyEndpointItems": names.collect::<Vec<_>>()},
    })
    .into())
}

/// All addresses of one endpoint of the proxy: 0 is the internet, 2 a VPC (unverified, as above).
pub(super) fn proxy_endpoint(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let wanted = asked.param("DBProxyEndpointId");
    let found: Vec<&Endpoint> =
        one.part("proxy").filter(|endpoint| wanted.is_none_or(|id| id == endpoint.part_id)).collect();
    let Some(first) = found.first() else {
        let message = "The specified proxy endpoint does not exist.";
        return Err(ApiError::new(404, "Endpoint.NotFound", message));
    };
    let rows = found.iter().map(|endpoint| {
        json!({
            "DbProxyEndpointConnectString": endpoint.host,
            "DbProxyEndpointPort": endpoint.port.to_string(),
            "DbProxyEndpointNetType": if is_public(endpoint) { "0" } else { "2" },
        })
    });
    Ok(json!({
        "DBProxyEndpointId": first.part_id,
        "DBProxyConnectString": first.host,
        "DBProxyConnectStringPort": first.port.to_string(),
        "DBProxyConnectStringNetType": if is_public(first) { "OuterString" } else { "InnerString" },
        "EndpointConnectItems": {"EndpointConnectItems": rows.collect::<Vec<_>>()},
    })
    .into())
}

/// Endpoints of a cluster's nodes. Of the simulated instances only those with the part `node` have any.
pub(super) fn endpoints(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let wanted = asked.param("DBInstanceEndpointId");
    let rows = one.part("node").filter(|endpoint| wanted.is_none_or(|id| id == endpoint.part_id)).map(|endpoint| {
        let address = json!({
            "ConnectionString": endpoint.host,
            "IpAddress": endpoint.ip,
            "IpType": ip_type(endpoint.net),
            "Port": endpoint.port.to_string(),
            "VpcId": one.vpc,
        });
        json!({
            "EndpointId": endpoint.part_id,
            "EndpointType": "Readonly",
            "AddressItems": {"AddressItem": [address]},
            "NodeItems": {"NodeItem": []},
        })
    });
    let rows: Vec<Value> = rows.collect();
    let data = json!({"DBInstanceName": one.id, "IpVersion": "ipv4", "DBInstanceEndpoints": {"DBInstanceEndpoint": rows}});
    Ok(json!({"Data": data}).into())
}
