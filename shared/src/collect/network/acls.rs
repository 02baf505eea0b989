//! Network ACLs.

use super::{each, is_gone, misread};
use crate::cloud::notation;
use crate::cloud::shape::Rows;
use crate::cloud::vpc::{self, DescribeNetworkAclAttributes, DescribeNetworkAcls};
use crate::collect::regions::VPC;
use crate::collect::unread_in;
use crate::openapi::{Action, Session};
use crate::snapshot::{AclEntry, Listed, NetworkAcl, Unread};

/// The network ACLs of the region. One that the list does not show whole is asked for by itself.
pub(super) async fn network_acls(session: &Session) -> Listed<NetworkAcl> {
    let listed = VPC.listed(session, DescribeNetworkAcls::new(session.region())).await;
    let mut acls = Listed { rows: Vec::new(), unread: listed.unread };
    for read in each(listed.rows, |row| whole(session, row)).await {
        match read {
            Ok(row) => acls.rows.extend(row.map(|row| acl(session, row))),
            Err(why) => acls.unread.push(why),
        }
    }
    acls.rows.sort_by(|a, b| a.id.cmp(&b.id));
    acls
}

/// The ACL with its entries; `None` if it has been deleted since it was listed.
async fn whole(session: &Session, row: vpc::NetworkAcl) -> Result<Option<vpc::NetworkAcl>, Unread> {
    if row.is_whole() {
        return Ok(Some(row));
    }
    let ask =
        DescribeNetworkAclAttributes { region_id: session.region(), network_acl_id: &row.network_acl_id };
    match session.call(&ask).await {
        Ok(answer) => {
            let mut acl = answer.value.network_acl_attribute;
            // What it is bound to may stand in the list alone.
            acl.resources = acl.resources.or(row.resources);
            if acl.resources.is_none() {
                let api = <DescribeNetworkAclAttributes<'_> as Action>::API;
                let why = format!("{}: what it is bound to is missing", acl.network_acl_id);
                return Err(misread(session, &api, why));
            }
            Ok(Some(acl))
        }
        Err(error) if is_gone(&error, "Acl") => Ok(None),
        Err(error) => Err(unread_in(session, &error)),
    }
}

fn acl(session: &Session, row: vpc::NetworkAcl) -> NetworkAcl {
    let bound = row.resources.into_iter().flat_map(|rows| rows.0);
    NetworkAcl {
        region: session.region().to_owned(),
        vswitches: bound.filter_map(vpc::AclResource::vswitch).collect(),
        ingress: entries(session, &row.network_acl_id, row.ingress_acl_entries),
        egress: entries(session, &row.network_acl_id, row.egress_acl_entries),
        id: row.network_acl_id,
    }
}

/// The entries in their order. One that makes no sense leaves its place open: what comes after it may never be reached.
fn entries(session: &Session, acl: &str, rows: Option<Rows<vpc::AclEntry>>) -> Listed<AclEntry> {
    let api = <DescribeNetworkAclAttributes<'_> as Action>::API;
    let Some(rows) = rows else {
        return Listed::unread(misread(session, &api, format!("{acl}: its entries are missing")));
    };
    let mut list = Listed::default();
    for row in rows.0 {
        match entry(&row) {
            Ok(entry) => list.rows.push(entry),
            Err(why) => list.unread.push(misread(session, &api, format!("{acl}: {why} in {row:?}"))),
        }
    }
    list
}

fn entry(row: &vpc::AclEntry) -> Result<AclEntry, String> {
    let accept = match &*row.policy {
        policy if policy.eq_ignore_ascii_case("accept") => true,
        policy if policy.eq_ignore_ascii_case("drop") => false,
        policy => return Err(format!("{policy:?} is neither accept nor drop")),
    };
    let protocol = notation::protocol(&row.protocol)?;
    Ok(AclEntry { accept, protocol, ports: notation::ports(&row.port)?, peer: notation::net(&row.peer)? })
}
