//! What is let in: sets of ports of TCP and UDP, and which checks they concern.

/// TCP, else UDP.
pub(super) type Tcp = bool;

/// The ports that checks of their own are about, as far as the generator uses them.
const SSH: u16 = 22;
const RDP: u16 = 3389;
/// Databases: of each the port that every list of such ports has.
pub(super) const DATABASES: [u16; 8] = [1433, 3306, 5432, 6379, 9042, 9200, 11211, 27017];
/// Ports that no check has a name for, and that are not the web's.
pub(super) const OTHERS: [u16; 8] = [25, 110, 2049, 4848, 7777, 8080, 8443, 9999];
pub(super) const WEB: [u16; 2] = [80, 443];

/// Whether `open-port` is about a port: no other check is.
fn is_other(tcp: Tcp, port: u16) -> bool {
    !(is_database(tcp, port) || (tcp && (port == SSH || port == RDP)))
}

/// memcached listens on UDP too.
fn is_database(tcp: Tcp, port: u16) -> bool {
    if tcp { DATABASES.contains(&port) } else { port == 11211 }
}

/// Ranges of ports, each of TCP or UDP. They do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Doors(Vec<(Tcp, u16, u16)>);

impl Doors {
    pub(super) fn tcp(ports: &[u16]) -> Self {
        Self(ports.iter().map(|port| (true, *port, *port)).collect())
    }

    pub(super) fn range(tcp: Tcp, first: u16, last: u16) -> Self {
        Self(vec![(tcp, first, last)])
    }

    pub(super) fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn first_tcp(&self) -> Option<u16> {
        self.0.iter().find(|(tcp, ..)| *tcp).map(|(_, first, _)| *first)
    }

    /// What both let in.
    pub(super) fn both(&self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|a| other.0.iter().map(move |b| (a, b)));
        let common = pairs.filter(|(a, b)| a.0 == b.0).map(|(a, b)| (a.0, a.1.max(b.1), a.2.min(b.2)));
        Self(common.filter(|(_, first, last)| first <= last).collect())
    }

    /// Without some ports of TCP.
    pub(super) fn without(self, ports: &[u16]) -> Self {
        ports.iter().fold(self, |doors, port| {
            let cut = doors.0.into_iter().flat_map(|(tcp, first, last)| {
                if !tcp || *port < first || last < *port {
                    return vec![(tcp, first, last)];
                }
                let below = (first < *port).then(|| (tcp, first, port - 1));
                let above = (*port < last).then(|| (tcp, port + 1, last));
                below.into_iter().chain(above).collect()
            });
            Self(cut.collect())
        })
    }

    fn any(&self, wanted: impl Fn(Tcp, u16) -> bool) -> bool {
        self.0.iter().any(|(tcp, first, last)| (*first..=*last).any(|port| wanted(*tcp, port)))
    }

    pub(super) fn only_web(&self) -> bool {
        !self.any(|tcp, port| !tcp || !WEB.contains(&port))
    }

    /// Every port of TCP, or every port of UDP: in these sets always in one range.
    pub(super) fn all(&self) -> bool {
        self.0.iter().any(|(_, first, last)| *first <= 1 && *last == u16::MAX)
    }

    /// Whether a check of security groups is concerned. What it has in common with `reached` decides the severity.
    pub(super) fn concerns(&self, check: &str) -> bool {
        match check {
            "open-ssh" => self.any(|tcp, port| tcp && port == SSH),
            "open-rdp" => self.any(|tcp, port| tcp && port == RDP),
            "open-database-port" => self.any(is_database),
            "open-all-ports" => self.all(),
            _ => self.any(is_other),
        }
    }

    /// The severity of a load balancer that lets this in.
    pub(super) fn balancer_severity(&self) -> &'static str {
        if self.only_web() {
            "low"
        } else if ["open-ssh", "open-rdp", "open-database-port"].iter().any(|check| self.concerns(check)) {
            "critical"
        } else {
            "high"
        }
    }
}

/// The checks of security groups.
pub(super) const CHECKS: [&str; 5] =
    ["open-all-ports", "open-database-port", "open-port", "open-rdp", "open-ssh"];

/// The findings that a group must have: it lets in `open`, and what uses it is reached by the internet on `reached`,
/// way by way.
pub(super) fn findings(open: &Doors, reached: &[Doors]) -> Vec<(&'static str, &'static str)> {
    let failing = CHECKS.into_iter().filter(|check| open.concerns(check));
    let failing = failing.filter(|check| *check != "open-port" || !open.all());
    failing
        .map(|check| {
            let common = |way: &Doors| {
                let both = open.both(way);
                // Of a group that is open on all ports, any of them will do.
                if check == "open-all-ports" { !both.is_empty() } else { both.concerns(check) }
            };
            let web = check == "open-port"
                && !open.any(|tcp, port| is_other(tcp, port) && (!tcp || !WEB.contains(&port)));
            let severity = if web {
                "low"
            } else if reached.iter().any(common) {
                "critical"
            } else {
                "medium"
            };
            (check, severity)
        })
        .collect()
}
