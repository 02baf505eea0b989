use serde_json::json;

use crate::checks::finding::Target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;
use crate::tr;

check! {
    /// # An image is published to everybody
    ///
    /// ## Why it matters
    ///
    /// A community image can be started by anybody: with the keys, configuration and data that were on the disk it was made from, deleted files included.
    ///
    /// ## How to fix it
    ///
    /// Unpublish the image, and treat every secret that was on it as known.
    PUBLIC_IMAGE {
        id: "public-image",
        severity: Severity::High,
        guide: &[6],
        cis: &[],
        title: ["Image published to everybody", "镜像已公开发布"],
        fix: ["Unpublish the community image; replace the secrets on it", "取消发布社区镜像，并更换其中的密钥"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (l, images) = (findings.language(), &account.resources.images);
        findings.listed(images, "ecs", "image/");
        for image in &images.rows {
            let arn = account.arn("ecs", &image.region, &format!("image/{}", image.id));
            let target = Target::new(arn, &image.tags);
            if image.public {
                let name = &image.name;
                let message = tr!(l, "Anybody can start {name}.", "任何人都可以使用 {name}。");
                findings.fail(target, message, json!({ "name": name }));
            } else {
                findings.pass(target, tr!(l, "not published", "未公开发布"));
            }
        }
    }
}
