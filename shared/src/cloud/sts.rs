//! Security Token Service, 2015-04-01.

use serde::{Deserialize, Serialize};

use crate::openapi::{Action, Api, Host, Rate};

const HOST: Host = Host::Central("sts.aliyuncs.com");

/// Who is asking. No permission is documented for it; a policy that names it all the same can deny nobody.
#[derive(Debug, Clone, Serialize)]
pub struct GetCallerIdentity {}

impl Action for GetCallerIdentity {
    const API: Api = Api::rpc("sts", "2015-04-01", "GetCallerIdentity", HOST)
        .limit(Rate::per_second(100))
        .needs("sts:GetCallerIdentity");
    type Response = CallerIdentity;
}

/// The identity behind a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallerIdentity {
    /// The account.
    pub account_id: String,
    /// The identity's ARN.
    pub arn: String,
    /// `Account` (root), `RAMUser` or `AssumedRoleUser`.
    pub identity_type: String,
}
