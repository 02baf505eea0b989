//! Trust policies of roles: whom they let in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::checks::Findings;
use crate::checks::policy::{Answer, Asker, Caller, Document, Kind, Spelled, Statement};
use crate::config::Config;
use crate::snapshot::{Read, Role, Snapshot};
use crate::tr;

/// What an identity of RAM calls to become a role. Federated users and services have calls of their own.
const ASSUME: &str = "sts:AssumeRole";

/// Goes through all roles whose trust policy was read and understood; the others are unknown.
pub(super) fn each_role(
    account: &Snapshot,
    findings: &mut Findings<'_>,
    mut look: impl FnMut(&Role, String, &Document, &mut Findings<'_>),
) {
    let (l, roles) = (findings.language(), &account.resources.roles);
    let arn = |name: &str| account.arn("ram", "", &format!("role/{name}"));
    for why in &roles.unread {
        findings.unknown(arn("*"), why);
    }
    if roles.is_whole() && roles.rows.is_empty() {
        findings.pass(arn("*"), tr!(l, "There are no roles.", "没有角色。"));
    }
    for role in &roles.rows {
        match &role.trust {
            Read::Unread(why) => findings.unknown(arn(&role.name), why),
            Read::Read(text) => match Document::parse(text, Kind::Trust) {
                Ok(document) => look(role, arn(&role.name), &document, findings),
                Err(why) => {
                    let message =
                        tr!(l, "The trust policy is not understood: {why}", "无法解析信任策略：{why}");
                    findings.undecided(arn(&role.name), message, json!({}));
                }
            },
        }
    }
}

/// Whether anybody with an account of their own may become the role.
pub(super) fn ask(account: &Snapshot, role: &Role, document: &Document, config: &Config) -> Answer {
    let resource: Spelled = vec![account.arn("ram", "", &format!("role/{}", role.name))];
    Asker { callers: &[Caller::Stranger], now: account.taken_at, config }.ask(
        document,
        &[ASSUME],
        &[resource],
    )
}

/// The same if the conditions of what it allows were not there.
pub(super) fn ask_without_conditions(
    account: &Snapshot,
    role: &Role,
    document: &Document,
    config: &Config,
) -> Answer {
    let mut bare = document.clone();
    bare.statements.iter_mut().filter(|it| it.allow).for_each(|it| it.conditions.clear());
    ask(account, role, &bare, config)
}

/// The statements that allow it.
fn allowing(document: &Document) -> impl Iterator<Item = &Statement> {
    document.statements.iter().filter(|statement| statement.allow && statement.is_about(ASSUME))
}

/// The conditions under which it is allowed, for evidence.
pub(super) fn conditions(document: &Document) -> Value {
    let all = allowing(document).flat_map(|statement| &statement.conditions);
    all.map(|it| json!({ "operator": it.operator, "key": it.key, "values": it.values })).collect()
}

/// The accounts other than `own` that it trusts, each with the names it is trusted by; and the names of which the account cannot be told.
pub(super) fn others(document: &Document, own: &str) -> (BTreeMap<String, BTreeSet<String>>, Vec<String>) {
    let (mut others, mut unclear): (BTreeMap<String, BTreeSet<String>>, _) = (BTreeMap::new(), Vec::new());
    let refused: BTreeSet<&(String, String)> = document
        .statements
        .iter()
        .filter(|it| !it.allow && it.conditions.is_empty() && it.is_about(ASSUME))
        .filter_map(|it| it.principal.as_ref().filter(|principal| !principal.but))
        .flat_map(|principal| &principal.named)
        .collect();
    if refused.iter().any(|(kind, name)| kind == "RAM" && name == "*") {
        return (others, unclear);
    }
    let principals = allowing(document).filter_map(|it| it.principal.as_ref()).filter(|it| !it.but);
    for named in principals.flat_map(|principal| &principal.named).filter(|named| !refused.contains(named)) {
        match account_of(&named.0, &named.1) {
            Whose::Account(id) if id != own => {
                others.entry(id.to_owned()).or_default().insert(named.1.clone());
            }
            Whose::Account(_) | Whose::Nobodys => {}
            Whose::Unclear => unclear.push(named.1.clone()),
        }
    }
    (others, unclear)
}

/// Whose a principal is.
enum Whose<'a> {
    /// This account's.
    Account(&'a str),
    /// No account's in particular: a service, a provider of identities, everybody.
    Nobodys,
    /// It cannot be told.
    Unclear,
}

fn account_of<'a>(kind: &str, name: &'a str) -> Whose<'a> {
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        "RAM" if name == "*" => Whose::Nobodys,
        "RAM" => match name.split(':').collect::<Vec<_>>()[..] {
            ["acs", "ram", _, id, _] if is_id(id) => Whose::Account(id),
            ["acs", "ram", _, "*", _] => Whose::Nobodys,
            [id] if is_id(id) => Whose::Account(id),
            _ => Whose::Unclear,
        },
        // A service that acts for another account: `ID@service`.
        "Service" => match name.split_once('@') {
            Some((id, _)) if is_id(id) => Whose::Account(id),
            _ => Whose::Nobodys,
        },
        "Federated" => Whose::Nobodys,
        _ => Whose::Unclear,
    }
}
