//! What a security group shall let in, and the rules that make it so.

use super::doors::{DATABASES, Doors, OTHERS, WEB};
use super::random::Random;
use crate::account::network::Rule;

/// What a group is made to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing is let in, and no wide rule says so: it goes together with any other group.
    Quiet,
    Ssh,
    /// Two rules that are the internet together.
    SshByHalves,
    /// A single public /8.
    SshFromOneBlock,
    /// Of a wide accept half is dropped first.
    SshHalfDropped,
    /// A drop comes too late.
    SshBeforeDrop,
    SshIpv6,
    /// A drop for IPv4 alone.
    SshIpv6DespiteDrop,
    SshByPrefixList,
    SshByPortList,
    RdpByPortList,
    Rdp,
    Database,
    DatabaseIpv6,
    Other,
    OtherUdp,
    /// A range over SSH.
    RangeOverSsh,
    /// A range over a database port and RDP.
    RangeOverBoth,
    Web,
    AllTcp,
    AllUdp,
    AllProtocols,
    /// Three ranges that are all ports together.
    AllByParts,
    ClosedByFirstDrop,
    ClosedByEqualDrop,
    ClosedByDropOfAll,
    ClosedByDropInHalves,
    ClosedByPrefixList,
    PrivateSources,
    NarrowPrefixList,
    PingAlone,
    /// For an interface with another group, whose SSH it closes.
    DropsSsh,
    /// What a classic load balancer needs: its own addresses on port 80.
    BehindClb,
    /// The same of another load balancer, on port 443.
    BehindAlb,
    /// The rules of the public interface of the classic network; those of the other one do not count.
    Classic,
}

impl Kind {
    pub(super) const ANY: [Self; 31] = [
        Self::Quiet,
        Self::Ssh,
        Self::SshByHalves,
        Self::SshFromOneBlock,
        Self::SshHalfDropped,
        Self::SshBeforeDrop,
        Self::SshIpv6,
        Self::SshIpv6DespiteDrop,
        Self::SshByPrefixList,
        Self::SshByPortList,
        Self::RdpByPortList,
        Self::Rdp,
        Self::Database,
        Self::DatabaseIpv6,
        Self::Other,
        Self::OtherUdp,
        Self::RangeOverSsh,
        Self::RangeOverBoth,
        Self::Web,
        Self::AllTcp,
        Self::AllUdp,
        Self::AllProtocols,
        Self::AllByParts,
        Self::ClosedByFirstDrop,
        Self::ClosedByEqualDrop,
        Self::ClosedByDropOfAll,
        Self::ClosedByDropInHalves,
        Self::ClosedByPrefixList,
        Self::PrivateSources,
        Self::NarrowPrefixList,
        Self::PingAlone,
    ];

    /// Half of all groups are closed, as in life.
    pub(super) fn at_random(random: &mut Random) -> Self {
        if random.percent(40) { Self::Quiet } else { random.pick(&Self::ANY) }
    }

    /// Those that let IPv6 in.
    pub(super) const IPV6: [Self; 4] =
        [Self::SshIpv6, Self::SshIpv6DespiteDrop, Self::DatabaseIpv6, Self::AllProtocols];
}

/// What a group lets in from the internet, and the rules that do it.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    pub(super) v4: Doors,
    pub(super) v6: Doors,
    pub(super) rules: Vec<Rule>,
}

impl Opening {
    fn of(v4: Doors, lines: &[&str]) -> Self {
        Self { v4, v6: Doors::default(), rules: lines.iter().map(|line| rule(line)).collect() }
    }

    fn v6(v6: Doors, lines: &[&str]) -> Self {
        Self { v6, ..Self::of(Doors::default(), lines) }
    }

    /// What it lets in, wherever from.
    pub(super) fn open(&self) -> Doors {
        // In these groups IPv6 lets in what IPv4 does, or IPv4 nothing.
        if self.v4.is_empty() { self.v6.clone() } else { self.v4.clone() }
    }
}

pub(super) fn rule(line: &str) -> Rule {
    Rule::try_from(line.to_string()).expect("the generator writes rules that make sense")
}

/// The lists of a region that rules may name.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    /// The internet, in two halves.
    pub(super) wide: String,
    /// A few addresses of partners.
    pub(super) narrow: String,
    /// Ports of SSH.
    pub(super) ssh: String,
    /// Ports about RDP.
    pub(super) rdp: String,
    /// Ports that nobody else has.
    pub(super) spare: String,
}

impl Lists {
    pub(super) const SSH: [(u16, u16); 2] = [(22, 22), (2222, 2223)];
    pub(super) const RDP: [(u16, u16); 2] = [(3380, 3395), (15000, 15000)];
    pub(super) const SPARE: [(u16, u16); 2] = [(13000, 13010), (13100, 13100)];

    fn doors(ranges: &[(u16, u16)]) -> Doors {
        let ranges = ranges.iter().map(|(first, last)| Doors::range(true, *first, *last));
        ranges.fold(Doors::default(), Doors::and)
    }
}

/// Makes a group what it shall be.
pub(super) fn opening(kind: Kind, lists: &Lists, random: &mut Random) -> Opening {
    let ssh = || Doors::tcp(&[22]);
    let database = random.pick(&DATABASES);
    let other = random.pick(&OTHERS);
    // Before 60, so that there is room behind.
    let early = random.within(1, 30);
    let late = random.within(31, 100);
    match kind {
        Kind::Quiet => Opening::default(),
        Kind::Ssh => Opening::of(ssh(), &[&format!("accept tcp 22/22 from 0.0.0.0/0 priority {late}")]),
        Kind::SshByHalves => Opening::of(
            ssh(),
            &[
                &format!("accept tcp 22/22 from 0.0.0.0/1 priority {early}"),
                &format!("accept tcp 22/22 from 128.0.0.0/1 priority {late}"),
            ],
        ),
        Kind::SshFromOneBlock => Opening::of(ssh(), &["accept tcp 22/22 from 39.0.0.0/8"]),
        Kind::SshHalfDropped => Opening::of(
            ssh(),
            &[
                &format!("drop tcp 22/22 from 0.0.0.0/1 priority {early}"),
                &format!("accept tcp 22/22 from 0.0.0.0/0 priority {late}"),
            ],
        ),
        Kind::SshBeforeDrop => Opening::of(
            ssh(),
            &[
                &format!("accept tcp 22/22 from 0.0.0.0/0 priority {early}"),
                &format!("drop all -1/-1 from 0.0.0.0/0 priority {late}"),
            ],
        ),
        Kind::SshIpv6 => Opening::v6(ssh(), &["accept tcp 22/22 from ::/0"]),
        Kind::SshIpv6DespiteDrop => Opening::v6(
            ssh(),
            &[
                "drop tcp 22/22 from 0.0.0.0/0",
                &format!("accept tcp 22/22 from 0.0.0.0/0 priority {late}"),
                &format!("accept tcp 22/22 from ::/0 priority {late}"),
            ],
        ),
        Kind::SshByPrefixList => {
            Opening::of(ssh(), &[&format!("accept tcp 22/22 from {} priority {early}", lists.wide)])
        }
        Kind::SshByPortList => Opening::of(
            Lists::doors(&Lists::SSH),
            &[&format!("accept tcp {} from 0.0.0.0/0 priority {early}", lists.ssh)],
        ),
        Kind::RdpByPortList => Opening::of(
            Lists::doors(&Lists::RDP),
            &[&format!("accept tcp {} from {}", lists.rdp, lists.wide)],
        ),
        Kind::Rdp => Opening::of(Doors::tcp(&[3389]), &["accept tcp 3389/3389 from 0.0.0.0/0"]),
        Kind::Database => Opening::of(
            Doors::tcp(&[database]),
            &[&format!("accept tcp {database}/{database} from 0.0.0.0/0 priority {late}")],
        ),
        Kind::DatabaseIpv6 => Opening::v6(
            Doors::tcp(&[database]),
            &[
                &format!("accept tcp {database}/{database} from ::/1"),
                &format!("accept tcp {database}/{database} from 8000::/1"),
            ],
        ),
        Kind::Other => Opening::of(
            Doors::tcp(&[other]),
            &[&format!("accept tcp {other}/{other} from 0.0.0.0/0 priority {early}")],
        ),
        // The port of SSH, but not its protocol.
        Kind::OtherUdp => Opening::of(Doors::range(false, 22, 22), &["accept udp 22/22 from 0.0.0.0/0"]),
        Kind::RangeOverSsh => Opening::of(Doors::range(true, 20, 30), &["accept tcp 20/30 from 0.0.0.0/0"]),
        Kind::RangeOverBoth => {
            Opening::of(Doors::range(true, 3300, 3400), &["accept tcp 3300/3400 from 0.0.0.0/0"])
        }
        Kind::Web => Opening::of(
            Doors::tcp(&WEB),
            &["accept tcp 80/80 from 0.0.0.0/0", "accept tcp 443/443 from 0.0.0.0/0"],
        ),
        Kind::AllTcp => {
            Opening::of(Doors::range(true, 1, 65535), &["accept tcp 1/65535 from 0.0.0.0/0 priority 50"])
        }
        Kind::AllUdp => Opening::of(Doors::range(false, 1, 65535), &["accept udp 1/65535 from 0.0.0.0/0"]),
        Kind::AllProtocols => {
            let all = || Doors::range(true, 0, 65535).and(Doors::range(false, 0, 65535));
            let lines = ["accept all -1/-1 from 0.0.0.0/0", "accept all -1/-1 from ::/0"];
            Opening { v6: all(), ..Opening::of(all(), &lines) }
        }
        Kind::AllByParts => Opening::of(
            Doors::range(true, 1, 65535),
            &[
                "accept tcp 1/1023 from 0.0.0.0/0",
                "accept tcp 1000/40000 from 0.0.0.0/0 priority 2",
                "accept tcp 40001/65535 from 0.0.0.0/0 priority 3",
            ],
        ),
        Kind::ClosedByFirstDrop => closed(&[
            &format!("drop tcp 22/22 from 0.0.0.0/0 priority {early}"),
            &format!("accept tcp 22/22 from 0.0.0.0/0 priority {late}"),
        ]),
        Kind::ClosedByEqualDrop => closed(&[
            &format!("accept tcp 3389/3389 from 0.0.0.0/0 priority {late}"),
            &format!("drop tcp 3389/3389 from 0.0.0.0/0 priority {late}"),
        ]),
        Kind::ClosedByDropOfAll => closed(&[
            &format!("accept tcp {database}/{database} from 0.0.0.0/0 priority {late}"),
            &format!("accept udp 1/65535 from 0.0.0.0/0 priority {late}"),
            &format!("drop all -1/-1 from 0.0.0.0/0 priority {early}"),
        ]),
        Kind::ClosedByDropInHalves => closed(&[
            "drop tcp 1/65535 from 0.0.0.0/1",
            "drop tcp 1/65535 from 128.0.0.0/1",
            &format!("accept tcp 22/22 from 0.0.0.0/0 priority {late}"),
        ]),
        Kind::ClosedByPrefixList => closed(&[
            &format!("drop tcp {} from {} priority {early}", lists.ssh, lists.wide),
            &format!("accept tcp 22/22 from 0.0.0.0/0 priority {late}"),
        ]),
        Kind::PrivateSources => closed(&[
            "accept all -1/-1 from 10.0.0.0/8",
            "accept tcp 22/22 from 172.16.0.0/12",
            "accept tcp 3389/3389 from 192.168.0.0/16",
        ]),
        Kind::NarrowPrefixList => closed(&[
            &format!("accept tcp 22/22 from {}", lists.narrow),
            &format!("accept all -1/-1 from {} priority {late}", lists.narrow),
        ]),
        Kind::PingAlone => closed(&["accept icmp -1/-1 from 0.0.0.0/0", "accept gre -1/-1 from 0.0.0.0/0"]),
        Kind::DropsSsh => closed(&["drop tcp 22/22 from 0.0.0.0/0"]),
        Kind::BehindClb => closed(&["accept tcp 80/80 from 100.64.0.0/10"]),
        Kind::BehindAlb => closed(&["accept tcp 443/443 from 10.0.0.0/8"]),
        Kind::Classic => Opening::of(
            ssh(),
            &[
                "accept tcp 22/22 from 0.0.0.0/0 nic internet",
                "accept tcp 3389/3389 from 0.0.0.0/0",
                "drop tcp 22/22 from 0.0.0.0/0",
            ],
        ),
    }
}

fn closed(lines: &[&str]) -> Opening {
    Opening::of(Doors::default(), lines)
}
