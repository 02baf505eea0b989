//! One suite for all three backends, and what happens when they break.

mod faults;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;
use simulator::{Account, Settings, Simulator};

use super::*;
use crate::ambient::{Clock, Env};
use crate::openapi::{Client, Credentials, HttpTransport, RetryPolicy, Transport};

/// Opens the same place anew each time, as another process would.
type Opener = dyn Fn() -> Store + Send + Sync;

fn memory() -> impl Fn() -> Store + Send + Sync {
    let location = Location::memory();
    move || Store::open(&location, None, Random::system()).unwrap()
}

fn folder(root: &Path) -> impl Fn() -> Store + Send + Sync + use<> {
    let location = Location::Folder(root.join("made on demand"));
    move || Store::open(&location, None, Random::system()).unwrap()
}

fn object_store(cloud: &Simulator, prefix: &str) -> impl Fn() -> Store + Send + Sync + use<> {
    let keys = cloud.credentials("hardening-root-key-revoke").unwrap();
    let credentials = Credentials::sts(keys.id, keys.secret, keys.token.unwrap());
    let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new(Some(&cloud.base_url())).unwrap());
    let location = Location::parse(&format!("oss://hardening-state/{prefix}?region=cn-hangzhou")).unwrap();
    move || {
        let env = Env::from_iter([("ALIBABA_CLOUD_REGION_ID", "eu-central-1")]);
        let (clock, random) = (Clock::system(), Random::system());
        let policy = RetryPolicy::default();
        let client = Client::with(Arc::clone(&transport), policy, &env, clock, random.clone()).unwrap();
        Store::open(&location, Some(client.session(credentials.clone(), None)), random).unwrap()
    }
}

async fn suite(open: &Opener) {
    creates_only_what_is_absent(open).await;
    lists_all_that_begins_so(open).await;
    keeps_a_series_in_order(open).await;
    tells_what_is_wrong_with_a_series(open).await;
    loses_no_entry_of_many_writers(open).await;
}

async fn creates_only_what_is_absent(open: &Opener) {
    let (one, other) = (open(), open());
    let (first, second) = (Bytes::from_static(b"first"), Bytes::from_static(b"second"));
    assert_eq!(one.read("objects/a").await, Ok(None));
    assert_eq!(one.create("objects/a", first.clone()).await, Ok(true));
    assert_eq!(other.create("objects/a", second).await, Ok(false), "not overwritten");
    assert_eq!(other.create("objects/a", first.clone()).await, Ok(true), "a repeat is no race");
    assert_eq!(other.read("objects/a").await, Ok(Some(first)));
    assert_eq!(one.create("objects/empty", Bytes::new()).await, Ok(true));
    assert_eq!(other.read("objects/empty").await, Ok(Some(Bytes::new())));
    let odd = format!("objects/{}", segment("acs:ram::1:user/ä ö"));
    assert_eq!(one.create(&odd, Bytes::new()).await, Ok(true));
    assert_eq!(other.list("objects/acs").await, Ok(vec![odd]));
    assert!(matches!(one.create("../objects", Bytes::new()).await, Err(StateError::Key { .. })));
    assert!(matches!(one.read("objects/").await, Err(StateError::Key { .. })));
    assert!(matches!(one.list("objects//").await, Err(StateError::Key { .. })));
}

async fn lists_all_that_begins_so(open: &Opener) {
    const MANY: usize = 1_111;
    let names: Vec<String> = (0..MANY).map(|n| format!("many/{}/{n:04}", n % 3)).collect();
    join_all(names.chunks(100).map(|names| async move {
        let store = open();
        for name in names {
            assert_eq!(store.create(name, Bytes::from_static(b"{}")).await, Ok(true));
        }
    }))
    .await;
    let store = open();
    assert_eq!(store.create("many-more", Bytes::new()).await, Ok(true));
    let mut sorted = names;
    sorted.sort();
    assert_eq!(store.list("many/").await.unwrap(), sorted, "read to the end, over pages and folders");
    let some: Vec<String> = sorted.iter().filter(|key| key.starts_with("many/1/00")).cloned().collect();
    assert_eq!(store.list("many/1/00").await.unwrap(), some);
    assert_eq!(store.list("many").await.unwrap().len(), MANY + 1);
    assert!(store.list("").await.unwrap().len() > MANY);
    assert_eq!(store.list("nothing/here").await, Ok(vec![]));
}

async fn keeps_a_series_in_order(open: &Opener) {
    let store = open();
    let series = store.series("ordered");
    assert_eq!(series.read::<u64>().await, Ok(vec![]));
    for at in 1..=12 {
        assert_eq!(series.append(at, &(at * at)).await, Ok(Appended::Done));
    }
    assert_eq!(series.append(12, &144).await, Ok(Appended::Taken), "equal, but another's");
    // What lies beside the entries is none of them.
    store.create("ordered/notes.json", Bytes::from_static(b"?")).await.unwrap();
    store.create("ordered/more/00000001.json", Bytes::from_static(b"?")).await.unwrap();
    let expected: Vec<u64> = (1..=12).map(|at| at * at).collect();
    assert_eq!(open().series("ordered/").read::<u64>().await, Ok(expected));
    assert!(matches!(series.append(0, &0).await, Err(StateError::Key { .. })));
}

async fn tells_what_is_wrong_with_a_series(open: &Opener) {
    let store = open();
    let gap = store.series("gap");
    for at in [1, 2, 4] {
        assert_eq!(gap.append(at, "entry").await, Ok(Appended::Done));
    }
    let error = gap.read::<String>().await.unwrap_err().to_string();
    assert!(error.starts_with(&store.url("gap/00000003.json")), "{error}");
    let foreign = Bytes::from_static(br#"{"writer": "me", "entry": {"key": "not to be repeated"}}"#);
    store.create("foreign/00000001.json", foreign).await.unwrap();
    let error = store.series("foreign").read::<u64>().await.unwrap_err().to_string();
    assert!(error.starts_with(&store.url("foreign/00000001.json")), "{error}");
    assert!(!error.contains("repeated"), "{error}");
}

async fn loses_no_entry_of_many_writers(open: &Opener) {
    const WRITERS: usize = 64;
    let places = join_all((0..WRITERS).map(|writer| async move {
        let series = open().series("contested");
        let mut at = 1;
        while series.append(at, &writer).await.unwrap() == Appended::Taken {
            at += 1;
        }
        at
    }))
    .await;
    let entries: Vec<usize> = open().series("contested").read().await.unwrap();
    assert_eq!(entries.len(), WRITERS, "every entry once");
    for (writer, at) in places.into_iter().enumerate() {
        assert_eq!(entries[at as usize - 1], writer, "each where its writer was told");
    }
}

#[tokio::test]
async fn memory_behaves() {
    suite(&memory()).await;
}

#[tokio::test]
async fn a_folder_behaves() {
    let place = tempfile::tempdir().unwrap();
    suite(&folder(place.path())).await;
}

#[tokio::test]
async fn an_object_store_behaves() {
    let cloud = Simulator::start(Account::builtin(), Settings::default()).unwrap();
    suite(&object_store(&cloud, "suite")).await;
}

#[test]
fn an_object_store_needs_credentials() {
    let location = Location::parse("oss://hardening-state/x").unwrap();
    let error = Store::open(&location, None, Random::system()).unwrap_err().to_string();
    assert!(error.starts_with("HARDENING_STATE: oss://hardening-state/x needs credentials"), "{error}");
}
