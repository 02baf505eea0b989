//! The network of one region: security groups, machines, addresses, gateways, network ACLs, images.

mod acls;
mod addresses;
mod groups;
mod machines;
#[cfg(test)]
mod tests;

use futures_util::future::{join, join4};
use futures_util::stream::{self, StreamExt};

pub(super) use groups::Room;

use crate::cloud::{ecs, vpc};
use crate::openapi::{Action, Api, Error, Kind, Session};
use crate::snapshot::{
    Dnat, Eip, Image, Instance, Interface, Ipv6Address, Listed, NetworkAcl, PortList, PrefixList,
    SecurityGroup, Unread,
};

/// What [`network`] calls: for the generated permissions.
pub(super) const NETWORK_NEEDS: &[Api] = &[
    <ecs::DescribeSecurityGroups as Action>::API,
    <ecs::DescribeSecurityGroupAttribute as Action>::API,
    <ecs::DescribePrefixListAttributes<'_> as Action>::API,
    <ecs::DescribePortRangeListEntries<'_> as Action>::API,
    <ecs::DescribeInstances as Action>::API,
    <ecs::DescribeNetworkInterfaces as Action>::API,
    <ecs::DescribeImages as Action>::API,
    <ecs::DescribeImageSharePermission as Action>::API,
    <vpc::DescribeEipAddresses as Action>::API,
    <vpc::DescribeNatGateways as Action>::API,
    <vpc::DescribeForwardTableEntries as Action>::API,
    <vpc::DescribeIpv6Gateways as Action>::API,
    <vpc::DescribeIpv6Addresses as Action>::API,
    <vpc::DescribeIpv6EgressOnlyRules as Action>::API,
    <vpc::DescribeNetworkAcls as Action>::API,
    <vpc::DescribeNetworkAclAttributes<'_> as Action>::API,
];

/// Calls for the parts of one list that are under way at the same time, in one region.
const AT_ONCE: usize = 32;

/// What was read of the network of one region.
#[derive(Debug)]
pub(super) struct Network {
    /// Security groups with their inbound rules.
    pub(super) security_groups: Listed<SecurityGroup>,
    /// The prefix lists that these rules name.
    pub(super) prefix_lists: Listed<PrefixList>,
    /// The port lists that these rules name.
    pub(super) port_lists: Listed<PortList>,
    /// Instances.
    pub(super) instances: Listed<Instance>,
    /// Network interfaces.
    pub(super) interfaces: Listed<Interface>,
    /// EIPs.
    pub(super) eips: Listed<Eip>,
    /// DNAT entries of internet NAT gateways.
    pub(super) dnat: Listed<Dnat>,
    /// IPv6 addresses; none where no IPv6 gateway leads to any.
    pub(super) ipv6_addresses: Listed<Ipv6Address>,
    /// Network ACLs.
    pub(super) network_acls: Listed<NetworkAcl>,
    /// Custom images.
    pub(super) images: Listed<Image>,
}

/// Reads the network of the session's region. What cannot be read is unread in its place; nothing stops the rest.
pub(super) async fn network(session: &Session, room: &Room) -> Network {
    let machines = join4(
        groups::groups(session, room),
        machines::instances(session),
        machines::interfaces(session),
        machines::images(session),
    );
    let ways = join4(
        addresses::eips(session),
        addresses::dnat(session),
        addresses::ipv6_addresses(session),
        acls::network_acls(session),
    );
    let (machines, ways) = join(machines, ways).await;
    let ((security_groups, prefix_lists, port_lists), instances, interfaces, images) = machines;
    let (eips, dnat, ipv6_addresses, network_acls) = ways;
    Network {
        security_groups,
        prefix_lists,
        port_lists,
        instances,
        interfaces,
        eips,
        dnat,
        ipv6_addresses,
        network_acls,
        images,
    }
}

/// One call, or several, for each row, a few of them at the same time; in no order.
pub(super) async fn each<'a, T: 'a, R, F: Future<Output = R>>(
    rows: impl IntoIterator<Item = T>,
    read: impl FnMut(T) -> F,
) -> Vec<R> {
    stream::iter(rows).map(read).buffer_unordered(AT_ONCE).collect().await
}

/// Whether a thing that was listed has been deleted since: the service says that it is not there, and names it (`InvalidSecurityGroupId.NotFound`
/// for `SecurityGroup`). That the region is not there is another matter.
pub(super) fn is_gone(error: &Error, thing: &str) -> bool {
    error.kind() == Kind::NotFound && error.code().contains(thing)
}

/// An answer that came, but makes no sense.
pub(super) fn misread(session: &Session, api: &Api, why: impl Into<String>) -> Unread {
    Unread { region: session.region().to_owned(), ..Unread::new(&api.label(), "Decode", why) }
}
