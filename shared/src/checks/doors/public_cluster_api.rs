use serde_json::json;

use crate::checks::finding::Target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # A cluster's API server is on the internet
    ///
    /// ## Why it matters
    ///
    /// Whoever gets hold of a kubeconfig, a leaked token or the next flaw of the API server is in the cluster from anywhere. It authenticates, so this
    /// is one wall instead of two. An access list on its load balancer, if there is one, is not looked at here.
    ///
    /// ## How to fix it
    ///
    /// Take the EIP off the API server and manage the cluster from within the VPC; until then limit the listener by an access list.
    PUBLIC_CLUSTER_API {
        id: "public-cluster-api",
        severity: Severity::Medium,
        guide: &[6],
        cis: &["7.9"],
        title: ["Cluster API server on the internet", "集群 API Server 暴露在公网"],
        fix: ["Take the EIP off the API server; manage the cluster from its VPC", "解绑 API Server 的 EIP，在 VPC 内管理集群"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (l, clusters) = (findings.language(), &account.resources.clusters);
        findings.listed(clusters, "cs", "cluster/");
        for cluster in &clusters.rows {
            let arn = account.arn("cs", &cluster.region, &format!("cluster/{}", cluster.id));
            let target = Target::new(arn, &cluster.tags);
            match &cluster.public_api {
                Read::Unread(why) => findings.unknown(target, why),
                Read::Read(None) => findings.pass(target, tr!(l, "reached from its VPC only", "仅 VPC 内可访问")),
                Read::Read(Some(address)) => findings.fail(
                    target,
                    tr!(l, "The API server answers at {address}.", "API Server 公网地址为 {address}。"),
                    json!({ "cluster": cluster.name, "address": address }),
                ),
            }
        }
    }
}
