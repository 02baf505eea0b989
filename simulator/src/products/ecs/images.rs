//! Images: the account's own, beside those that Alibaba Cloud offers to everybody, and whom they are shared with.

use crate::account::network::Image;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{self, Sizes};
use crate::product::{Answer, Asked};
use crate::regional;
use serde_json::{Value, json};

/// Images of Alibaba Cloud in every region. They are not community images, so IsPublic is false of them.
const SYSTEM: [&str; 12] = [
    "aliyun_2_1903_x64_20G_alibase_20260520.vhd",
    "aliyun_3_arm64_20G_alibase_20260901.vhd",
    "aliyun_3_x64_20G_alibase_20260901.vhd",
    "anolisos_8_9_x64_20G_anck_alibase_20260610.vhd",
    "centos_stream_9_x64_20G_alibase_20260612.vhd",
    "debian_12_10_x64_20G_alibase_20260703.vhd",
    "fedora_42_1_x64_20G_alibase_20260708.vhd",
    "rockylinux_9_5_x64_20G_alibase_20260625.vhd",
    "ubuntu_22_04_x64_20G_alibase_20260811.vhd",
    "ubuntu_24_04_x64_20G_alibase_20260811.vhd",
    "win2019_1809_x64_dtc_zh-cn_40G_alibase_20260815.vhd",
    "win2022_21H2_x64_dtc_zh-cn_40G_alibase_20260815.vhd",
];

/// Available ones of every owner unless told otherwise (DescribeImages, "ImageOwnerAlias" and "Status"). The
/// account's own community images come with its own images, IsPublic left out: so the documents are read here.
pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let account = &cloud.account;
    let owner = asked.param("ImageOwnerAlias");
    if let Some(other) = owner.filter(|o| !["system", "self", "others", "marketplace"].contains(o)) {
        return Err(ApiError::invalid("ImageOwnerAlias", format!("{other} is unknown")));
    }
    let community = asked.param("IsPublic") == Some("true");
    if community && owner != Some("others") {
        return Err(ApiError::invalid("IsPublic", "true goes with the ImageOwnerAlias others alone"));
    }
    let ids = regional::wanted(asked, "ImageId")?;
    let statuses = regional::wanted(asked, "Status")?.unwrap_or_else(|| ["Available".to_string()].into());
    let fits = |id: &str, name: &str, status: &str| {
        ids.as_ref().is_none_or(|ids| ids.contains(id))
            && (statuses.contains("ALL") || statuses.contains(status))
            && regional::meets(asked, &[("ImageName", Some(name))])
    };
    let mut rows: Vec<Value> = Vec::new();
    if owner.is_none_or(|owner| owner == "self") {
        let own = regional::rows_in(&account.network.images, region);
        let own = own.into_iter().filter(|image| fits(&image.id, &image.name, &image.status));
        rows.extend(own.map(|image| show(image, &account.account_id)));
    }
    if owner.is_none_or(|owner| owner == "system") {
        let system = SYSTEM.into_iter().filter(|id| fits(id, id, "Available"));
        rows.extend(system.map(|id| common(id, id, "system", "Available")));
    }
    let (page, mut answer) = paging::by_number(rows, asked, Sizes::of(10, 100))?;
    answer.insert("RegionId".into(), region.into());
    answer.insert("Images".into(), json!({"Image": page}));
    Ok(Value::Object(answer).into())
}

fn common(id: &str, name: &str, owner: &str, status: &str) -> Value {
    json!({
        "ImageId": id,
        "ImageName": name,
        "ImageOwnerAlias": owner,
        "IsPublic": false,
        "IsSelfShared": "",
        "IsCopied": false,
        "IsSubscribed": false,
        "IsSupportCloudinit": true,
        "IsSupportIoOptimized": true,
        "Architecture": "x86_64",
        "OSType": if id.starts_with("win") { "windows" } else { "linux" },
        "Platform": "",
        "Description": "",
        "CreationTime": "2026-08-15T02:00:00Z",
        "Size": 20,
        "Status": status,
        "Progress": "100%",
        "Usage": "none",
        "ResourceGroupId": "",
        "DiskDeviceMappings": {"DiskDeviceMapping": []},
        "Tags": {"Tag": []},
    })
}

fn show(image: &Image, account: &str) -> Value {
    let mut shown = common(&image.id, &image.name, "self", &image.status);
    shown["IsPublic"] = image.public.into();
    shown["IsSelfShared"] = if image.shared_with.is_empty() { "" } else { "True" }.into();
    shown["ImageOwnerId"] = account.parse::<u64>().unwrap_or_default().into();
    shown["CreationTime"] = image.created.as_str().into();
    shown["Tags"] = regional::tag_keys(&image.tags);
    shown
}

pub(super) fn share_permission(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let images = &cloud.account.network.images;
    let image = regional::one(images, region, asked.required("ImageId"), "InvalidImageId.NotFound")?;
    let accounts = image.shared_with.iter();
    let accounts: Vec<Value> =
        accounts.map(|id| json!({"AliyunId": id, "SharedTime": "2026-03-02T06:00:00Z"})).collect();
    let (page, mut answer) = paging::by_number(accounts, asked, Sizes::of(10, 100))?;
    let groups = if image.public { vec![json!({"Group": "all"})] } else { Vec::new() };
    answer.insert("RegionId".into(), region.into());
    answer.insert("ImageId".into(), image.id.as_str().into());
    answer.insert("Accounts".into(), json!({"Account": page}));
    answer.insert("ShareGroups".into(), json!({"ShareGroup": groups}));
    Ok(Value::Object(answer).into())
}
