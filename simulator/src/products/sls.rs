//! Simple Log Service, 2020-12-30: projects and logstores, over its own gateway with its own signatures. The
//! project stands in the host. Shapes are those of the public API metadata; answers carry no request id.

use crate::account::LogProject;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{Answer, Api, Asked, Exchange, Product, Reply, path_params};
use crate::request::Request;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "sls",
    service: "Sls",
    version: "",
    serves: |host| parse_host(host).map(|(_, region)| Some(region)),
    identify,
    translate,
    refuse,
    request_id_header: "x-log-requestid",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("ListProject", projects)
            .optional(&["projectName", "offset", "size"])
            .needs("log:ListProject", |cloud, asked| arn(cloud, asked, "*", "")),
        Api::read("GetProject", project_told)
            .required(&["project"])
            .needs("log:GetProject", |cloud, asked| arn(cloud, asked, asked.required("project"), "")),
        Api::read("GetProjectPolicy", policy)
            .route("GET", "/policy")
            .required(&["project"])
            .needs("log:GetProjectPolicy", |cloud, asked| arn(cloud, asked, asked.required("project"), "")),
        Api::read("ListLogStores", logstores)
            .route("GET", "/logstores")
            .required(&["project"])
            .optional(&["logstoreName", "offset", "size", "mode", "telemetryType"])
            .needs("log:ListLogStores", |cloud, asked| {
                arn(cloud, asked, asked.required("project"), "/logstore/*")
            }),
        Api::read("GetLogStore", logstore)
            .route("GET", "/logstores/{logstore}")
            .required(&["project", "logstore"])
            .needs("log:GetLogStore", |cloud, asked| {
                let below = format!("/logstore/{}", asked.required("logstore"));
                arn(cloud, asked, asked.required("project"), &below)
            }),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, project: &str, below: &str) -> String {
    let region = asked.request.region.as_deref().unwrap_or("*");
    format!("acs:log:{region}:{}:project/{project}{below}", cloud.account.account_id)
}

/// Project and region of `[<project>.]<region>[-intranet|-share].log.aliyuncs.com`.
fn parse_host(host: &str) -> Option<(Option<&str>, String)> {
    let name = host.strip_suffix(".log.aliyuncs.com")?;
    let (project, region) = match name.rsplit_once('.') {
        Some((project, region)) => (Some(project), region),
        None => (None, name),
    };
    let region = region.strip_suffix("-intranet").or(region.strip_suffix("-share")).unwrap_or(region);
    (!region.is_empty()).then(|| (project, region.into()))
}

fn identify(product: &'static Product, request: &mut Request) -> Result<String, ApiError> {
    let project = parse_host(&request.host).and_then(|(project, _)| project.map(String::from));
    request.params.extend(request.query.iter().cloned());
    let in_project = project.is_some();
    request.params.extend(project.map(|project| ("project".into(), project)));
    match request.header("x-log-apiversion") {
        Some("0.6.0") => {}
        Some(other) => {
            return Err(ApiError::gateway(400, "InvalidAPIVersion", format!("version {other} is not supported.")));
        }
        None => {
            return Err(ApiError::gateway(400, "MissingAPIVersion", "x-log-apiversion does not exist in header."));
        }
    }
    if request.path.len() <= 1 {
        return Ok(if in_project { "GetProject" } else { "ListProject" }.into());
    }
    let found = product.apis.iter().find_map(|api| {
        let (method, pattern) = api.routed()?;
        let found = path_params(pattern, &request.path).filter(|_| method == request.method)?;
        Some((api.name, found))
    });
    match found {
        Some((name, found)) => {
            request.params.extend(found);
            Ok(name.into())
        }
        None => Err(ApiError::gateway(404, "InvalidAction.NotFound", "The requested URL is unknown.")),
    }
}

/// Simple Log Service has names of its own for what the gateway of the other products says (SLS, "Common
/// error codes").
fn translate(error: ApiError) -> ApiError {
    let (status, code) = match error.code.as_str() {
        "SignatureDoesNotMatch" | "IncompleteSignature" => (401, "SignatureNotMatch"),
        "MissingAccessKeyId" => (401, "MissingAuthorization"),
        "NoPermission" | "Forbidden.AccessKeyNetworkPolicy" => (401, "Unauthorized"),
        "InvalidTimeStamp.Expired" => (400, "RequestTimeExpired"),
        "Throttling.User" => (403, "ReadQuotaExceed"),
        "InternalError" => (500, "InternalServerError"),
        "ServiceUnavailable" => (503, "ServerBusy"),
        code if code.starts_with("InvalidAccessKeyId") || code.contains("SecurityToken") => {
            (401, "Unauthorized")
        }
        code if code.starts_with("InvalidParameter") || code.starts_with("Missing") && !code.contains("API") => {
            (400, "ParameterInvalid")
        }
        _ => return error,
    };
    ApiError { status, code: code.into(), ..error }
}

fn refuse(error: &ApiError, exchange: &Exchange) -> Reply {
    let body = json!({"errorCode": error.code, "errorMessage": error.message});
    let mut reply = Reply::new(error.status, "application/json", body.to_string());
    reply.headers.push(("x-log-requestid", exchange.request_id.into()));
    reply
}

/// The rows from `offset`, at most `size` of them (up to 500), with how many there are.
fn page(asked: &Asked, rows: &[Value], default: usize) -> Result<(Vec<Value>, usize), ApiError> {
    let from = paging::size("offset", asked.param("offset"), 0, 0..=usize::MAX)?;
    let size = paging::size("size", asked.param("size"), default, 1..=500)?;
    Ok((rows.iter().skip(from).take(size).cloned().collect(), rows.len()))
}

fn told(cloud: &Cloud, one: &LogProject) -> Value {
    json!({
        "projectName": one.name,
        "region": one.region,
        "description": one.description,
        "status": "Normal",
        "owner": cloud.account.account_id,
        "createTime": "2024-01-01 00:00:00",
        "lastModifyTime": "2024-01-01 00:00:00",
    })
}

/// The projects of the host's region: 100 a page unless told.
fn projects(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = asked.request.region.as_deref().unwrap_or_default();
    let wanted = asked.param("projectName").unwrap_or_default();
    let all = cloud.account.doors.log_projects.iter();
    let rows: Vec<Value> = all
        .filter(|one| one.region == region && one.name.contains(wanted))
        .map(|one| told(cloud, one))
        .collect();
    let (rows, total) = page(asked, &rows, 100)?;
    Ok(Answer::bare(&json!({"count": rows.len(), "total": total, "projects": rows})))
}

fn project<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a LogProject, ApiError> {
    let (region, name) = (asked.request.region.as_deref(), asked.required("project"));
    let mut all = cloud.account.doors.log_projects.iter();
    all.find(|one| Some(one.region.as_str()) == region && one.name == name).ok_or_else(|| {
        ApiError::new(404, "ProjectNotExist", format!("The Project does not exist : {name}"))
    })
}

fn project_told(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    Ok(Answer::bare(&told(cloud, project(cloud, asked)?)))
}

/// The policy as it was put; an empty body without one.
fn policy(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let text = match &project(cloud, asked)?.policy {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(policy) => policy.to_string(),
    };
    Ok(Answer::Raw(Reply::new(200, "application/json", text)))
}

/// Names alone: 200 a page unless told.
fn logstores(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let wanted = asked.param("logstoreName").unwrap_or_default();
    let all = project(cloud, asked)?.logstores.iter();
    let names: Vec<Value> =
        all.filter(|one| one.name.contains(wanted)).map(|one| one.name.as_str().into()).collect();
    let (names, total) = page(asked, &names, 200)?;
    Ok(Answer::bare(&json!({"count": names.len(), "total": total, "logstores": names})))
}

fn logstore(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let name = asked.required("logstore");
    let mut all = project(cloud, asked)?.logstores.iter();
    let Some(one) = all.find(|one| one.name == name) else {
        let message = format!("logstore {name} does not exist");
        return Err(ApiError::new(404, "LogStoreNotExist", message));
    };
    Ok(Answer::bare(&json!({
        "logstoreName": one.name,
        "ttl": one.ttl,
        "hot_ttl": 0,
        "mode": "standard",
        "shardCount": 2,
        "autoSplit": true,
        "maxSplitShard": 64,
        "appendMeta": false,
        "enable_tracking": false,
        "telemetryType": "",
        "createTime": 1_704_067_200,
        "lastModifyTime": 1_704_067_200,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_name_project_and_region() {
        let of = |host| parse_host(host).map(|(project, region)| (project.map(String::from), region));
        assert_eq!(of("cn-hangzhou.log.aliyuncs.com"), Some((None, "cn-hangzhou".into())));
        assert_eq!(of("p-1.cn-hangzhou-intranet.log.aliyuncs.com"), Some((Some("p-1".into()), "cn-hangzhou".into())));
        assert_eq!(of("log.aliyuncs.com"), None);
        assert_eq!(of("rds.aliyuncs.com"), None);
    }
}
