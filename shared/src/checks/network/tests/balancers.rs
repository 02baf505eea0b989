//! Load balancers and the instances behind them.

use super::account::*;
use crate::checks::Status::{Fail, Pass, Unknown};
use crate::config::Severity;
use crate::snapshot::*;

fn listener(speaks: &str, port: u16, backend: Option<(&str, Option<u16>)>) -> Listener {
    let backend = backend.map(|(server, port)| Backend { server: server.into(), ip: None, port });
    Listener {
        id: format!("{speaks}:{port}"),
        protocol: if speaks == "udp" { Protocol::Udp } else { Protocol::Tcp },
        speaks: speaks.into(),
        ports: (port, port),
        running: true,
        access: Read::Read(Access::Open),
        backends: Read::Read(backend.into_iter().collect()),
    }
}

fn balancer(kind: BalancerKind, listeners: Vec<Listener>) -> LoadBalancer {
    LoadBalancer {
        id: "lb-1".into(),
        name: String::new(),
        region: REGION.into(),
        kind,
        internet: true,
        addresses: vec![ip("47.8.8.8")],
        dns_name: None,
        vpc: Some("vpc-1".into()),
        security_groups: vec![],
        tags: [].into(),
        listeners: Listed::whole(listeners),
    }
}

fn clb(listeners: Vec<Listener>) -> LoadBalancer {
    balancer(BalancerKind::Clb, listeners)
}

fn with(mut account: Snapshot, balancer: LoadBalancer) -> Snapshot {
    account.resources.load_balancers.rows.push(balancer);
    account
}

fn access_list(account: &mut Snapshot, id: &str, entries: Read<Vec<ipnet::IpNet>>) {
    account.resources.access_lists.rows.push(AccessList { id: id.into(), region: REGION.into(), entries });
}

#[test]
fn severity_is_that_of_the_ports() {
    for (port, wanted) in [
        (80, Severity::Low),
        (443, Severity::Low),
        (22, Severity::Critical),
        (3389, Severity::Critical),
        (6379, Severity::Critical),
        (8080, Severity::High),
    ] {
        let account = with(empty(), clb(vec![listener("tcp", port, Some(("i-9", Some(8080))))]));
        let found = finding(&account, "open-load-balancer", "/lb-1");
        assert_eq!((found.status, found.severity), (Fail, wanted), "{port}");
        assert_eq!(found.resource, "acs:slb:cn-hangzhou:1:loadbalancer/lb-1");
        assert_eq!(found.scope.ports, [(port, port)]);
        assert_eq!(found.evidence["listeners"][0]["backends"]["servers"][0], "i-9:8080");
    }
    let both = with(empty(), clb(vec![listener("tcp", 443, None), listener("tcp", 22, None)]));
    assert_eq!(failure(&both, "open-load-balancer", "/lb-1"), Some(Severity::Critical));
    // A range of ports has all in it.
    let all = Listener { ports: (1, 65535), ..listener("tcp", 1, None) };
    let account = with(empty(), balancer(BalancerKind::Nlb, vec![all]));
    assert_eq!(failure(&account, "open-load-balancer", "loadbalancer/lb-1"), Some(Severity::Critical));
}

#[test]
fn only_a_running_listener_of_a_public_balancer_is_open() {
    let stopped = Listener { running: false, ..listener("tcp", 8080, None) };
    let account = with(empty(), clb(vec![stopped]));
    assert_eq!(status(&account, "open-load-balancer", "/lb-1"), Pass);
    let internal = || LoadBalancer { internet: false, ..clb(vec![listener("tcp", 8080, None)]) };
    let mut account = with(empty(), internal());
    assert_eq!(finding(&account, "open-load-balancer", "/lb-1").message, "It has no internet address.");
    // An EIP makes an internal one public, whatever its own type says.
    account.resources.eips.rows.push(eip("47.1.2.3", "SlbInstance", "lb-1", None));
    assert_eq!(status(&account, "open-load-balancer", "/lb-1"), Fail);
    // And one that was not read may.
    account.resources.eips = Listed::unread(denied("vpc:DescribeEipAddresses"));
    assert_eq!(status(&account, "open-load-balancer", "/lb-1"), Unknown);
}

#[test]
fn access_lists_narrow_or_do_not() {
    let nets = |nets: &[&str]| Read::Read(nets.iter().map(|net| net.parse().unwrap()).collect::<Vec<_>>());
    let white = |ids: &[&str]| Access::White(ids.iter().map(|id| (*id).into()).collect());
    let black = |ids: &[&str]| Access::Black(ids.iter().map(|id| (*id).into()).collect());
    for (access, clb_wanted, alb_wanted, why) in [
        (Access::Open, Fail, Fail, "no list"),
        (white(&["acl-office"]), Pass, Pass, "an office"),
        (white(&["acl-all"]), Fail, Fail, "a white list of halves"),
        (white(&["acl-office", "acl-all"]), Fail, Fail, "lists add up"),
        // Documented for CLB, and contradicting documents for ALB.
        (white(&["acl-empty"]), Fail, Unknown, "an empty white list"),
        (white(&[]), Fail, Unknown, "no white list at all"),
        (white(&["acl-empty", "acl-office"]), Pass, Pass, "one of two is empty"),
        (white(&["acl-denied"]), Unknown, Unknown, "a list that was not read"),
        (white(&["acl-office", "acl-denied"]), Unknown, Unknown, "it may have everything in it"),
        (white(&["acl-all", "acl-denied"]), Fail, Fail, "whatever is in it"),
        (white(&["acl-gone"]), Unknown, Unknown, "a list that is not there"),
        (black(&["acl-office"]), Fail, Fail, "all but an office"),
        (black(&["acl-all"]), Pass, Pass, "everybody is black"),
        (black(&["acl-empty"]), Fail, Fail, "nobody is black"),
        (black(&["acl-denied"]), Unknown, Unknown, "it may have everybody in it"),
        (black(&["acl-all", "acl-denied"]), Pass, Pass, "whatever is in it"),
    ] {
        for (kind, wanted) in [(BalancerKind::Clb, clb_wanted), (BalancerKind::Alb, alb_wanted)] {
            let door = Listener { access: Read::Read(access.clone()), ..listener("http", 8080, None) };
            let mut account = with(empty(), balancer(kind, vec![door]));
            access_list(&mut account, "acl-office", nets(&["47.1.2.0/24"]));
            access_list(&mut account, "acl-all", nets(&["0.0.0.0/1", "128.0.0.0/1", "::/0"]));
            access_list(&mut account, "acl-empty", nets(&[]));
            access_list(
                &mut account,
                "acl-denied",
                Read::Unread(denied("slb:DescribeAccessControlListAttribute")),
            );
            assert_eq!(
                status(&account, "open-load-balancer", "loadbalancer/lb-1"),
                wanted,
                "{kind:?}: {why}"
            );
        }
    }
    let unread =
        Listener { access: Read::Unread(denied("alb:GetListenerAttribute")), ..listener("http", 80, None) };
    let account = with(empty(), balancer(BalancerKind::Alb, vec![unread]));
    assert_eq!(status(&account, "open-load-balancer", "loadbalancer/lb-1"), Unknown);
}

#[test]
fn groups_of_alb_and_nlb_accept_what_no_rule_matches() {
    let all = || Ports::Range(0, 65535);
    let drop = |net| rule(false, 1, Protocol::All, all(), from(net));
    for kind in [BalancerKind::Alb, BalancerKind::Nlb] {
        for (rules, wanted, why) in [
            (vec![], Fail, "no rules"),
            (
                vec![rule(true, 1, Protocol::Tcp, all(), from("47.1.2.0/24"))],
                Fail,
                "without a drop everything passes",
            ),
            (vec![drop("0.0.0.0/0"), drop("::/0")], Pass, "everybody is dropped"),
            (vec![drop("0.0.0.0/0")], Fail, "IPv6 is not"),
        ] {
            let mut account = with(
                empty(),
                LoadBalancer {
                    security_groups: vec!["sg-1".into()],
                    ..balancer(kind, vec![listener("tcp", 80, None)])
                },
            );
            account.resources.security_groups.rows.push(group("sg-1", rules));
            assert_eq!(
                status(&account, "open-load-balancer", "loadbalancer/lb-1"),
                wanted,
                "{kind:?}: {why}"
            );
        }
    }
}

#[test]
fn listeners_that_were_not_read_are_unknown() {
    let mut one = clb(vec![]);
    one.listeners = Listed::unread(denied("slb:DescribeLoadBalancerListeners"));
    let account = with(empty(), one.clone());
    assert_eq!(status(&account, "open-load-balancer", "/lb-1"), Unknown);
    // Of an internal one they are no matter.
    let account = with(empty(), LoadBalancer { internet: false, ..one });
    assert_eq!(status(&account, "open-load-balancer", "/lb-1"), Pass);
}

#[test]
fn a_product_that_was_denied_is_unknown_and_the_others_are_not() {
    let mut account = with(empty(), clb(vec![]));
    account.resources.load_balancers.unread.push(denied("alb:ListLoadBalancers"));
    let found = findings(&account, "open-load-balancer");
    let told: Vec<_> = found.iter().map(|one| (one.resource.as_str(), one.status)).collect();
    assert_eq!(
        told,
        [
            ("acs:alb:cn-hangzhou:1:loadbalancer*", Unknown),
            ("acs:nlb:*:1:loadbalancer*", Pass),
            ("acs:slb:cn-hangzhou:1:loadbalancer/lb-1", Pass),
        ]
    );
}

/// `i-1` with a rule for 8080 from somewhere, behind a balancer of some kind; its own address is private.
fn behind(kind: BalancerKind, speaks: &str, source: &str) -> Snapshot {
    let account = server(vec![group("sg-1", vec![tcp(8080, source)])]);
    with(account, balancer(kind, vec![listener(speaks, 443, Some(("i-1", Some(8080))))]))
}

#[test]
fn an_instance_is_reached_through_a_listener_when_its_groups_let_that_in() {
    use BalancerKind::{Alb, Clb, Nlb};
    for (kind, speaks, source, wanted, why) in [
        (Clb, "tcp", "0.0.0.0/0", Fail, "the client's address is kept"),
        (Clb, "tcp", "100.64.0.0/10", Fail, "or it is the balancer's own"),
        (Clb, "tcp", "47.1.2.0/24", Pass, "an office"),
        (Clb, "tcp", "192.168.0.0/16", Pass, "neither"),
        (Clb, "http", "100.64.0.0/10", Fail, "HTTP comes from the balancer"),
        (Clb, "http", "47.0.0.0/8", Pass, "no client is seen"),
        (Clb, "http", "100.64.0.0/16", Fail, "some of its addresses"),
        (Alb, "http", "10.0.0.0/8", Fail, "some of those it may have"),
        (Alb, "http", "0.0.0.0/0", Fail, "all of them"),
        (Alb, "http", "100.64.0.0/10", Pass, "none of them"),
        (Nlb, "tcp", "0.0.0.0/0", Fail, "the client's address is kept"),
        (Nlb, "tcp", "47.1.2.0/24", Pass, "an office"),
    ] {
        let account = behind(kind, speaks, source);
        assert_eq!(status(&account, "exposed-instance", "/i-1"), wanted, "{kind:?} {speaks} {source}: {why}");
    }
    let account = behind(BalancerKind::Clb, "tcp", "0.0.0.0/0");
    let way = "tcp:443 of lb-1 -> eni-1 10.0.0.5 -> sg-1 -> i-1";
    assert_eq!(ways(&account, "exposed-instance", "/i-1"), [way]);
    assert_eq!(ways(&account, "open-port", "/sg-1"), [way], "on the server's port");
    assert_eq!(failure(&account, "open-port", "/sg-1"), Some(Severity::Critical));
}

#[test]
fn a_rule_for_the_balancers_own_group_lets_its_clients_in() {
    let members =
        rule(true, 1, Protocol::Tcp, Ports::Range(8080, 8080), Source::Group(Box::new("sg-lb".into())));
    let account = server(vec![group("sg-1", vec![members]), group("sg-other", vec![])]);
    let one = balancer(BalancerKind::Alb, vec![listener("http", 80, Some(("i-1", Some(8080))))]);
    let mut account = with(account, LoadBalancer { security_groups: vec!["sg-lb".into()], ..one });
    account.resources.security_groups.rows.push(group("sg-lb", vec![]));
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Fail);
    account.resources.load_balancers.rows[0].security_groups = vec!["sg-other".into()];
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass);
}

#[test]
fn the_listener_narrows_what_the_server_lets_in() {
    let mut account = behind(BalancerKind::Clb, "tcp", "0.0.0.0/0");
    let office = Read::Read(vec!["47.1.2.0/24".parse().unwrap()]);
    access_list(&mut account, "acl-1", office);
    account.resources.load_balancers.rows[0].listeners.rows[0].access =
        Read::Read(Access::White(vec!["acl-1".into()]));
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass);
    // Half of the internet by the list, the other half (without the balancer's own addresses) by the rule: nobody.
    let mut account = behind(BalancerKind::Clb, "tcp", "128.0.0.0/1");
    access_list(&mut account, "acl-1", Read::Read(vec!["0.0.0.0/1".parse().unwrap()]));
    account.resources.load_balancers.rows[0].listeners.rows[0].access =
        Read::Read(Access::White(vec!["acl-1".into()]));
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass);
    assert_eq!(status(&account, "open-load-balancer", "/lb-1"), Fail);
}

#[test]
fn servers_are_named_by_instance_interface_or_address() {
    for (server, port, wanted) in [
        ("i-1", Some(8080), Fail),
        ("eni-1", Some(8080), Fail),
        ("10.0.0.5", Some(8080), Fail),
        ("10.0.0.6", Some(8080), Pass),
        ("i-2", Some(8080), Pass),
        ("i-1", Some(9999), Pass),
        // The listener's own port, which the group does not open.
        ("i-1", None, Pass),
    ] {
        let mut account = behind(BalancerKind::Clb, "tcp", "0.0.0.0/0");
        let backend = Backend { server: server.into(), ip: None, port };
        account.resources.load_balancers.rows[0].listeners.rows[0].backends = Read::Read(vec![backend]);
        assert_eq!(status(&account, "exposed-instance", "/i-1"), wanted, "{server} {port:?}");
    }
}

#[test]
fn backends_that_were_not_read_may_be_any_instance_of_the_network() {
    let mut account = behind(BalancerKind::Clb, "tcp", "0.0.0.0/0");
    account.resources.load_balancers.rows[0].listeners.rows[0].backends =
        Read::Unread(denied("slb:DescribeVServerGroupAttribute"));
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Unknown);
    assert_eq!(status(&account, "open-load-balancer", "/lb-1"), Fail, "the listener is open all the same");
    let other = &mut account.resources.load_balancers.rows[0];
    (other.kind, other.vpc) = (BalancerKind::Nlb, Some("vpc-2".into()));
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass, "those of another network");
}
