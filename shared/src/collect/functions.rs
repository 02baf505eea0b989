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
    let Listed { rows, unread } = offered_in(fc::REGIONS, listed(session, ListFunctions::default()).await);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::stub::Stub;
    use crate::snapshot::Unread;

    fn answer(asked: &str) -> Option<(u16, String)> {
        let path = asked.strip_prefix("fcv3.cn-hangzhou.aliyuncs.com/2023-03-30/functions")?;
        let trigger = |config: &str| {
            let row =
                serde_json::json!({ "triggerName": "t", "triggerType": "http", "triggerConfig": config });
            serde_json::json!({ "triggers": [row] }).to_string()
        };
        let gone = || (404, r#"{"Code":"FunctionNotFound","Message":"gone"}"#.to_owned());
        Some(match path {
            "?limit=100" => (
                200,
                r#"{"functions":[{"functionName":"told","environmentVariables":{"DB_PASSWORD":"hunter2"}},
                    {"functionName":"asked"},{"functionName":"gone"},{"functionName":"odd","environmentVariables":{}}]}"#
                    .to_owned(),
            ),
            "/told/triggers?limit=100" => (200, trigger(r#"{"authType":"anonymous","methods":["GET"]}"#)),
            "/asked/triggers?limit=100" => (200, r#"{"triggers":[]}"#.to_owned()),
            "/asked?" => {
                (200, r#"{"functionName":"asked","environmentVariables":{"TOKEN":"x"}}"#.to_owned())
            }
            "/odd/triggers?limit=100" => (200, trigger("{}")),
            "/gone/triggers?limit=100" | "/gone?" => gone(),
            _ => return None,
        })
    }

    #[tokio::test]
    async fn each_function_with_its_triggers_and_what_is_found_in_its_variables() {
        let (session, stub) = Stub::session(answer);
        let (functions, texts) = functions(&session, "1").await;
        assert!(functions.is_whole() && texts.is_whole());
        let names: Vec<&str> = functions.rows.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["asked", "odd", "told"], "what is gone is left out");
        let told = functions.rows[2].http_triggers.known().unwrap();
        assert_eq!((told[0].auth.as_str(), told[0].internet), ("anonymous", true));
        let odd = functions.rows[1].http_triggers.unread().unwrap();
        assert_eq!((odd.code.as_str(), odd.region.as_str()), ("Decode", "cn-hangzhou"));
        assert_eq!(texts.rows[2].resource, "acs:fc:cn-hangzhou:1:functions/told");
        assert_eq!(texts.rows[2].hits.known().unwrap()[0].place, "DB_PASSWORD");
        assert!(!format!("{functions:?}{texts:?}").contains("hunter2"));
        assert!(!stub.was_asked("/told?") && !stub.was_asked("/odd?"), "what was told is not asked for");
    }

    #[test]
    fn no_host_means_nothing_only_where_the_product_is_not() {
        let none = |region: &str, code: &str| {
            let why = Unread { region: region.to_owned(), ..Unread::new("fc:ListFunctions", code, "") };
            offered_in(fc::REGIONS, Listed::<()>::unread(why)).is_whole()
        };
        assert!(none("na-south-1", "Connect"));
        assert!(!none("cn-hangzhou", "Connect") && !none("na-south-1", "AccessDenied"));
    }
}
