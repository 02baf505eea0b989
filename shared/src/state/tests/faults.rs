//! Crashes between any two steps, lost requests and lost replies.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::FutureExt as _;
use simulator::{Fault, FaultKind};

use super::*;

/// How an operation goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// It fails and says so.
    Refused,
    /// It does not arrive, and nobody knows.
    RequestLost,
    /// It is done, and nobody knows.
    ReplyLost,
    /// It is done, its reply is lost, and the repeat hears that it exists.
    Repeated,
}

const BREAKS: [Break; 4] = [Break::Refused, Break::RequestLost, Break::ReplyLost, Break::Repeated];

/// A backend of which one operation breaks: the `at`th, counted from zero.
struct Broken {
    store: Store,
    how: Break,
    at: usize,
    seen: AtomicUsize,
}

impl Broken {
    fn new(store: &Store, how: Break, at: usize) -> Arc<Self> {
        Arc::new(Self { store: store.clone(), how, at, seen: AtomicUsize::new(0) })
    }

    fn store(self: &Arc<Self>) -> Store {
        Store::from_backend(Arc::clone(self) as Arc<dyn Backend>, Random::system())
    }

    fn now(&self) -> Option<Break> {
        (self.seen.fetch_add(1, Ordering::SeqCst) == self.at).then_some(self.how)
    }

    fn failed(&self, operation: Operation, key: &str) -> StateError {
        StateError::failed(operation, self.url(key), "broken on purpose")
    }
}

impl Backend for Broken {
    fn url(&self, key: &str) -> String {
        self.store.url(key)
    }

    fn create<'a>(&'a self, key: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<bool, StateError>> {
        async move {
            let lost = || StateError::ambiguous(self.url(key), "broken on purpose");
            match self.now() {
                None => self.store.backend.create(key, bytes).await,
                Some(Break::Refused) => Err(self.failed(Operation::Create, key)),
                Some(Break::RequestLost) => Err(lost()),
                Some(Break::ReplyLost) => {
                    self.store.backend.create(key, bytes).await?;
                    Err(lost())
                }
                Some(Break::Repeated) => {
                    self.store.backend.create(key, bytes).await?;
                    Ok(false)
                }
            }
        }
        .boxed()
    }

    fn read<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, StateError>> {
        async move {
            if self.now().is_some() {
                return Err(self.failed(Operation::Read, key));
            }
            self.store.backend.read(key).await
        }
        .boxed()
    }

    fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StateError>> {
        async move {
            if self.now().is_some() {
                return Err(self.failed(Operation::List, prefix));
            }
            self.store.backend.list(prefix).await
        }
        .boxed()
    }
}

/// Something with several steps that ends at its first failure and goes on where it stopped when run again.
async fn work(store: &Store, case: &str) -> Result<(), StateError> {
    const STEPS: [&str; 4] = ["opened", "intended", "done", "proved"];
    let series = store.series(&format!("cases/{case}"));
    let history: Vec<String> = series.read().await?;
    for (at, step) in STEPS.iter().enumerate().skip(history.len()) {
        assert_eq!(series.append(at as u64 + 1, step).await?, Appended::Done, "nobody else is there");
    }
    store.create(&format!("archived/{case}"), Bytes::from_static(b"{}")).await?;
    Ok(())
}

/// Breaks the work at each of its operations in each way, and lets it resume.
async fn resumes_after_any_crash(open: &Opener) {
    let store = open();
    let mut crashes = 0;
    for how in BREAKS {
        for at in 0.. {
            let case = format!("{how:?}-{at}");
            let broken = Broken::new(&store, how, at);
            let outcome = work(&broken.store(), &case).await;
            if broken.seen.load(Ordering::SeqCst) <= at {
                assert_eq!(outcome, Ok(()), "nothing broke");
                break;
            }
            crashes += usize::from(outcome.is_err());
            work(&open(), &case).await.unwrap();
            let history: Vec<String> = store.series(&format!("cases/{case}")).read().await.unwrap();
            assert_eq!(history, ["opened", "intended", "done", "proved"], "{case}");
            assert_eq!(store.list(&format!("cases/{case}/")).await.unwrap().len(), 4, "{case}");
        }
    }
    assert!(crashes > 10, "it did break");
}

/// A lost reply is no failure, a lost request no success, and a race is neither.
async fn tells_a_repeat_from_a_race(open: &Opener) {
    let plain = open();
    for (how, name) in [(Break::ReplyLost, "reply"), (Break::Repeated, "repeat")] {
        let series = Broken::new(&plain, how, 0).store().series(name);
        assert_eq!(series.append(1, "mine").await, Ok(Appended::Done), "{how:?}");
        assert_eq!(plain.series(name).read::<String>().await.unwrap(), ["mine"]);
    }
    for how in [Break::RequestLost, Break::ReplyLost, Break::Repeated] {
        let name = format!("raced-{how:?}");
        assert_eq!(plain.series(&name).append(1, "the same").await, Ok(Appended::Done));
        let late = Broken::new(&plain, how, 0).store().series(&name);
        assert_eq!(late.append(1, "the same").await, Ok(Appended::Taken), "{how:?}");
    }
    let lost = Broken::new(&plain, Break::RequestLost, 0).store().series("lost");
    let error = lost.append(1, "mine").await.unwrap_err();
    assert!(error.maybe_done(), "it could still arrive");
    let expected = format!(
        "cannot write {}: broken on purpose (it may have been written)",
        plain.url("lost/00000001.json")
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(lost.append(1, "mine").await, Ok(Appended::Done));
    let refused = Broken::new(&plain, Break::Refused, 0).store();
    assert!(!refused.create("refused", Bytes::new()).await.unwrap_err().maybe_done());
}

#[tokio::test]
async fn memory_survives() {
    let open = memory();
    resumes_after_any_crash(&open).await;
    tells_a_repeat_from_a_race(&open).await;
}

#[tokio::test]
async fn a_folder_survives() {
    let place = tempfile::tempdir().unwrap();
    let open = folder(place.path());
    resumes_after_any_crash(&open).await;
    tells_a_repeat_from_a_race(&open).await;
}

#[tokio::test]
async fn an_object_store_survives() {
    let cloud = Simulator::start(Account::builtin(), Settings::default()).unwrap();
    let open = object_store(&cloud, "faults");
    resumes_after_any_crash(&open).await;
    tells_a_repeat_from_a_race(&open).await;
}

/// The wire itself breaks: here it is the client's own retry that hears "exists".
#[tokio::test]
async fn a_lost_reply_of_the_object_store_is_no_race() {
    let cloud = Simulator::start(Account::builtin(), Settings::default()).unwrap();
    let store = object_store(&cloud, "wire")();
    let kinds = [FaultKind::Reset, FaultKind::Http500, FaultKind::Http503];
    let faults = kinds.into_iter().flat_map(|kind| {
        let fault = Fault::new("oss:PutObject", kind);
        [fault.clone().done_first(), fault.before()]
    });
    for (index, fault) in faults.enumerate() {
        let at = index as u64 + 1;
        cloud.fault(fault.clone());
        assert_eq!(store.series("entries").append(at, &at).await, Ok(Appended::Done), "{fault:?}");
        cloud.fault(fault.clone());
        assert_eq!(store.series("entries").append(at, &at).await, Ok(Appended::Taken), "{fault:?}");
    }
    assert_eq!(store.series("entries").read::<u64>().await, Ok(vec![1, 2, 3, 4, 5, 6]));

    cloud.fault(Fault::new("oss:PutObject", FaultKind::Deny).forever());
    let error = store.create("denied", Bytes::new()).await.unwrap_err();
    assert!(!error.maybe_done());
    assert!(error.to_string().starts_with("cannot write oss://hardening-state/wire/denied: "), "{error}");
    assert!(error.to_string().contains("AccessDenied"), "{error}");
}
