use serde_json::json;

use crate::checks::finding::Target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # An image is shared with other accounts
    ///
    /// ## Why it matters
    ///
    /// They can start it, copy what is on it, and keep the copy after the sharing has ended. That may be meant; it should be known.
    ///
    /// ## How to fix it
    ///
    /// Stop sharing where it is no longer needed. Where it is, record an exemption with the owner and a date.
    SHARED_IMAGE {
        id: "shared-image",
        severity: Severity::Low,
        guide: &[6],
        cis: &[],
        title: ["Image shared with other accounts", "镜像已共享给其他账号"],
        fix: ["Stop sharing the image, or record why it is shared", "取消共享镜像，或登记共享原因"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (l, images) = (findings.language(), &account.resources.images);
        findings.listed(images, "ecs", "image/");
        for image in &images.rows {
            let arn = account.arn("ecs", &image.region, &format!("image/{}", image.id));
            let target = Target::new(arn, &image.tags);
            match &image.shared_with {
                Read::Unread(why) => findings.unknown(target, why),
                Read::Read(accounts) => {
                    let others: Vec<&str> =
                        accounts.iter().map(String::as_str).filter(|id| *id != account.account_id).collect();
                    if others.is_empty() {
                        findings.pass(target, tr!(l, "shared with nobody", "未共享"));
                    } else {
                        let (name, with) = (&image.name, others.join(", "));
                        let message = tr!(l, "{name} is shared with {with}.", "{name} 已共享给 {with}。");
                        findings.fail(target, message, json!({ "name": name, "accounts": others }));
                    }
                }
            }
        }
    }
}
