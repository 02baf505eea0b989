//! Functions of Function Compute 3.0: their HTTP triggers, and what stands in their environment.

use futures_util::future::join;
use futures_util::stream::{self, StreamExt};

use super::{AT_ONCE, listed, offered_in, unread};
use crate::cloud::fc::{self, GetFunction, ListFunctions, ListTriggers, Trigger};
use crate::openapi::{Action, Api, Error, Kind, Session};
use crate::secrets;
use crate::snapshot::{Function, HttpTrigger, Listed, Read, SecretHit, TextSource};

/// What `functions` calls: for the generated permissions.
pub const FUNCTIONS_NEED: &[Api] =
    &[<ListFunctions as Action>::API, <ListTriggers as Action>::API, <GetFunction<'_> as Action>::API];

/// Reads the functions of the session's region, and looks for secrets in their environment variables. The variables are not kept.
pub(super) async fn functions(session: &Session, account_id: &str) -> (Listed<Function>, Listed<TextSource>) {
    let Listed { rows, unread } =
        offered_in(fc::REGIONS, listed(session, ListFunctions::default()).await);
    let read = stream::iter(rows).map(|row| function(session, account_id, row)).buffer_unordered(AT_ONCE);
    let mut read: Vec<(Function, TextSource)> = read.filter_map(std::future::ready).collect().await;
    read.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    let (functions, texts) = read.into_iter().unzip();
    (Listed { rows: functions, unread: unread.clone() }, Listed { rows: texts, unread })
}

/// One function; `None` if it was deleted meanwhile.
async fn function(session: &Session, account_id: &str, row: fc::Function) -> Option<(Function, TextSource)> {
    let name = row.function_name.as_str();
    let (triggers, hits) = join(session.all(ListTriggers::of(name)), hits(session, &row)).await;
    let gone = |error: &Error| error.code() == "FunctionNotFound";
    if triggers.as_ref().err().is_some_and(gone) || hits.as_ref().err().is_some_and(gone) {
        return None;
    }
    let region = session.region().to_owned();
    let source = TextSource {
        resource: format!("acs:fc:{region}:{account_id}:functions/{name}"),
        region: region.clone(),
        kind: "environment".to_owned(),
        tags: row.tags(),
        hits: hits.map_err(|error| unread(&error)).into(),
    };
    let http_triggers: Read<Vec<HttpTrigger>> =
        triggers.and_then(http_triggers).map_err(|error| unread(&error.at(&region))).into();
    Some((Function { name: name.to_owned(), region, http_triggers, tags: row.tags() }, source))
}

fn http_triggers(triggers: Vec<Trigger>) -> Result<Vec<HttpTrigger>, Error> {
    let mut found = Vec::new();
    for trigger in triggers {
        let Some(config) = trigger.http() else { continue };
        let config = config.map_err(|why| Error::new(Kind::Decode, "fc:ListTriggers", "Decode", why))?;
        found.push(HttpTrigger {
            name: trigger.trigger_name,
            auth: config.auth_type,
            internet: !config.disable_url_internet,
            methods: config.methods,
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Secrets in the variables. Whether the listing shows the variables of every function is not documented: where it does not, the
/// function itself is asked, and what that leaves out is not there.
async fn hits(session: &Session, row: &fc::Function) -> Result<Vec<SecretHit>, Error> {
    let looked = |variables: Vec<(&str, String)>| {
        secrets::in_pairs(variables.iter().map(|(name, value)| (*name, value.as_str())))
    };
    match row.variables() {
        Some(variables) => Ok(looked(variables)),
        None => {
            let detail = session.call(&GetFunction { name: &row.function_name }).await?;
            Ok(detail.variables().map(looked).unwrap_or_default())
        }
    }
}
