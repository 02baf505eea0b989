//! Instances, network interfaces, custom images.

use super::{each, is_gone};
use crate::cloud::ecs::{
    self, DescribeImageSharePermission, DescribeImages, DescribeInstances, DescribeNetworkInterfaces,
};
use crate::collect::{listed, unread_in};
use crate::openapi::Session;
use crate::snapshot::{Image, Instance, Interface, InterfaceAddress, Listed, Read};

/// The instances of the region.
pub(super) async fn instances(session: &Session) -> Listed<Instance> {
    let listed = listed(session, DescribeInstances::new(session.region())).await;
    let rows = listed.rows.into_iter().map(|row| instance(session.region(), row)).collect();
    Listed { rows, unread: listed.unread }
}

fn instance(region: &str, row: ecs::Instance) -> Instance {
    let (vpc, private_ips) = match row.vpc_attributes {
        Some(place) if place.vpc_id.is_some() => (place.vpc_id, place.private_ip_address),
        _ => (None, row.inner_ip_address),
    };
    Instance {
        id: row.instance_id,
        name: row.instance_name.unwrap_or_default(),
        region: region.to_owned(),
        vpc,
        public_ips: row.public_ip_address,
        eip: row.eip_address.and_then(|eip| eip.ip_address),
        private_ips,
        security_groups: row.security_group_ids.0,
        // One that is being started, or of which nothing is said, may be reached.
        running: row.status.as_deref() != Some("Stopped"),
        tags: row.tags,
    }
}

/// The network interfaces of the region.
pub(super) async fn interfaces(session: &Session) -> Listed<Interface> {
    let listed = listed(session, DescribeNetworkInterfaces::new(session.region())).await;
    let rows = listed.rows.into_iter().map(|row| interface(session.region(), row)).collect();
    Listed { rows, unread: listed.unread }
}

fn interface(region: &str, row: ecs::Interface) -> Interface {
    let primary = row.private_ip_address;
    let primary_public = row.associated_public_ip.and_then(|ip| ip.public_ip_address);
    let mut addresses: Vec<InterfaceAddress> = Vec::new();
    for ip in row.private_ip_sets.into_iter().flat_map(|sets| sets.0) {
        let public = ip.associated_public_ip.and_then(|ip| ip.public_ip_address);
        addresses.push(InterfaceAddress { private: ip.private_ip_address, public });
    }
    // The primary address stands in the set, too; the interface itself tells of it where the set does not.
    if let Some(private) = primary {
        match addresses.iter_mut().find(|address| address.private == private) {
            Some(address) => address.public = address.public.or(primary_public),
            None => addresses.insert(0, InterfaceAddress { private, public: primary_public }),
        }
    }
    Interface {
        id: row.network_interface_id,
        region: region.to_owned(),
        instance: row.instance_id.or_else(|| row.attachment.and_then(|attachment| attachment.instance_id)),
        vswitch: row.vswitch_id,
        vpc: row.vpc_id,
        security_groups: row.security_group_ids.0,
        addresses,
        ipv6: row.ipv6_sets.into_iter().flat_map(|sets| sets.0).map(|ip| ip.address).collect(),
    }
}

/// The account's own images in the region, and whom each is shared with.
pub(super) async fn images(session: &Session) -> Listed<Image> {
    let listed = listed(session, DescribeImages::own(session.region())).await;
    let rows = each(listed.rows, |row| image(session, row)).await;
    let mut rows: Vec<Image> = rows.into_iter().flatten().collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    Listed { rows, unread: listed.unread }
}

/// An image; `None` if it has been deleted since it was listed.
async fn image(session: &Session, row: ecs::Image) -> Option<Image> {
    let shares = session.all(DescribeImageSharePermission::new(session.region(), &row.image_id)).await;
    let shared_with = match shares {
        Ok(shares) => Read::Read(shares.into_iter().map(|share| share.aliyun_id).collect()),
        Err(error) if is_gone(&error, "Image") => return None,
        Err(error) => Read::Unread(unread_in(session, &error)),
    };
    Some(Image {
        id: row.image_id,
        name: row.image_name.unwrap_or_default(),
        region: session.region().to_owned(),
        public: row.is_public,
        shared_with,
        tags: row.tags,
    })
}
