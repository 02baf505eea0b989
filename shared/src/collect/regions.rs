//! The regions that the account has, those included that are not shown to every key.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};
use futures_util::stream::TryStreamExt;

use super::{unread, unread_in};
use crate::cloud::ecs::{DescribeRegions, DescribeSecurityGroups};
use crate::openapi::{Action, Api, Error, Kind, Paged, Session};
use crate::snapshot::{Listed, Unread};

/// What [`regions`] calls: for the generated permissions.
pub(super) const REGIONS_NEED: &[Api] =
    &[<DescribeRegions as Action>::API, <DescribeSecurityGroups as Action>::API];

/// Regions of every account: the endpoint list of ECS (API metadata, November 2026) without [`HIDDEN`], and without two that are closed,
/// ap-south-1 and ap-southeast-2.
const SHOWN: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "cn-beijing",
    "cn-chengdu",
    "cn-fuzhou",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-heyuan",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-nanjing",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shenzhen",
    "cn-wuhan-lr",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "me-east-1",
    "na-south-1",
    "us-east-1",
    "us-west-1",
];

/// Regions of that list that are for some only, and that DescribeRegions shows to few keys: finance, government, partners.
const HIDDEN: &[&str] = &[
    "cn-beijing-finance-1",
    "cn-hangzhou-finance",
    "cn-heyuan-acdr-1",
    "cn-north-2-gov-1",
    "cn-shanghai-finance-1",
    "cn-shenzhen-finance-1",
    "cn-zhengzhou-jva",
    "cn-zhongwei",
    "us-southeast-1",
];

/// Where a failure to list the regions leaves something open: in those that are not on our list. The others are looked at all the same, and
/// what is known of them stays known.
const OTHERS: &str = "other regions";

/// The regions to look at. Hidden ones are asked for by one cheap call each, at the same time. If the regions cannot be listed, all that are
/// known are looked at.
pub(super) async fn regions(session: &Session) -> Listed<String> {
    let asked = join_all(HIDDEN.iter().map(|region| async move { (*region, probe(session, region).await) }));
    let (shown, asked) = join(session.call(&DescribeRegions {}), asked).await;
    let mut unread = Vec::new();
    let mut found: BTreeSet<String> = match shown {
        Ok(page) => page.value.all().into_iter().map(|region| region.region_id).collect(),
        Err(error) => {
            unread.push(Unread { region: OTHERS.to_owned(), ..self::unread(&error) });
            SHOWN.iter().map(|&region| region.to_owned()).collect()
        }
    };
    for (region, answer) in asked {
        match answer {
            Ok(true) => {
                found.insert(region.to_owned());
            }
            Ok(false) => {}
            Err(_) if found.contains(region) => {}
            Err(why) => unread.push(why),
        }
    }
    Listed { rows: found.into_iter().collect(), unread }
}

/// Whether the account has such a region. What its groups are is asked for anyway, so this needs no permission of its own.
async fn probe(session: &Session, region: &str) -> Result<bool, Unread> {
    let session = session.in_region(region);
    let first = DescribeSecurityGroups { max_results: 10, ..DescribeSecurityGroups::new(region) };
    match session.call(&first).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == Kind::Connect || is_about_the_region(&error) => Ok(false),
        Err(error) => Err(unread_in(&session, &error)),
    }
}

/// Whether the service says that there is no such region, or not on this host (`InvalidRegionId.NotFound`,
/// `InvalidOperation.NotSupportedEndpoint`). What an account is told that may not use a region is not documented: whatever names the region
/// is taken for this.
pub(super) fn is_about_the_region(error: &Error) -> bool {
    matches!(error.kind(), Kind::NotFound | Kind::Refused | Kind::Denied)
        && (error.code().contains("Region") || error.code().contains("NotSupportedEndpoint"))
}

/// A product that is not in all regions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    /// The regions of the list of ECS in which it has no host (endpoint lists in the API metadata, November 2026).
    absent: &'static [&'static str],
}

/// Virtual Private Cloud.
pub(super) const VPC: Offer = Offer { absent: &["cn-zhongwei", "us-southeast-1"] };
/// Classic Load Balancer.
pub(super) const CLB: Offer = Offer { absent: &["cn-zhongwei", "us-southeast-1"] };
/// Application Load Balancer.
pub(super) const ALB: Offer = Offer { absent: &["cn-huhehaote", "cn-north-2-gov-1", "cn-zhongwei"] };
/// Network Load Balancer.
pub(super) const NLB: Offer = Offer {
    absent: &["cn-hangzhou-finance", "cn-huhehaote", "cn-north-2-gov-1", "cn-zhongwei", "us-southeast-1"],
};

impl Offer {
    /// Whether it is known to be offered there. Of a region that we do not know, it is not.
    fn is_in(self, region: &str) -> bool {
        (SHOWN.contains(&region) || HIDDEN.contains(&region)) && !self.absent.contains(&region)
    }

    /// Whether a failure means that the product is not there: its host cannot be reached, or says that it does not serve the region, and
    /// it is not known to be offered.
    pub(super) fn lacks(self, region: &str, error: &Error) -> bool {
        !self.is_in(region) && (error.kind() == Kind::Connect || is_about_the_region(error))
    }

    /// All rows of a listing of the product in the session's region; none where it is not offered. Pages that were read before one could
    /// not be are kept.
    pub(super) async fn listed<P: Paged>(self, session: &Session, first: P) -> Listed<P::Item> {
        let mut list = Listed::default();
        let mut pages = std::pin::pin!(session.pages(first));
        loop {
            match pages.try_next().await {
                Ok(Some(page)) => list.rows.extend(page),
                Ok(None) => return list,
                Err(error) if list.rows.is_empty() && self.lacks(session.region(), &error) => return list,
                Err(error) => {
                    list.unread.push(unread_in(session, &error));
                    return list;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::SendError;
    use crate::openapi::scripted::{Outcome, Scripted};

    fn shown(regions: &[&str]) -> Outcome {
        let rows: Vec<_> = regions.iter().map(|region| serde_json::json!({"RegionId": region})).collect();
        Ok((200, serde_json::json!({"Regions": {"Region": rows}}).to_string()))
    }

    fn refused(status: u16, code: &str) -> Outcome {
        Ok((status, serde_json::json!({"Code": code, "Message": "no"}).to_string()))
    }

    fn groups() -> Outcome {
        Ok((200, r#"{"SecurityGroups": {"SecurityGroup": []}}"#.to_owned()))
    }

    async fn read(answer: impl Fn(&str) -> Outcome + Send + Sync + 'static) -> (Listed<String>, usize) {
        let (session, cloud) = Scripted::session(move |call| match call.action.as_str() {
            "DescribeRegions" => answer(""),
            _ => answer(call.get("RegionId")),
        });
        (regions(&session).await, cloud.calls().len())
    }

    #[tokio::test]
    async fn hidden_regions_are_found_where_they_answer() {
        let (listed, calls) = read(|region| match region {
            "" => shown(&["cn-hangzhou", "eu-west-1"]),
            "cn-hangzhou-finance" => groups(),
            "cn-zhongwei" => Err(SendError::Connect("no such host".to_owned())),
            "cn-shanghai-finance-1" => refused(400, "InvalidOperation.NotSupportedEndpoint"),
            _ => refused(404, "InvalidRegionId.NotFound"),
        })
        .await;
        assert_eq!(
            listed,
            Listed::whole(vec!["cn-hangzhou".into(), "cn-hangzhou-finance".into(), "eu-west-1".into()])
        );
        assert_eq!(calls, 1 + HIDDEN.len());
    }

    #[tokio::test]
    async fn a_hidden_region_that_does_not_let_itself_be_asked_is_unread() {
        let (listed, _) = read(|region| match region {
            "" => shown(&["cn-hangzhou", "cn-zhongwei"]),
            "cn-heyuan-acdr-1" | "cn-zhongwei" => refused(403, "Forbidden.RAM"),
            "us-southeast-1" => Err(SendError::Timeout),
            _ => refused(404, "InvalidRegionId.NotFound"),
        })
        .await;
        assert_eq!(listed.rows, ["cn-hangzhou", "cn-zhongwei"]);
        let unread: Vec<_> = listed.unread.iter().map(|why| (&*why.region, &*why.code)).collect();
        assert_eq!(unread, [("cn-heyuan-acdr-1", "Forbidden.RAM"), ("us-southeast-1", "Timeout")]);
    }

    #[tokio::test]
    async fn all_known_regions_are_looked_at_when_they_cannot_be_listed() {
        let (listed, _) = read(|region| match region {
            "" => refused(403, "Forbidden.RAM"),
            _ => refused(404, "InvalidRegionId.NotFound"),
        })
        .await;
        assert_eq!(listed.rows, SHOWN);
        assert!(!listed.is_whole() && listed.is_whole_in("cn-hangzhou"), "{listed:?}");
        assert_eq!(listed.unread[0].action, "ecs:DescribeRegions");
    }

    #[test]
    fn a_product_lacks_only_where_it_is_not_known_to_be() {
        let error = |kind, code: &str| Error::new(kind, "alb:ListLoadBalancers", code, "");
        let connect = error(Kind::Connect, "Connect");
        assert!(ALB.lacks("cn-zhongwei", &connect) && ALB.lacks("xx-new-1", &connect));
        assert!(!ALB.lacks("cn-hangzhou", &connect));
        assert!(!ALB.lacks("cn-zhongwei", &error(Kind::Timeout, "Timeout")));
        assert!(!ALB.lacks("cn-zhongwei", &error(Kind::Denied, "NoPermission")));
        assert!(ALB.lacks("cn-zhongwei", &error(Kind::NotFound, "InvalidRegionId.NotFound")));
        assert!(VPC.is_in("cn-hangzhou-finance") && !NLB.is_in("cn-hangzhou-finance"));
    }
}
