//! Rules that change nothing: private sources, narrow public ones, drops beside the point, other groups, egress.

use super::openings::{Lists, rule};
use super::random::Random;
use crate::account::network::{GroupName, Peer, Ports, Protocol, Rule};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};

/// How many rules a group has beside those that make it what it is: most have a few, one in fifty the most there
/// may be.
pub(super) fn amount(most: usize, random: &mut Random) -> usize {
    match random.within(1, 100) {
        1..=65 => random.within(0, most.div_ceil(50)),
        66..=88 => random.within(most.div_ceil(50), most.div_ceil(8)),
        89..=98 => random.within(most.div_ceil(8), most.div_ceil(2)),
        _ => most,
    }
}

/// One rule that lets the internet in on nothing and keeps it out of nothing that counts. The public addresses of a
/// thousand of them together are far fewer than 65,536.
pub(super) fn harmless(lists: &Lists, groups: &[String], random: &mut Random) -> Rule {
    let accept = random.percent(75);
    let protocol = random.pick(&[Protocol::Tcp, Protocol::Tcp, Protocol::Udp, Protocol::All]);
    let ports = if protocol == Protocol::All {
        Ports::All
    } else {
        match random.within(0, 9) {
            0 => Ports::Range(1, 65535),
            1 => Ports::Range(22, 22),
            2 => Ports::List(lists.spare.as_str().into()),
            _ => {
                let first = random.within(1, 60000);
                Ports::Range(first as u16, (first + random.within(0, 500)) as u16)
            }
        }
    };
    let peer = match random.within(0, 19) {
        0..=6 => private(random),
        7..=13 => public(random),
        14..=15 => {
            let host = Ipv6Addr::from((0x2409_8000_u128 << 96) | u128::from(random.next()));
            Peer::V6(Box::new(Ipv6Net::new_assert(host, 128)))
        }
        16 => Peer::PrefixList(lists.narrow.as_str().into()),
        17 if !groups.is_empty() => {
            let other = &groups[random.within(0, groups.len() - 1)];
            Peer::Group(Box::new(GroupName { id: other.as_str().into(), owner: None }))
        }
        18 => {
            let other = GroupName { id: "sg-partner0001".into(), owner: Some("1987654321098765".into()) };
            Peer::Group(Box::new(other))
        }
        _ => return rule("egress accept all -1/-1 to 0.0.0.0/0"),
    };
    Rule {
        egress: random.percent(8),
        accept,
        priority: random.within(1, 100) as u8,
        protocol,
        internet_nic: false,
        ports,
        peer,
        own: None,
    }
}

/// Not 100.64.0.0/10, from which classic load balancers speak, nor the VPC's own 10.0.0.0/8, from which the others do.
fn private(random: &mut Random) -> Peer {
    let (a, b) = (random.within(0, 255) as u8, random.within(0, 255) as u8);
    let net = match random.within(0, 1) {
        0 => Ipv4Net::new_assert(Ipv4Addr::new(172, 16 + a % 16, b, 0), 24),
        _ => Ipv4Net::new_assert(Ipv4Addr::new(192, 168, a, 0), 24),
    };
    Peer::V4(net)
}

/// At most 16 addresses of a partner.
fn public(random: &mut Random) -> Peer {
    let address = Ipv4Addr::from(0x7000_0000 | (random.next() as u32 & 0x0FFF_FFF0));
    Peer::V4(Ipv4Net::new_assert(address, random.within(28, 32) as u8))
}

/// Wide rules on ports that no group opens: a drop of Windows' own, and an accept behind a drop. Not for groups
/// that open all ports.
pub(super) fn wide_but_idle(random: &mut Random) -> Vec<Rule> {
    let port = random.within(12000, 12050);
    vec![
        rule("drop tcp 135/139 from 0.0.0.0/0"),
        rule("drop tcp 445/445 from 0.0.0.0/0"),
        rule(&format!("drop tcp {port}/{port} from 0.0.0.0/0 priority 3")),
        rule(&format!("accept tcp {port}/{port} from 0.0.0.0/0 priority 40")),
        rule("accept icmp -1/-1 from 0.0.0.0/0"),
    ]
}
