use serde_json::json;

use crate::checks::open::openness;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, RegistryEndpoint, Snapshot};
use crate::tr;

check! {
    /// # An image repository is public
    ///
    /// ## Why it matters
    ///
    /// Everybody who reaches the registry pulls its images without signing in: the code, and what was built into it. How bad that is depends on the registry's
    /// internet endpoint: open to the internet (high), limited to some networks (medium), closed (low). One that was not read counts as open.
    ///
    /// ## How to fix it
    ///
    /// Make the repository private. Images for the public go to a registry of their own.
    PUBLIC_IMAGE_REPOSITORY {
        id: "public-image-repository",
        severity: Severity::High,
        guide: &[6],
        cis: &[],
        title: ["Public image repository", "镜像仓库为公开"],
        fix: ["Make the repository private", "将镜像仓库设为私有"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let (l, repositories) = (findings.language(), &account.resources.repositories);
        findings.listed(repositories, "cr", "repository/");
        for repository in &repositories.rows {
            let name = &repository.name;
            let path = [repository.instance.as_str(), name].map(str::to_owned);
            let path = path.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
            let arn = account.arn("cr", &repository.region, &format!("repository/{path}"));
            if !repository.public {
                findings.pass(arn, tr!(l, "private", "私有"));
                continue;
            }
            let (severity, message) = match repository.endpoint.known() {
                Some(None) => (
                    Severity::Low,
                    tr!(l, "Anybody in the registry's VPCs can pull {name}.", "VPC 内任何人都可以拉取 {name}。"),
                ),
                Some(Some(endpoint)) if !lets_everybody_in(endpoint, config) => (
                    Severity::Medium,
                    tr!(
                        l,
                        "Anybody in the networks that the registry lets in can pull {name}.",
                        "仓库访问控制允许的网络内，任何人都可以拉取 {name}。"
                    ),
                ),
                _ => (
                    Severity::High,
                    tr!(l, "Anybody on the internet can pull {name}.", "公网上任何人都可以拉取 {name}。"),
                ),
            };
            let evidence = match &repository.endpoint {
                Read::Read(endpoint) => json!({ "internet_endpoint": endpoint }),
                Read::Unread(why) => json!({ "internet_endpoint_unread": why.to_string() }),
            };
            findings.fail_at(severity, arn, message, evidence);
        }
    }
}

/// Without an access list that counts, it does.
fn lets_everybody_in(endpoint: &RegistryEndpoint, config: &Config) -> bool {
    let entries: Vec<String> = endpoint.entries.iter().map(ToString::to_string).collect();
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    !endpoint.acl || openness(&entries, config).open
}
