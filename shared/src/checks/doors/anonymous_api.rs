use serde_json::json;

use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # An API answers anybody
    ///
    /// ## Why it matters
    ///
    /// It is deployed, its group has an internet address, and it asks for no authentication (AuthType `ANONYMOUS`): what stands behind the gateway
    /// is open to anybody who finds the address.
    ///
    /// ## How to fix it
    ///
    /// Set the API's security authentication to an app (AppKey) or JWT, or take it out of stages that the internet reaches.
    ANONYMOUS_API {
        id: "anonymous-api",
        severity: Severity::High,
        guide: &[6],
        cis: &[],
        title: ["API that answers anybody", "API 可被匿名调用"],
        fix: ["Require authentication (app or JWT), or take the API offline", "开启认证（应用或 JWT），或下线该 API"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (l, apis) = (findings.language(), &account.resources.apis);
        findings.listed(apis, "apigateway", "api/");
        for api in &apis.rows {
            let arn = account.arn("apigateway", &api.region, &format!("api/{}", api.id));
            match (&api.anonymous, &api.reachable) {
                (Read::Read(false), _) => findings.pass(arn, tr!(l, "authenticates", "需认证")),
                (_, Read::Read(false)) => {
                    findings.pass(arn, tr!(l, "not deployed to the internet", "未发布到公网"));
                }
                (Read::Read(true), Read::Read(true)) => {
                    let name = &api.name;
                    findings.fail(
                        arn,
                        tr!(l, "Anybody can call {name}.", "任何人都可以调用 {name}。"),
                        json!({ "api": name, "group": api.group }),
                    );
                }
                (Read::Unread(why), _) | (_, Read::Unread(why)) => findings.unknown(arn, why),
            }
        }
    }
}
