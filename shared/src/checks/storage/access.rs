//! What anybody may do with a bucket: policy, ACL and object ACLs as one document of statements.

use std::collections::BTreeSet;

use crate::checks::policy::{Answer, Asker, Caller, Document, FRESH, Kind, Pattern, Spelled, Statement, Way};
use crate::config::Config;
use crate::snapshot::{Acl, Bucket, Read, Sample, Snapshot};

/// What somebody can do, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Power {
    /// Change who may do what.
    Manage,
    /// Write and overwrite objects.
    Write,
    /// Delete objects.
    Delete,
    /// Read objects.
    Read,
    /// List objects.
    List,
    /// Anything else: ask for settings and names.
    Other,
}

impl Power {
    /// In evidence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Manage => "manage",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Read => "read",
            Self::List => "list",
            Self::Other => "other",
        }
    }
}

/// What an action is on: the bucket or its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Bucket,
    Objects,
}

/// The actions that matter (OSS, "RAM policy", list of actions), by what they give.
const ACTIONS: &[(Power, On, &[&str])] = &[
    (
        Power::Manage,
        On::Bucket,
        &[
            "oss:PutBucketPolicy",
            "oss:PutBucketAcl",
            "oss:DeleteBucketPolicy",
            "oss:PutBucketPublicAccessBlock",
            "oss:DeleteBucket",
        ],
    ),
    (Power::Manage, On::Objects, &["oss:PutObjectAcl"]),
    (Power::Write, On::Objects, &["oss:PutObject"]),
    (Power::Delete, On::Objects, &["oss:DeleteObject", "oss:DeleteObjectVersion"]),
    (Power::Read, On::Objects, &["oss:GetObject", "oss:GetObjectVersion"]),
    (Power::List, On::Bucket, &["oss:ListObjects", "oss:ListObjectVersions"]),
    (
        Power::Other,
        On::Bucket,
        &[
            "oss:GetBucketAcl",
            "oss:GetBucketPolicy",
            "oss:GetBucketInfo",
            "oss:GetBucketStat",
            "oss:ListMultipartUploads",
        ],
    ),
    (Power::Other, On::Objects, &["oss:GetObjectAcl", "oss:GetObjectTagging", "oss:ListParts"]),
];

const ANYBODY: &[Caller] = &[Caller::Anonymous, Caller::Stranger];

/// A bucket's statements, and how to ask about them.
pub(super) struct Access<'a> {
    account: &'a Snapshot,
    bucket: &'a Bucket,
    asker: Asker<'a>,
    /// Policy and bucket ACL.
    document: Document,
}

/// What became of all questions.
#[derive(Debug, Default)]
pub(super) struct Powers {
    /// What anybody can do, and how.
    pub(super) open: Vec<(Power, Way)>,
    /// Why it may be more.
    pub(super) reasons: BTreeSet<String>,
}

impl<'a> Access<'a> {
    pub(super) fn of(account: &'a Snapshot, bucket: &'a Bucket, config: &'a Config) -> Self {
        let mut statements = policy(bucket);
        statements.extend(acl(bucket));
        // A block that was not read may refuse it all.
        let blocks = [&account.resources.public_access_block, &bucket.public_access_block];
        for why in blocks.into_iter().filter_map(Read::unread) {
            statements
                .push(Statement::everybody("block", false, &["*"], everything()).doubted(why.to_string()));
        }
        Self {
            account,
            bucket,
            asker: Asker { callers: ANYBODY, now: account.taken_at, config },
            document: Document { statements },
        }
    }

    /// Which block of public access is known to be on, the account's (`true`) or the bucket's. It makes OSS ignore what policies and ACLs give to
    /// everybody (OSS, "Block public access").
    pub(super) fn blocked_by_account(&self) -> Option<bool> {
        let is_on = |block: &Read<bool>| block.known() == Some(&true);
        if is_on(&self.account.resources.public_access_block) {
            return Some(true);
        }
        is_on(&self.bucket.public_access_block).then_some(false)
    }

    /// What anybody can do by policy and bucket ACL.
    pub(super) fn powers(&self) -> Powers {
        let mut powers = Powers::default();
        let buckets = [self.bucket_resource()];
        let objects: Vec<Spelled> = self
            .document
            .names_below(&self.bucket.name)
            .iter()
            .map(|key| self.object_resource(key))
            .collect();
        let mut ask = |power, actions: &[&str], resources: &[Spelled]| match self.asker.ask(
            &self.document,
            actions,
            resources,
        ) {
            Answer::Open(way) => powers.open.push((power, way)),
            Answer::Undecided(reasons) => powers.reasons.extend(reasons),
            Answer::Closed => {}
        };
        for (power, on, actions) in ACTIONS {
            ask(*power, actions, if *on == On::Bucket { &buckets } else { &objects });
        }
        // Actions that only the policy knows.
        let known: Vec<&str> = ACTIONS.iter().flat_map(|(_, _, actions)| *actions).copied().collect();
        let is_known = |action: &str| known.iter().any(|known| known.eq_ignore_ascii_case(action));
        let named: Vec<&str> =
            self.document.named_actions().into_iter().filter(|action| !is_known(action)).collect();
        ask(Power::Other, &named, &buckets);
        ask(Power::Other, &named, &objects);
        powers.open.sort_by_key(|(power, _)| *power);
        powers.open.dedup_by_key(|(power, _)| *power);
        powers
    }

    /// The objects of the sample that anybody can read, though the bucket's own ACL and policy do not say so; or why there may be some.
    pub(super) fn public_objects(&self) -> (Vec<(&'a str, Acl)>, BTreeSet<String>) {
        let (mut open, mut reasons) = (Vec::new(), BTreeSet::new());
        let mut ask = |statement: Statement, object: Spelled| {
            let mut document = self.document.clone();
            document.statements.push(statement);
            match self.asker.ask(&document, &["oss:GetObject", "oss:PutObject"], &[object]) {
                Answer::Open(_) => true,
                Answer::Undecided(why) => {
                    reasons.extend(why);
                    false
                }
                Answer::Closed => false,
            }
        };
        match &self.bucket.sample {
            Read::Read(sample) => {
                for (key, acl) in &sample.public {
                    let object = self.object_resource(key);
                    let patterns = object.iter().map(|text| Pattern::literal(text)).collect();
                    let statement = Statement::everybody("object ACL", true, acl_actions(*acl), patterns);
                    if ask(statement, object) {
                        open.push((key.as_str(), *acl));
                    }
                }
            }
            Read::Unread(why) => {
                let statement = Statement::everybody(
                    "object ACLs",
                    true,
                    acl_actions(Acl::PublicReadWrite),
                    everything(),
                );
                ask(statement.doubted(why.to_string()), self.object_resource(FRESH));
            }
        }
        (open, reasons)
    }

    /// Whether all requests without TLS are refused, or why that cannot be decided.
    pub(super) fn refuses_plain_http(&self) -> Result<bool, BTreeSet<String>> {
        // Let everybody do everything: what is still refused without TLS is refused to all.
        let mut statements = policy(self.bucket);
        statements.retain(|statement| !statement.allow);
        statements.push(Statement::everybody("", true, &["*"], everything()));
        let document = Document { statements };
        let keys = document.names_below(&self.bucket.name);
        let objects: Vec<Spelled> = keys.iter().map(|key| self.object_resource(key)).collect();
        let questions: [(&[&str], &[Spelled]); 2] = [
            (&["oss:GetObject", "oss:PutObject", "oss:DeleteObject"], &objects),
            (&["oss:ListObjects"], &[self.bucket_resource()]),
        ];
        let mut reasons = BTreeSet::new();
        for (actions, resources) in questions {
            match self.asker.ask_plain_http(&document, actions, resources) {
                Answer::Open(_) => return Ok(false),
                Answer::Undecided(why) => reasons.extend(why),
                Answer::Closed => {}
            }
        }
        if reasons.is_empty() { Ok(true) } else { Err(reasons) }
    }

    /// Whether OSS has a reason to call the policy public: it looks at each Allow by itself, whatever its actions and resources, and whatever is denied
    /// (OSS, "Block public access", conditions for non-public access). So it does for policies that let nobody in.
    pub(super) fn has_public_statement(&self) -> bool {
        const FIXED: &[&str] = &["acs:sourcevpc", "acs:sourcevpcid", "acs:accessid", "acs:sourceip"];
        self.document.statements.iter().any(|statement| {
            let principal = statement.principal.as_ref();
            let meets_all =
                principal.is_none_or(|it| it.but || it.named.iter().any(|(_, name)| name.contains('*')));
            let is_narrowed = statement.conditions.iter().any(|condition| {
                FIXED.contains(&condition.key.to_ascii_lowercase().as_str())
                    && condition.values.iter().all(|value| !value.contains('*'))
            });
            statement.allow && meets_all && !is_narrowed
        })
    }

    fn bucket_resource(&self) -> Spelled {
        self.spelled(&self.bucket.name)
    }

    fn object_resource(&self, key: &str) -> Spelled {
        self.spelled(&format!("{}/{key}", self.bucket.name))
    }

    /// Regions are written with and without `oss-` in front.
    fn spelled(&self, name: &str) -> Spelled {
        let (region, id) = (&self.bucket.region, &self.account.account_id);
        vec![format!("acs:oss:oss-{region}:{id}:{name}"), format!("acs:oss:{region}:{id}:{name}")]
    }
}

fn everything() -> Vec<Pattern> {
    vec![Pattern::wild("*")]
}

/// The policy's statements. One that was not read, or not understood, may allow everything and deny everything.
fn policy(bucket: &Bucket) -> Vec<Statement> {
    let why = match &bucket.policy {
        Read::Read(None) => return Vec::new(),
        Read::Read(Some(text)) => match Document::parse(text, Kind::Resource) {
            Ok(document) => return document.statements,
            Err(why) => why,
        },
        Read::Unread(why) => why.to_string(),
    };
    [true, false]
        .map(|allow| Statement::everybody("policy", allow, &["*"], everything()).doubted(&*why))
        .into()
}

/// What the bucket's ACL gives to everybody.
fn acl(bucket: &Bucket) -> Option<Statement> {
    let statement = |acl| Statement::everybody("bucket ACL", true, acl_actions(acl), everything());
    match &bucket.acl {
        Read::Read(Acl::Default | Acl::Private) => None,
        Read::Read(acl) => Some(statement(*acl)),
        Read::Unread(why) => Some(statement(Acl::PublicReadWrite).doubted(why.to_string())),
    }
}

/// What an ACL gives (OSS, "Bucket ACL", "Object ACL"): public-read lists, too.
fn acl_actions(acl: Acl) -> &'static [&'static str] {
    match acl {
        Acl::Default | Acl::Private => &[],
        Acl::PublicRead => &["oss:GetObject", "oss:ListObjects"],
        Acl::PublicReadWrite => &["oss:GetObject", "oss:ListObjects", "oss:PutObject", "oss:DeleteObject"],
    }
}

/// What was looked at of the objects: how many, and whether those are all. Nothing where it was not read.
pub(super) fn looked_at(sample: &Read<Sample>) -> Option<(u64, bool)> {
    sample.known().map(|sample| (sample.looked_at, sample.all))
}
