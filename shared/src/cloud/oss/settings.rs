//! The settings of a bucket: each `GET /?name`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::openapi::{Action, Api, document};

/// Declares the read of one setting: its name, its parameter, and the root of its answer.
macro_rules! setting {
    ($(#[doc = $doc:literal])+ $name:ident, $parameter:literal, $parse:expr => $answer:ty) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Serialize)]
        pub struct $name<'a> {
            #[serde(skip)]
            bucket: &'a str,
            #[serde(rename = $parameter)]
            parameter: &'static str,
        }

        impl<'a> $name<'a> {
            /// Of this bucket.
            pub fn of(bucket: &'a str) -> Self {
                Self { bucket, parameter: "" }
            }
        }

        impl Action for $name<'_> {
            const API: Api = Api::oss(stringify!($name)).needs(concat!("oss:", stringify!($name)));
            type Response = $answer;

            fn subdomain(&self) -> Option<&str> {
                Some(self.bucket)
            }

            fn parse(body: &[u8]) -> Result<$answer, String> {
                $parse(body)
            }
        }
    };
}

setting! {
    /// Most of what there is to know of a bucket, in one call.
    GetBucketInfo, "bucketInfo", info => BucketInfo
}
setting! {
    /// The ACL.
    GetBucketAcl, "acl", |body| document(body, "AccessControlPolicy") => AclDocument
}
setting! {
    /// The policy, as it was written.
    GetBucketPolicy, "policy", policy => String
}
setting! {
    /// Whether OSS takes the policy for a public one.
    GetBucketPolicyStatus, "policyStatus", |body| document(body, "PolicyStatus") => PolicyStatus
}
setting! {
    /// Whether the bucket blocks public access.
    GetBucketPublicAccessBlock, "publicAccessBlock",
    |body| document(body, "PublicAccessBlockConfiguration") => PublicAccessBlock
}
setting! {
    /// The static website.
    GetBucketWebsite, "website", |body| document(body, "WebsiteConfiguration") => Website
}
setting! {
    /// Whether versions are kept.
    GetBucketVersioning, "versioning", |body| document(body, "VersioningConfiguration") => Versioning
}
setting! {
    /// Where access logs go.
    GetBucketLogging, "logging", |body| document(body, "BucketLoggingStatus") => Logging
}
setting! {
    /// How objects are encrypted.
    GetBucketEncryption, "encryption", |body| document(body, "ServerSideEncryptionRule") => Encryption
}
setting! {
    /// The TLS versions that clients are limited to.
    GetBucketHttpsConfig, "httpsConfig", https_config => HttpsConfig
}
setting! {
    /// The tags.
    GetBucketTagging, "tagging", |body| document(body, "Tagging") => Tagging
}

fn info(body: &[u8]) -> Result<BucketInfo, String> {
    document::<InfoDocument>(body, "BucketInfo").map(|document| document.bucket)
}

/// An endpoint that does not know the setting overlooks the parameter and lists objects, as OSS does with parameters that it does not
/// know (unverified). What is not known there limits nothing either.
fn https_config(body: &[u8]) -> Result<HttpsConfig, String> {
    match document::<serde::de::IgnoredAny>(body, "ListBucketResult") {
        Ok(_) => Ok(HttpsConfig { tls: Tls { enable: false, versions: Vec::new() } }),
        Err(_) => document(body, "HttpsConfiguration"),
    }
}

fn policy(body: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    match text.trim().starts_with('{') {
        true => Ok(text.to_owned()),
        false => Err("it is no policy".to_owned()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InfoDocument {
    bucket: BucketInfo,
}

/// What GetBucketInfo tells. What it does not tell is not known: older endpoints leave things out.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BucketInfo {
    access_control_list: Option<Grant>,
    block_public_access: Option<bool>,
    versioning: Option<String>,
    server_side_encryption_rule: Option<Rule>,
    bucket_policy: Option<LogTarget>,
}

impl BucketInfo {
    /// `private`, `public-read`, `public-read-write`.
    pub fn acl(&self) -> Option<&str> {
        Some(self.access_control_list.as_ref()?.grant.as_str())
    }

    /// Whether it blocks public access.
    pub fn blocks_public_access(&self) -> Option<bool> {
        self.block_public_access
    }

    /// Whether it keeps versions: `Enabled`, or `Suspended`. Where they were never kept the element seems to be left out, so that
    /// nothing is known then.
    pub fn keeps_versions(&self) -> Option<bool> {
        self.versioning.as_deref().filter(|status| !status.is_empty()).map(|status| status == "Enabled")
    }

    /// The algorithm that objects are encrypted with; `Some(None)` for none, which OSS writes as `None`.
    pub fn encryption(&self) -> Option<Option<&str>> {
        Some(self.server_side_encryption_rule.as_ref()?.algorithm())
    }

    /// The bucket that access logs go to; `Some(None)` for none. The element that names it is called `BucketPolicy`.
    pub fn log_bucket(&self) -> Option<Option<&str>> {
        let name = self.bucket_policy.as_ref()?.log_bucket.as_deref()?;
        Some(Some(name).filter(|name| !name.is_empty()))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LogTarget {
    log_bucket: Option<String>,
}

/// An ACL.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AclDocument {
    access_control_list: Grant,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Grant {
    grant: String,
}

impl AclDocument {
    /// `private`, `public-read`, `public-read-write`, and for objects `default`.
    pub fn grant(&self) -> &str {
        &self.access_control_list.grant
    }
}

/// What OSS says of a policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyStatus {
    /// Whether it is public.
    pub is_public: bool,
}

/// Whether public access is blocked.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublicAccessBlock {
    /// Whether it is.
    pub block_public_access: bool,
}

/// A website's configuration. Pages to serve make a website; rules that only fetch or redirect what is missing do not.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Website {
    index_document: Option<serde::de::IgnoredAny>,
    error_document: Option<serde::de::IgnoredAny>,
}

impl Website {
    /// Whether it serves pages.
    pub fn serves(&self) -> bool {
        self.index_document.is_some() || self.error_document.is_some()
    }
}

/// Whether versions are kept. Without `Status` they never were.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Versioning {
    status: Option<String>,
}

impl Versioning {
    /// Whether they are kept now.
    pub fn is_enabled(&self) -> bool {
        self.status.as_deref() == Some("Enabled")
    }
}

/// Where access logs go. Without `LoggingEnabled`: nowhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Logging {
    logging_enabled: Option<Target>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    target_bucket: String,
}

impl Logging {
    /// The bucket.
    pub fn target(&self) -> Option<&str> {
        self.logging_enabled.as_ref().map(|to| to.target_bucket.as_str()).filter(|name| !name.is_empty())
    }
}

/// How objects are encrypted where they do not say it themselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Encryption {
    apply_server_side_encryption_by_default: Rule,
}

impl Encryption {
    /// `AES256`, `KMS`, `SM4`.
    pub fn algorithm(&self) -> Option<&str> {
        self.apply_server_side_encryption_by_default.algorithm()
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Rule {
    #[serde(rename = "SSEAlgorithm")]
    algorithm: String,
}

impl Rule {
    fn algorithm(&self) -> Option<&str> {
        Some(self.algorithm.as_str()).filter(|name| !matches!(*name, "" | "None"))
    }
}

/// What TLS must look like.
#[derive(Debug, Clone, Deserialize)]
pub struct HttpsConfig {
    #[serde(rename = "TLS")]
    tls: Tls,
}

#[derive(Debug, Clone, Deserialize)]
struct Tls {
    #[serde(rename = "Enable")]
    enable: bool,
    #[serde(rename = "TLSVersion", default)]
    versions: Vec<String>,
}

impl HttpsConfig {
    /// `TLSv1.2`, …; none when any will do.
    pub fn versions(self) -> Vec<String> {
        if self.tls.enable { self.tls.versions } else { Vec::new() }
    }
}

/// The tags of a bucket.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tagging {
    tag_set: Option<TagSet>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagSet {
    #[serde(default)]
    tag: Vec<Tag>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

impl Tagging {
    /// Each with its value. A bucket without tags is told as an empty `Tagging`, or as `NoSuchTagSet`.
    pub fn tags(self) -> BTreeMap<String, String> {
        self.tag_set.into_iter().flat_map(|set| set.tag).map(|tag| (tag.key, tag.value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_info_of_a_bucket() {
        // The sample of the API page, shortened.
        let info = GetBucketInfo::parse(
            br#"<?xml version="1.0" encoding="UTF-8"?>
            <BucketInfo><Bucket><AccessMonitor>Enabled</AccessMonitor><Name>oss-example</Name>
            <Owner><DisplayName>u</DisplayName><ID>1</ID></Owner><Versioning>Enabled</Versioning>
            <AccessControlList><Grant>private</Grant></AccessControlList>
            <ServerSideEncryptionRule><SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID></KMSMasterKeyID></ServerSideEncryptionRule>
            <BlockPublicAccess>true</BlockPublicAccess>
            <BucketPolicy><LogBucket>examplebucket</LogBucket><LogPrefix>log/</LogPrefix></BucketPolicy></Bucket></BucketInfo>"#,
        )
        .unwrap();
        assert_eq!(info.acl(), Some("private"));
        assert_eq!(info.blocks_public_access(), Some(true));
        assert_eq!(info.keeps_versions(), Some(true));
        assert_eq!(info.encryption(), Some(Some("KMS")));
        assert_eq!(info.log_bucket(), Some(Some("examplebucket")));
    }

    #[test]
    fn what_the_info_says_of_nothing_and_what_it_does_not_say() {
        let info = GetBucketInfo::parse(
            b"<BucketInfo><Bucket><Name>a</Name><ServerSideEncryptionRule><SSEAlgorithm>None</SSEAlgorithm></ServerSideEncryptionRule>\
              <BucketPolicy><LogBucket></LogBucket><LogPrefix></LogPrefix></BucketPolicy></Bucket></BucketInfo>",
        )
        .unwrap();
        assert_eq!((info.encryption(), info.log_bucket()), (Some(None), Some(None)));
        assert_eq!((info.acl(), info.blocks_public_access(), info.keeps_versions()), (None, None, None));
        let silent =
            GetBucketInfo::parse(b"<BucketInfo><Bucket><Name>a</Name></Bucket></BucketInfo>").unwrap();
        assert_eq!((silent.encryption(), silent.log_bucket()), (None, None));
        assert!(GetBucketInfo::parse(b"<BucketInfo/>").is_err());
    }

    #[test]
    fn settings_that_are_not_set_and_pages_that_are_no_answer() {
        assert!(!GetBucketVersioning::parse(b"<VersioningConfiguration/>").unwrap().is_enabled());
        let on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        assert!(GetBucketVersioning::parse(on).unwrap().is_enabled());
        assert_eq!(GetBucketLogging::parse(b"<BucketLoggingStatus />").unwrap().target(), None);
        let to = b"<BucketLoggingStatus><LoggingEnabled><TargetBucket>l</TargetBucket></LoggingEnabled></BucketLoggingStatus>";
        assert_eq!(GetBucketLogging::parse(to).unwrap().target(), Some("l"));
        assert!(GetBucketTagging::parse(b"<Tagging/>").unwrap().tags().is_empty());
        assert!(GetBucketTagging::parse(b"<Tagging><TagSet></TagSet></Tagging>").unwrap().tags().is_empty());
        for page in [&b"<html><body>hello</body></html>"[..], b"", b"{}"] {
            assert!(GetBucketVersioning::parse(page).is_err());
            assert!(GetBucketLogging::parse(page).is_err());
            assert!(GetBucketTagging::parse(page).is_err());
            assert!(GetBucketWebsite::parse(page).is_err());
        }
        assert!(GetBucketAcl::parse(b"<AccessControlPolicy/>").is_err());
        assert!(GetBucketPolicyStatus::parse(b"<PolicyStatus/>").is_err());
        assert!(GetBucketPolicy::parse(b"<html/>").is_err());
    }

    #[test]
    fn https_tags_and_websites() {
        let limited = b"<HttpsConfiguration><TLS><Enable>true</Enable><TLSVersion>TLSv1.2</TLSVersion><TLSVersion>TLSv1.3</TLSVersion></TLS></HttpsConfiguration>";
        assert_eq!(GetBucketHttpsConfig::parse(limited).unwrap().versions(), ["TLSv1.2", "TLSv1.3"]);
        let any = b"<HttpsConfiguration><TLS><Enable>false</Enable></TLS></HttpsConfiguration>";
        assert!(GetBucketHttpsConfig::parse(any).unwrap().versions().is_empty());
        let listing = b"<ListBucketResult><Name>a</Name><IsTruncated>false</IsTruncated></ListBucketResult>";
        assert!(GetBucketHttpsConfig::parse(listing).unwrap().versions().is_empty());
        assert!(GetBucketHttpsConfig::parse(b"<HttpsConfiguration/>").is_err());
        let tags = b"<Tagging><TagSet><Tag><Key>env</Key><Value>prod</Value></Tag><Tag><Key>x</Key><Value></Value></Tag></TagSet></Tagging>";
        let tags = GetBucketTagging::parse(tags).unwrap().tags();
        assert_eq!(tags.get("env").map(String::as_str), Some("prod"));
        assert_eq!(tags.get("x").map(String::as_str), Some(""));
        let serves = |body: &str| GetBucketWebsite::parse(body.as_bytes()).unwrap().serves();
        assert!(serves(
            "<WebsiteConfiguration><IndexDocument><Suffix>i.html</Suffix></IndexDocument></WebsiteConfiguration>"
        ));
        assert!(!serves(
            "<WebsiteConfiguration><RoutingRules><RoutingRule/></RoutingRules></WebsiteConfiguration>"
        ));
    }
}
