use super::*;

fn read(json: &str) -> RuleRow {
    serde_json::from_str(json).unwrap()
}

/// A rule that accepts TCP 22 from everywhere, with these fields changed.
fn with(changes: &str) -> Result<Option<Rule>, String> {
    let mut fields: serde_json::Value = serde_json::from_str(
        r#"{"Policy": "Accept", "Priority": "1", "IpProtocol": "TCP", "PortRange": "22/22", "NicType": "intranet",
            "Direction": "ingress", "SourceCidrIp": "0.0.0.0/0", "Ipv6SourceCidrIp": "", "SourceGroupId": "",
            "SourcePrefixListId": "", "DestCidrIp": "", "PortRangeListId": "", "Description": "ssh",
            "SecurityGroupRuleId": "sgr-1", "CreateTime": "2026-01-01T00:00:00Z"}"#,
    )
    .unwrap();
    for (name, value) in serde_json::from_str::<serde_json::Map<_, _>>(changes).unwrap() {
        fields[name] = value;
    }
    read(&fields.to_string()).rule
}

fn rule(changes: &str) -> Rule {
    with(changes).unwrap().unwrap()
}

#[test]
fn a_plain_rule() {
    let read = rule("{}");
    assert!(read.accept && !read.internet_nic);
    assert_eq!((read.priority, read.protocol), (1, Protocol::Tcp));
    assert_eq!((read.ports, read.destination), (Ports::Range(22, 22), None));
    assert_eq!(read.source, Source::V4("0.0.0.0/0".parse().unwrap()));
}

#[test]
fn casing_and_numbers_do_not_matter() {
    let read = rule(r#"{"Policy": "drop", "Priority": 100, "IpProtocol": "udp", "NicType": "internet"}"#);
    assert!(!read.accept && read.internet_nic);
    assert_eq!((read.priority, read.protocol), (100, Protocol::Udp));
    assert!(rule(r#"{"Policy": "ACCEPT"}"#).accept);
}

#[test]
fn ports() {
    let ports = |changes: &str| rule(changes).ports;
    assert_eq!(ports(r#"{"PortRange": "-1/-1", "IpProtocol": "ALL"}"#), Ports::Range(0, 65535));
    assert_eq!(ports(r#"{"PortRange": "", "IpProtocol": "ALL"}"#), Ports::Range(0, 65535));
    assert_eq!(ports(r#"{"PortRange": "1/65535"}"#), Ports::Range(1, 65535));
    assert_eq!(ports(r#"{"PortRange": "8080"}"#), Ports::Range(8080, 8080));
    assert_eq!(ports(r#"{"PortRange": "-1/-1", "IpProtocol": "ICMP"}"#), Ports::Range(0, 65535));
    let list = Ports::List(Box::new("prl-1".to_owned()));
    assert_eq!(ports(r#"{"PortRange": "", "PortRangeListId": "prl-1"}"#), list);
    assert_eq!(ports(r#"{"PortRange": null, "PortRangeListId": "prl-1"}"#), list);
    assert_eq!(ports(r#"{"PortRangeListId": "prl-1"}"#), Ports::Range(22, 22));
}

#[test]
fn sources() {
    let source = |changes: &str| rule(changes).source;
    assert_eq!(source(r#"{"SourceCidrIp": "1.2.3.4"}"#), Source::V4("1.2.3.4/32".parse().unwrap()));
    assert_eq!(source(r#"{"SourceCidrIp": "10.1.2.3/8"}"#), Source::V4("10.0.0.0/8".parse().unwrap()));
    let everywhere = Source::V6(Box::new("::/0".parse().unwrap()));
    assert_eq!(source(r#"{"SourceCidrIp": "", "Ipv6SourceCidrIp": "::/0"}"#), everywhere);
    assert_eq!(source(r#"{"SourceCidrIp": "::/0"}"#), everywhere);
    let list = Source::PrefixList(Box::new("pl-1".to_owned()));
    assert_eq!(source(r#"{"SourceCidrIp": "", "SourcePrefixListId": "pl-1"}"#), list);
    let group = Source::Group(Box::new("sg-2".to_owned()));
    assert_eq!(source(r#"{"SourceCidrIp": null, "SourceGroupId": "sg-2"}"#), group);
}

#[test]
fn destinations() {
    let destination = |changes: &str| rule(changes).destination.map(|net| net.to_string());
    assert_eq!(destination(r#"{"DestCidrIp": "10.0.0.5"}"#).as_deref(), Some("10.0.0.5/32"));
    assert_eq!(destination(r#"{"Ipv6DestCidrIp": "2001:db8::/64"}"#).as_deref(), Some("2001:db8::/64"));
    assert_eq!(destination(r#"{"DestCidrIp": "0.0.0.0/0"}"#), None, "that is everything");
}

#[test]
fn what_decides_nothing_about_who_comes_in_is_left_out() {
    assert_eq!(with(r#"{"Direction": "egress"}"#), Ok(None));
    assert_eq!(with(r#"{"Policy": "Drop", "SourcePortRange": "1/1024"}"#), Ok(None));
    assert!(with(r#"{"Policy": "Drop", "SourcePortRange": "-1/-1"}"#).unwrap().is_some());
    assert!(with(r#"{"Policy": "Accept", "SourcePortRange": "1/1024"}"#).unwrap().is_some());
}

#[test]
fn what_makes_no_sense_is_quoted() {
    for wrong in [
        r#"{"Policy": ""}"#,
        r#"{"Policy": "reject"}"#,
        r#"{"Priority": ""}"#,
        r#"{"Priority": "0"}"#,
        r#"{"Priority": 101}"#,
        r#"{"Priority": 300}"#,
        r#"{"IpProtocol": ""}"#,
        r#"{"IpProtocol": "quic"}"#,
        r#"{"PortRange": ""}"#,
        r#"{"PortRange": "30/20"}"#,
        r#"{"SourceCidrIp": ""}"#,
        r#"{"SourceCidrIp": "0.0.0.0/33"}"#,
        r#"{"Ipv6SourceCidrIp": "::/0"}"#,
        r#"{"DestCidrIp": "here"}"#,
    ] {
        let why = with(wrong).unwrap_err();
        assert!(why.contains("sgr-1") && why.contains("priority") || wrong.contains("Priority"), "{why}");
    }
    let why = with(r#"{"PortRange": "30/20"}"#).unwrap_err();
    assert_eq!(
        why,
        "sgr-1, Accept, priority 1, TCP, ports 30/20, from 0.0.0.0/0: \"30/20\" is not a range of ports"
    );
}

#[test]
fn a_rule_stays_small() {
    assert!(size_of::<Rule>() <= 48, "{}", size_of::<Rule>());
}
