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

/// The proxy's addresses. Their network types in words: `Public` and `VPC`, as CreateDBProxyEndpointAddress
/// takes them; the documents show no answer with a public one.
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
            "DBProxyConnectStringNetType": if endpoint.net == Net::Public { "Public" } else { "VPC" },
            "DBProxyConnectStringNetWorkType": if endpoint.net == Net::Public { "Public" } else { "VPC" },
            "DBProxyVpcId": one.vpc,
        })
    };
    let rows: Vec<Value> = proxies.iter().map(row).collect();
    Ok(json!({
        "DBProxyServiceStatus": "Startup",
        "DBProxyInstanceStatus": "Running",
        "DBProxyInstanceName": format!("{}-proxy", one.id),
        "DBProxyInstanceType": "common",
        "DBProxyInstanceNum": 2,
        "DBProxyConnectStringItems": {"DBProxyConnectStringItems": rows},
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
