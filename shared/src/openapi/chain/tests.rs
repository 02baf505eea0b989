use std::path::Path;
use std::sync::{Arc, Mutex};

use futures_util::future::{BoxFuture, FutureExt as _};

use super::*;
use crate::ambient::{Clock, Random};
use crate::openapi::{Reply, Request, RetryPolicy, SendError, Target, Transport};

const ISSUED: &str = r#"{"RequestId": "R-1", "Credentials": {"AccessKeyId": "STS.role", "AccessKeySecret": "role-secret",
    "SecurityToken": "role-token", "Expiration": "2026-11-23T03:00:00Z"}}"#;

/// A status and a body.
type Outcome = Result<(u16, String), SendError>;

/// Answers each request as a test says, and keeps them.
struct Fake {
    answer: Box<dyn Fn(&Request) -> Outcome + Send + Sync>,
    sent: Mutex<Vec<Request>>,
}

impl Transport for Fake {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        let answer = (self.answer)(&request).map(|(status, body)| Reply {
            status,
            headers: Vec::new(),
            body: body.into(),
        });
        self.sent.lock().unwrap().push(request);
        async move { answer }.boxed()
    }
}

fn cloud(answer: impl Fn(&Request) -> Outcome + Send + Sync + 'static) -> (Client, Arc<Fake>) {
    let fake = Arc::new(Fake { answer: Box::new(answer), sent: Mutex::default() });
    let policy = RetryPolicy { attempts: 2, base: std::time::Duration::ZERO, ..RetryPolicy::default() };
    let clock = Clock::from_fn(|| "2026-11-23T02:00:00Z".parse().unwrap());
    let random = Random::from_fn(|| 7);
    let client = Client::with(fake.clone(), policy, &Env::default(), clock, random).unwrap();
    (client, fake)
}

fn nowhere() -> (Client, Arc<Fake>) {
    cloud(|_| Err(SendError::Timeout))
}

fn home(config: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aliyun")).unwrap();
    std::fs::write(home.path().join(".aliyun/config.json"), config).unwrap();
    home
}

fn env(home: &Path, more: &[(&str, &str)]) -> Env {
    let pairs = [("HOME", home.to_str().unwrap())];
    pairs.iter().chain(more).copied().collect()
}

fn profile(fields: &str) -> tempfile::TempDir {
    home(&format!(r#"{{"current": "work", "meta_path": "", "profiles": [{{"name": "work", {fields}}}]}}"#))
}

const KEY: &str = r#""access_key_id": "LTAIown", "access_key_secret": "own-secret""#;

fn shown(found: &Credentials) -> (&str, &str, Option<&str>) {
    (&found.key_id, found.secret(), found.token())
}

async fn message(client: &Client, env: &Env, name: Option<&str>) -> String {
    let error = find(client, env, name).await.unwrap_err();
    let text = format!("{error} {error:?}");
    for secret in ["own-secret", "own-token", "role-secret", "role-token", "pod-token"] {
        assert!(!text.contains(secret), "{text}");
    }
    error.to_string()
}

#[tokio::test]
async fn the_environment_comes_first_and_whole() {
    let (client, fake) = nowhere();
    let home = profile(&format!(r#""mode": "AK", {KEY}"#));
    let id = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenv");
    let secret = ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "env-secret");
    let token = ("ALIBABA_CLOUD_SECURITY_TOKEN", "env-token");
    let found = find(&client, &env(home.path(), &[id, secret]), None).await.unwrap();
    assert_eq!(shown(&found), ("LTAIenv", "env-secret", None));
    let found = find(&client, &env(home.path(), &[id, secret, token]), None).await.unwrap();
    assert_eq!(shown(&found), ("LTAIenv", "env-secret", Some("env-token")));
    let found = find(&client, &env(home.path(), &[id, secret]), Some("work")).await.unwrap();
    assert_eq!(found.key_id, "LTAIown", "a profile asked for by name goes before the environment");
    let text = message(&client, &env(home.path(), &[id]), None).await;
    assert!(text.contains("ALIBABA_CLOUD_ACCESS_KEY_SECRET is not"), "nobody else is taken instead: {text}");
    assert!(from_env(&env(home.path(), &[id])).is_none());
    assert!(from_env(&env(home.path(), &[id, secret])).is_some());
    assert!(fake.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn profiles_with_keys_need_no_call() {
    let (client, fake) = nowhere();
    let home = home(&format!(
        r#"{{"current": "plain", "profiles": [
            {{"name": "plain", "mode": "AK", {KEY}, "sts_token": "", "expired_seconds": 0, "language": "zh"}},
            {{"name": "session", "mode": "StsToken", {KEY}, "sts_token": "own-token"}}]}}"#
    ));
    let env_of = |more: &[(&str, &str)]| env(home.path(), more);
    let found = find(&client, &env_of(&[]), None).await.unwrap();
    assert_eq!(shown(&found), ("LTAIown", "own-secret", None));
    for (env, name) in
        [(env_of(&[]), Some("session")), (env_of(&[("ALIBABA_CLOUD_PROFILE", "session")]), None)]
    {
        let found = find(&client, &env, name).await.unwrap();
        assert_eq!(shown(&found), ("LTAIown", "own-secret", Some("own-token")));
    }
    assert!(fake.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_profile_becomes_its_role() {
    let (client, fake) = cloud(|_| Ok((200, ISSUED.to_owned())));
    let role = r#""mode": "RamRoleArn", "ram_role_arn": "acs:ram::1:role/audit", "ram_session_name": "me""#;
    let home = profile(&format!(r#"{role}, {KEY}, "expired_seconds": 900, "sts_region": "eu-central-1""#));
    let found = find(&client, &env(home.path(), &[]), None).await.unwrap();
    assert_eq!(shown(&found), ("STS.role", "role-secret", Some("role-token")));
    let sent = fake.sent.lock().unwrap();
    let request = &sent[0];
    assert_eq!(request.target, Target::Cloud("sts.eu-central-1.aliyuncs.com".to_owned()));
    assert!(request.header("authorization").unwrap().contains("LTAIown"), "signed with the profile's key");
    let parameters = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    for expected in ["DurationSeconds=900", "RoleArn=acs:ram::1:role/audit", "RoleSessionName=me"] {
        assert!(parameters.iter().any(|parameter| parameter == expected), "{parameters:?}");
    }
}

#[tokio::test]
async fn a_role_that_is_refused_is_not_replaced() {
    let refusal = r#"{"Code": "NoPermission", "Message": "not you, own-secret", "RequestId": "R-2"}"#;
    let (client, _) = cloud(move |_| Ok((403, refusal.to_owned())));
    let home = profile(&format!(r#""mode": "RamRoleArn", "ram_role_arn": "acs:ram::1:role/audit", {KEY}"#));
    let error = find(&client, &env(home.path(), &[]), None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let text = message(&client, &env(home.path(), &[]), None).await;
    assert!(text.contains("profile: sts:AssumeRole: NoPermission: not you, *** [request id R-2]"), "{text}");
    assert!(text.contains("before that: environment: ALIBABA_CLOUD_ACCESS_KEY_ID is not set"), "{text}");
}

#[tokio::test]
async fn a_pod_becomes_its_role_without_a_signature() {
    let (client, fake) = cloud(|_| Ok((200, ISSUED.to_owned())));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("token");
    std::fs::write(&file, "pod-token\n").unwrap();
    let env = env(
        place.path(),
        &[
            ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/pod"),
            ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/ack"),
            ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", file.to_str().unwrap()),
            ("ALIBABA_CLOUD_ROLE_SESSION_NAME", "harden"),
        ],
    );
    let found = find(&client, &env, None).await.unwrap();
    assert_eq!(shown(&found), ("STS.role", "role-secret", Some("role-token")));
    {
        let sent = fake.sent.lock().unwrap();
        assert_eq!(sent[0].target, Target::Cloud("sts.aliyuncs.com".to_owned()));
        assert!(sent[0].header("authorization").is_none());
        assert!(sent[0].query.contains(&("Action".to_owned(), "AssumeRoleWithOIDC".to_owned())));
        assert!(sent[0].query.contains(&("Timestamp".to_owned(), "2026-11-23T02:00:00Z".to_owned())));
        let form = sent[0].form();
        for (name, value) in [
            ("OIDCToken", "pod-token"),
            ("OIDCProviderArn", "acs:ram::1:oidc-provider/ack"),
            ("RoleArn", "acs:ram::1:role/pod"),
            ("RoleSessionName", "harden"),
            ("DurationSeconds", "3600"),
        ] {
            assert!(form.contains(&(name.to_owned(), value.to_owned())), "{name}");
        }
    }
    let refusal =
        r#"{"Code": "AuthenticationFail.OIDCToken", "Message": "bad: pod-token", "RequestId": "R"}"#;
    let (client, _) = cloud(move |_| Ok((400, refusal.to_owned())));
    let text = message(&client, &env, None).await;
    assert!(text.contains("AuthenticationFail.OIDCToken: bad: ***"), "{text}");
    let (client, fake) = cloud(|_| Ok((503, "<html>".to_owned())));
    let text = message(&client, &env, None).await;
    assert!(text.contains("HTTP 503 (after 2 attempts)"), "{text}");
    assert_eq!(fake.sent.lock().unwrap().len(), 2, "tried again");
    std::fs::remove_file(&file).unwrap();
    let text = message(&client, &env, None).await;
    assert!(text.contains(&format!("OIDC: cannot read {}", file.display())), "{text}");
}

#[tokio::test]
async fn a_profile_can_use_a_token_file_too() {
    let (client, fake) = cloud(|_| Ok((200, ISSUED.to_owned())));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("token");
    std::fs::write(&file, "pod-token").unwrap();
    let home = profile(&format!(
        r#""mode": "OIDC", "ram_role_arn": "acs:ram::1:role/pod", "oidc_provider_arn": "p", "oidc_token_file": {:?}"#,
        file.to_str().unwrap()
    ));
    assert_eq!(find(&client, &env(home.path(), &[]), None).await.unwrap().key_id, "STS.role");
    assert!(fake.sent.lock().unwrap()[0].form().contains(&("OIDCProviderArn".into(), "p".into())));
}

/// An instance with one role, that answers hardened requests only.
fn instance(request: &Request) -> Outcome {
    assert_eq!(request.target, Target::Link("http://100.100.100.200".to_owned()));
    assert!(request.timeout <= std::time::Duration::from_secs(1));
    let path = request.path.as_str();
    if (request.method.as_str(), path) == ("PUT", "/latest/api/token") {
        assert_eq!(request.header("x-aliyun-ecs-metadata-token-ttl-seconds"), Some("60"));
        return Ok((200, "imds-token".to_owned()));
    }
    assert_eq!(
        (request.method.as_str(), request.header("x-aliyun-ecs-metadata-token")),
        ("GET", Some("imds-token"))
    );
    Ok(match path.strip_prefix("/latest/meta-data/ram/security-credentials/") {
        Some("") => (200, "worker\n".to_owned()),
        Some("worker") => (
            200,
            r#"{"Code": "Success", "AccessKeyId": "STS.ecs", "AccessKeySecret": "s", "SecurityToken": "t"}"#
                .to_owned(),
        ),
        _ => (404, "not found".to_owned()),
    })
}

#[tokio::test]
async fn an_instance_has_a_role() {
    let (client, fake) = cloud(instance);
    let place = tempfile::tempdir().unwrap();
    let found = find(&client, &env(place.path(), &[]), None).await.unwrap();
    assert_eq!(shown(&found), ("STS.ecs", "s", Some("t")));
    assert_eq!(fake.sent.lock().unwrap().len(), 3);
    let named = env(place.path(), &[("ALIBABA_CLOUD_ECS_METADATA", "worker")]);
    assert!(find(&client, &named, None).await.is_ok());
    assert_eq!(fake.sent.lock().unwrap().len(), 5, "a known name is not asked for");
    let other = env(place.path(), &[("ALIBABA_CLOUD_ECS_METADATA", "other")]);
    assert!(
        message(&client, &other, None).await.contains("ECS instance role: the instance has no such role")
    );
    let off = env(place.path(), &[("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")]);
    assert!(message(&client, &off, None).await.contains("ALIBABA_CLOUD_ECS_METADATA_DISABLED is true"));
    let home = profile(r#""mode": "EcsRamRole", "ram_role_name": "worker""#);
    assert_eq!(find(&client, &env(home.path(), &[]), Some("work")).await.unwrap().key_id, "STS.ecs");
}

#[tokio::test]
async fn an_error_says_where_was_looked() {
    let (client, fake) = nowhere();
    let place = tempfile::tempdir().unwrap();
    let error = find(&client, &env(place.path(), &[]), None).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Credential, "NoCredentials"));
    let config = place.path().join(".aliyun/config.json");
    assert_eq!(
        error.message(),
        format!(
            "none were found. environment: ALIBABA_CLOUD_ACCESS_KEY_ID is not set; profile: {} does not exist; \
             OIDC: ALIBABA_CLOUD_OIDC_TOKEN_FILE is not set; \
             ECS instance role: the metadata service does not answer (no answer in time)",
            config.display()
        )
    );
    assert_eq!(fake.sent.lock().unwrap().len(), 1, "one time-out is enough");
    // The tool's own empty start is no setting.
    let empty = profile(r#""mode": "AK", "access_key_id": "", "access_key_secret": """#);
    assert!(message(&client, &env(empty.path(), &[]), None).await.contains("NoCredentials"));
}

#[tokio::test]
async fn what_is_wrong_with_a_profile_is_named() {
    let (client, fake) = nowhere();
    for (fields, part) in [
        (r#""mode": "CloudSSO""#, r#"profile "work" has the mode "CloudSSO""#),
        (r#""access_key_id": "x""#, r#"has the mode """#),
        (r#""mode": "AK", "access_key_id": "LTAIown""#, "has no access_key_secret"),
        (r#""mode": "AK", "access_key_id": "", "access_key_secret": null"#, "has no access key"),
        (&format!(r#""mode": "StsToken", {KEY}"#), "has no sts_token"),
        (&format!(r#""mode": "RamRoleArn", {KEY}"#), "has no ram_role_arn"),
        (
            &format!(r#""mode": "RamRoleArn", {KEY}, "ram_role_arn": "r", "sts_region": "x.evil.com/""#),
            "is not a region id",
        ),
        (r#""mode": "OIDC", "ram_role_arn": "r""#, "has no oidc_provider_arn"),
        (r#""mode": "AK", "access_key_secret": ["own-secret"]"#, "is not understood (at line 1, column"),
    ] {
        let home = profile(fields);
        let text = message(&client, &env(home.path(), &[]), Some("work")).await;
        assert!(text.contains(part), "{text}");
    }
    let home = profile(r#""mode": "AK""#);
    let text = message(&client, &env(home.path(), &[]), Some("other")).await;
    assert!(text.contains(r#"has no profile "other""#), "{text}");
    assert!(!text.contains("environment"), "nothing else was tried: {text}");
    assert!(fake.sent.lock().unwrap().is_empty());
}
