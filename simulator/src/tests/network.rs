//! ECS, VPC, CLB, ALB and NLB over HTTP.

mod balancers;
mod compute;
mod faults;
mod gateways;

use super::client::{Reply, call, start};
use crate::{Keys, Settings, Simulator};
use serde_json::Value;

/// A cloud, and a key that may read everything.
struct Site {
    cloud: Simulator,
    keys: Keys,
}

impl Site {
    fn builtin() -> Self {
        Self::of(start())
    }

    fn of(cloud: Simulator) -> Self {
        let keys = cloud.credentials("monitor-bot").expect("a user of the built-in account");
        Self { cloud, keys }
    }

    /// A cloud whose built-in account has another network.
    fn with(change: impl FnOnce(&mut crate::account::Network)) -> Self {
        let mut account = crate::Account::builtin();
        change(std::sync::Arc::make_mut(&mut account.network));
        Self::of(Simulator::start(account, Settings::default()).unwrap())
    }

    /// A call at the region's own host, with RegionId where the product has it.
    fn ask(&self, product: &str, region: &str, action: &str, params: &[(&str, &str)]) -> Reply {
        let version = match product {
            "ecs" => "2014-05-26",
            "vpc" => "2016-04-28",
            "slb" => "2014-05-15",
            "alb" => "2020-06-16",
            _ => "2022-04-30",
        };
        let api = format!("{product}.{region}.aliyuncs.com/{version}/{action}");
        let mut all = params.to_vec();
        if product != "alb" {
            all.push(("RegionId", region));
        }
        call(&self.cloud, &self.keys, &api, &all)
    }

    fn json(&self, product: &str, region: &str, action: &str, params: &[(&str, &str)]) -> Value {
        let reply = self.ask(product, region, action, params);
        assert_eq!(reply.status, 200, "{action}: {}", reply.body);
        reply.json()
    }

    fn code(&self, product: &str, region: &str, action: &str, params: &[(&str, &str)]) -> (u16, String) {
        let reply = self.ask(product, region, action, params);
        (reply.status, reply.code())
    }

    /// Every row of a list that is read by NextToken, and how many pages it took.
    fn by_token(
        &self,
        (product, region, action): (&str, &str, &str),
        params: &[(&str, &str)],
        path: &str,
    ) -> (Vec<Value>, usize) {
        let (mut rows, mut token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let mut all = params.to_vec();
            all.push(("NextToken", &token));
            let page = self.json(product, region, action, &all);
            pages += 1;
            rows.extend(page.pointer(path).and_then(Value::as_array).expect(path).iter().cloned());
            match page["NextToken"].as_str() {
                Some(next) if !next.is_empty() => token = next.into(),
                _ => return (rows, pages),
            }
        }
    }

    /// Every row of a list that is read by PageNumber until TotalCount.
    fn by_number(
        &self,
        (product, region, action): (&str, &str, &str),
        params: &[(&str, &str)],
        path: &str,
    ) -> (Vec<Value>, usize) {
        let (mut rows, mut pages) = (Vec::new(), 0);
        loop {
            pages += 1;
            let number = pages.to_string();
            let mut all = params.to_vec();
            all.push(("PageNumber", &number));
            let page = self.json(product, region, action, &all);
            rows.extend(page.pointer(path).and_then(Value::as_array).expect(path).iter().cloned());
            let total = match &page["TotalCount"] {
                Value::String(text) => text.parse().unwrap(),
                number => number.as_u64().unwrap(),
            };
            if rows.len() as u64 >= total {
                return (rows, pages);
            }
        }
    }
}

fn names<'a>(rows: &'a [Value], member: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[member].as_str().unwrap()).collect()
}

#[test]
fn regions_are_those_of_the_account_and_hosts_answer_for_their_own() {
    let site = Site::builtin();
    for product in ["ecs", "vpc", "slb"] {
        let regions = site.json(product, "cn-hangzhou", "DescribeRegions", &[]);
        let regions = regions["Regions"]["Region"].as_array().unwrap();
        assert_eq!(regions.len(), 29, "{product}");
        assert!(names(regions, "RegionId").contains(&"me-central-1"));
    }
    let nowhere = ("InvalidRegionId.NotFound".to_string(), 404);
    for (product, action) in [("ecs", "DescribeInstances"), ("vpc", "DescribeVpcs"), ("alb", "ListAcls")] {
        let (status, code) = site.code(product, "cn-atlantis", action, &[]);
        assert_eq!((code, status), nowhere, "{product}");
    }
    let ask =
        |host: &str, params: &[(&str, &str)]| call(&site.cloud, &site.keys, host, params).code().clone();
    let list = "2014-05-26/DescribeInstances";
    assert_eq!(ask(&format!("ecs.cn-hangzhou.aliyuncs.com/{list}"), &[]), "MissingRegionId");
    let other = [("RegionId", "cn-shanghai")];
    assert_eq!(ask(&format!("ecs.cn-hangzhou.aliyuncs.com/{list}"), &other), "InvalidRegionId.NotFound");
    for central in ["ecs", "ecs-cn-hangzhou"] {
        assert_eq!(ask(&format!("{central}.aliyuncs.com/{list}"), &other), "");
    }
    assert_eq!(ask("vpc.aliyuncs.com/2016-04-28/DescribeVpcs", &other), "");
    assert_eq!(ask("slb.aliyuncs.com/2014-05-15/DescribeLoadBalancers", &other), "");
    assert_eq!(ask("nlb.aliyuncs.com/2022-04-30/ListLoadBalancers", &other), "InvalidProduct.NotFound");
}

#[test]
fn documented_rates_bind_by_api_and_region() {
    let site = Site::builtin();
    // The minute may end between the calls: then one of the two rounds is within a minute.
    let refused = |region: &str| {
        (0..61)
            .filter(|_| site.code("vpc", region, "DescribeNetworkAcls", &[]).1 == "Throttling.User")
            .count()
    };
    assert!(refused("cn-hangzhou") >= 1);
    assert_eq!(site.code("vpc", "cn-shanghai", "DescribeNetworkAcls", &[]).0, 200);
    assert_eq!(site.code("vpc", "cn-hangzhou", "DescribeVpcs", &[]).0, 200);
    site.cloud.settings(|settings| settings.rate_limits = false);
    assert_eq!(refused("cn-hangzhou"), 0);
}

#[test]
fn what_is_not_played_is_refused_and_no_fault_of_the_client() {
    let site = Site::builtin();
    let played = site.code("ecs", "cn-hangzhou", "DescribeInstances", &[("Tag.1.Key", "a")]);
    assert_eq!(played, (400, "NotSimulated.Tag".into()));
    assert!(site.cloud.calls().iter().all(|call| call.unknown.is_empty()));
    let unknown = site.code("ecs", "cn-hangzhou", "DescribeInstances", &[("Tags.1.Key", "a")]);
    assert_eq!(unknown, (400, "InvalidParameter.Tags.1.Key".into()));
}

#[test]
fn permissions_are_those_of_the_documents() {
    let site = Site::builtin();
    let bot = site.cloud.credentials("backup-bot").unwrap();
    let api = "ecs.cn-hangzhou.aliyuncs.com/2014-05-26/DescribeSecurityGroups";
    assert_eq!(call(&site.cloud, &bot, api, &[("RegionId", "cn-hangzhou")]).code(), "Forbidden.RAM");
}
