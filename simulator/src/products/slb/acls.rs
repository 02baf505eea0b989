//! Access lists of classic load balancers.

use crate::account::network::AccessList;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{self, Sizes};
use crate::product::{Answer, Asked};
use crate::regional;
use ipnet::IpNet;
use serde_json::{Value, json};

/// A list is of one family; one without entries is of IPv4.
fn version(list: &AccessList) -> &'static str {
    match list.entries.first() {
        Some(IpNet::V6(_)) => "ipv6",
        _ => "ipv4",
    }
}

fn show(list: &AccessList) -> Value {
    json!({
        "AclId": list.id,
        "AclName": list.name,
        "AddressIPVersion": version(list),
        "CreateTime": "2025-04-11T02:10:00Z",
        "ResourceGroupId": "",
        "Tags": {"Tag": []},
    })
}

pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let mut rows = regional::rows_in(&cloud.account.network.clb_acls, region);
    rows.retain(|list| {
        let wanted = [("AclName", Some(list.name.as_str())), ("AddressIPVersion", Some(version(list)))];
        regional::meets(asked, &wanted)
    });
    let (page, mut answer) = paging::by_number(rows, asked, Sizes::of(10, 50).fitted())?;
    answer.insert("Count".into(), page.len().into());
    answer.insert("Acls".into(), json!({"Acl": page.into_iter().map(show).collect::<Vec<_>>()}));
    Ok(Value::Object(answer).into())
}

/// The entries come by pages of 10, at most 50, numbered by `Page`. Whether all of them come where neither Page nor
/// PageSize is given is not documented: here they do not.
pub(super) fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let network = &cloud.account.network;
    let list = regional::one(&network.clb_acls, region, asked.required("AclId"), "Acl.NotExist")?;
    let (page, _) =
        paging::numbered(list.entries.iter().collect(), asked, "Page", Sizes::of(10, 50).fitted())?;
    let entries: Vec<Value> = (page.into_iter())
        .map(|net| json!({"AclEntryIP": net.to_string(), "AclEntryComment": ""}))
        .collect();
    let mut users = Vec::new();
    for clb in regional::rows_in(&network.clbs, region) {
        for listener in &clb.listeners {
            let acl = listener.acl.as_ref().filter(|acl| acl.ids.contains(&list.id));
            users.extend(acl.map(|acl| {
                json!({
                    "LoadBalancerId": clb.id,
                    "ListenerPort": listener.port,
                    "Protocol": listener.protocol,
                    "AclType": if acl.white { "white" } else { "black" },
                })
            }));
        }
    }
    let mut answer = show(list);
    answer["AclEntrys"] = json!({ "AclEntry": entries });
    answer["RelatedListeners"] = json!({ "RelatedListener": users });
    answer["TotalAclEntry"] = list.entries.len().into();
    Ok(answer.into())
}
