//! EIPs, DNAT entries, IPv6 addresses: the ways in from the internet.

use std::collections::BTreeSet;

use super::{each, is_gone, misread};
use crate::cloud::notation;
use crate::cloud::vpc::{
    self, DescribeEipAddresses, DescribeForwardTableEntries, DescribeIpv6Addresses,
    DescribeIpv6EgressOnlyRules, DescribeIpv6Gateways, DescribeNatGateways,
};
use crate::collect::regions::VPC;
use crate::collect::unread_in;
use crate::openapi::{Action, Session};
use crate::snapshot::{Dnat, Eip, Ipv6Address, Listed};

/// The EIPs of the region, bound or not.
pub(super) async fn eips(session: &Session) -> Listed<Eip> {
    let listed = VPC.listed(session, DescribeEipAddresses::new(session.region())).await;
    let eip = |row: vpc::Eip| Eip {
        id: row.allocation_id,
        region: session.region().to_owned(),
        ip: row.ip_address,
        target_kind: row.instance_type.filter(|_| row.instance_id.is_some()),
        target: row.instance_id,
        private_ip: row.private_ip_address,
        tags: row.tags,
    };
    Listed { rows: listed.rows.into_iter().map(eip).collect(), unread: listed.unread }
}

/// The DNAT entries of the internet NAT gateways of the region.
pub(super) async fn dnat(session: &Session) -> Listed<Dnat> {
    let gateways = VPC.listed(session, DescribeNatGateways::new(session.region())).await;
    let internet = gateways.rows.into_iter().filter(vpc::NatGateway::is_internet);
    let mut entries: Listed<Dnat> =
        each(internet, |gateway| entries(session, gateway)).await.into_iter().collect();
    entries.unread.extend(gateways.unread);
    entries.rows.sort_by(|a, b| a.id.cmp(&b.id));
    entries
}

async fn entries(session: &Session, gateway: vpc::NatGateway) -> Listed<Dnat> {
    let first = DescribeForwardTableEntries::new(session.region(), &gateway.nat_gateway_id);
    let mut read = Listed::default();
    match session.all(first).await {
        Ok(rows) => {
            for row in rows {
                match entry(session, &gateway, row) {
                    Ok(entry) => read.rows.push(entry),
                    Err(why) => {
                        let api = <DescribeForwardTableEntries as Action>::API;
                        read.unread.push(misread(session, &api, why));
                    }
                }
            }
        }
        Err(error) if is_gone(&error, "Nat") => {}
        Err(error) => read.unread.push(unread_in(session, &error)),
    }
    read
}

fn entry(session: &Session, gateway: &vpc::NatGateway, row: vpc::ForwardEntry) -> Result<Dnat, String> {
    let quoted = |why| format!("{} of {}: {why}", row.forward_entry_id, gateway.nat_gateway_id);
    Ok(Dnat {
        region: session.region().to_owned(),
        nat_gateway: gateway.nat_gateway_id.clone(),
        vpc: gateway.vpc_id.clone(),
        external_ip: row.external_ip,
        external_ports: notation::ports(&row.external_port).map_err(quoted)?,
        internal_ip: row.internal_ip,
        internal_ports: notation::ports(&row.internal_port).map_err(quoted)?,
        protocol: notation::protocol(&row.ip_protocol).map_err(quoted)?,
        id: row.forward_entry_id,
    })
}

/// The IPv6 addresses that an IPv6 gateway may lead to. A region without such a gateway has none that the internet reaches: they are not
/// asked for, and the list is known to be empty. Rules are asked for only where a public address may have one.
///
/// An address is public by the service's own word (`NetworkType`). A rule takes that back; where rules cannot be read, the address stays
/// public and the list is not whole.
pub(super) async fn ipv6_addresses(session: &Session) -> Listed<Ipv6Address> {
    let region = session.region();
    let gateways = VPC.listed(session, DescribeIpv6Gateways::new(region)).await;
    if gateways.rows.is_empty() {
        return Listed { rows: Vec::new(), unread: gateways.unread };
    }
    let addresses = VPC.listed(session, DescribeIpv6Addresses::new(region)).await;
    let public = || addresses.rows.iter().filter(|row| row.is_public());
    let mut leading: BTreeSet<&str> = public().filter_map(|row| row.ipv6_gateway_id.as_deref()).collect();
    if public().any(|row| row.ipv6_gateway_id.is_none()) {
        leading.extend(gateways.rows.iter().map(|gateway| gateway.ipv6_gateway_id.as_str()));
    }
    let rules = each(leading, |gateway| session.all(DescribeIpv6EgressOnlyRules::new(region, gateway))).await;

    let mut unread = gateways.unread;
    unread.extend(addresses.unread);
    let mut closed = BTreeSet::new();
    for rules in rules {
        match rules {
            Ok(rules) => closed.extend(rules.into_iter().filter(|r| r.holds()).filter_map(|r| r.instance_id)),
            Err(error) if is_gone(&error, "Ipv6Gateway") => {}
            Err(error) => unread.push(unread_in(session, &error)),
        }
    }
    let address = |row: vpc::Ipv6Address| Ipv6Address {
        public: row.is_public(),
        egress_only: closed.contains(&row.ipv6_address_id) || closed.contains(&row.address.to_string()),
        id: row.ipv6_address_id,
        region: region.to_owned(),
        ip: row.address,
        instance: row.associated_instance_id,
    };
    Listed { rows: addresses.rows.into_iter().map(address).collect(), unread }
}
