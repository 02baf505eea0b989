//! Real binaries, started and spoken to as Function Compute does.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::{Account, Keys, Settings, Simulator};
use tempfile::TempDir;

/// The function that is meant where none is named.
const ROOT_KEY: &str = "root-key-revoke";
/// Nothing in a test takes longer; what does has hung.
const PATIENCE: Duration = Duration::from_secs(120);

/// The path of a binary of `package`, as it is now: built once in a test run, in the profile and folder of the tests.
///
/// # Panics
/// When it cannot be built.
pub fn binary(package: &str, name: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().expect("no build has panicked");
    let folder = built.entry(package.to_owned()).or_insert_with(|| build(package));
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn build(package: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.parent().and_then(Path::parent).expect("…/<profile>/deps/<test>").to_owned();
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let target = folder.parent().expect("a profile's folder is in the target folder");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([
        "build",
        "--quiet",
        "--offline",
        "-p",
        package,
        "--bins",
        "--profile",
        profile,
        "--target-dir",
    ]);
    cargo.arg(target).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    // What cargo tells a test of its own package would make build scripts of others run again.
    for (name, _) in std::env::vars_os() {
        let of_package = name.to_str().is_some_and(|name| {
            ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        });
        if of_package {
            cargo.env_remove(name);
        }
    }
    let status = cargo.status().expect("cargo starts");
    assert!(status.success(), "{package} was not built: {status}");
    folder
}

/// A port on which nobody listens, given out once by this process. Not one of those that the system itself gives out: between the
/// choice and the start a simulator, or another test's function, could get it, and answer in the place of the one that is started.
///
/// # Panics
/// When there is none left.
pub fn free_port() -> u16 {
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 10_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Processes that run at the same time begin at different places.
    let begin = std::process::id().wrapping_mul(7919);
    let mut tried =
        (0..COUNT).map(|_| NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(begin) % COUNT + FIRST);
    let free = tried.find_map(|port| {
        let port = u16::try_from(port).ok()?;
        TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok().then_some(port)
    });
    free.expect("a port is free")
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Header names are in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The result of an invocation that succeeded.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn result(&self) -> Value {
        let marked = self.headers.get("x-fc-status").map(String::as_str);
        assert_eq!((self.status, marked), (200, Some("200")), "{}", self.body);
        self.json()
    }

    /// Type and message of an invocation that failed.
    ///
    /// # Panics
    /// When it did not, or not in the manner of the contract.
    #[track_caller]
    pub fn failure(&self) -> (String, String) {
        let marked = self.headers.get("x-fc-status").map(String::as_str);
        assert_eq!((self.status, marked), (404, Some("404")), "{}", self.body);
        let body = self.json();
        let members: Vec<_> = body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        assert_eq!(members, ["errorMessage", "errorType"], "{}", self.body);
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (text("errorType"), text("errorMessage"))
    }
}

/// A connection that is kept open between requests.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects to a port of this machine.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn to(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and waits for its reply.
    ///
    /// # Errors
    /// When the connection ends before.
    pub fn ask(&mut self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> std::io::Result<Reply> {
        let mut head = format!("{line} HTTP/1.1\r\nhost: function\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "content-type: application/octet-stream\r\n\r\n";
        let stream = self.0.get_mut();
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let broken = |what: &str| std::io::Error::new(std::io::ErrorKind::UnexpectedEof, what.to_owned());
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err(broken("no reply"));
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let status = lines.first().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let headers: BTreeMap<String, String> = lines
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Reply { status: status.ok_or_else(|| broken("not HTTP"))?, headers, body })
    }
}

/// Environment variables.
pub type Vars = BTreeMap<String, String>;

/// A function that runs. Dropping it kills it.
pub struct Function {
    child: Child,
    port: u16,
    lines: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Function {
    /// Starts `root-key-revoke` with these variables and no others, and waits until it answers.
    ///
    /// # Panics
    /// When it does not.
    pub fn start(vars: &Vars) -> Self {
        Self::start_of(ROOT_KEY, vars)
    }

    /// The same with the function `name`.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn start_of(name: &str, vars: &Vars) -> Self {
        // The port may be taken between the choice and the start.
        (0..5)
            .find_map(|_| {
                let port = free_port();
                let mut vars = vars.clone();
                vars.insert("FC_SERVER_PORT".to_owned(), port.to_string());
                Self::answering(Self::spawn_of(name, port, &vars))
            })
            .expect("the function starts")
    }

    /// Starts it with these variables and no others; they should make it listen on `port`. `None` if it ended instead.
    ///
    /// # Panics
    /// When it neither answers nor ends.
    pub fn start_on(port: u16, vars: &Vars) -> Option<Self> {
        Self::answering(Self::spawn(port, vars))
    }

    fn answering(mut function: Self) -> Option<Self> {
        let (begun, port) = (Instant::now(), function.port);
        loop {
            if function.child.try_wait().expect("a child can be waited for").is_some() {
                return None;
            }
            let answered = Connection::to(port).and_then(|mut open| open.ask("GET /ready", &[], b""));
            if answered.is_ok() {
                return Some(function);
            }
            assert!(begun.elapsed() < PATIENCE, "no answer on port {port}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts it and waits for nothing.
    ///
    /// # Panics
    /// When there is no such binary.
    pub fn spawn(port: u16, vars: &Vars) -> Self {
        Self::spawn_of(ROOT_KEY, port, vars)
    }

    fn spawn_of(name: &str, port: u16, vars: &Vars) -> Self {
        let mut child = Command::new(binary(name, name))
            .env_clear()
            .envs(vars)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let pipes: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|pipe| Box::new(pipe) as _),
            child.stderr.take().map(|pipe| Box::new(pipe) as _),
        ];
        let follow = |pipe: Box<dyn Read + Send>| {
            let lines = Arc::clone(&lines);
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    lines.lock().expect("nobody panics with it").push(line);
                }
            })
        };
        let readers = pipes.into_iter().flatten().map(follow).collect();
        Self { child, port, lines, readers }
    }

    /// A connection to it.
    ///
    /// # Panics
    /// When it does not listen.
    pub fn connect(&self) -> Connection {
        Connection::to(self.port).expect("the function listens")
    }

    /// One request over a connection of its own.
    ///
    /// # Errors
    /// When it has no reply.
    pub fn ask(&self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> std::io::Result<Reply> {
        Connection::to(self.port)?.ask(line, headers, body)
    }

    /// `POST /invoke`.
    ///
    /// # Panics
    /// When there is no reply.
    #[track_caller]
    pub fn invoke_with(&self, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.ask("POST /invoke", headers, body).expect("an invocation is replied to")
    }

    /// `POST /invoke` without any header, so with the credentials of the environment.
    ///
    /// # Panics
    /// When there is no reply.
    #[track_caller]
    pub fn invoke(&self, event: &Value) -> Reply {
        self.invoke_with(&[], event.to_string().as_bytes())
    }

    /// What it has printed so far.
    ///
    /// # Panics
    /// When reading it has panicked.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("nobody panics with it").clone()
    }

    /// Waits until it has printed a line that holds `part`: lines may come after the reply.
    ///
    /// # Panics
    /// When it does not print one.
    #[track_caller]
    pub fn wait_for_line(&self, part: &str) -> Vec<String> {
        let begun = Instant::now();
        loop {
            let lines = self.lines();
            if lines.iter().any(|line| line.contains(part)) {
                return lines;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "no line with {part:?}: {lines:#?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it at once, as a crash of the machine would.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        self.wait();
    }

    /// Asks it to end (SIGTERM).
    ///
    /// # Panics
    /// When the system refuses.
    pub fn terminate(&self) {
        let signal = format!("kill -TERM {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &signal]).status().expect("a shell");
        assert!(sent.success(), "{sent}");
    }

    /// Waits for its end and the end of its output.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn wait(&mut self) -> ExitStatus {
        let status = self.child.wait().expect("a child can be waited for");
        for reader in self.readers.drain(..) {
            reader.join().expect("reading does not panic");
        }
        status
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The headers of an invocation in the name of `keys`.
pub fn credential_headers(keys: &Keys) -> Vec<(&str, &str)> {
    let mut headers = vec![("x-fc-access-key-id", &*keys.id), ("x-fc-access-key-secret", &*keys.secret)];
    headers.extend(keys.token.as_deref().map(|token| ("x-fc-security-token", token)));
    headers
}

/// A simulated account, a folder for the state, and the variables that a function needs there.
pub struct Site {
    /// The account.
    pub cloud: Simulator,
    /// The variables: the role's credentials, a configuration with a channel and the quarantine, a state folder.
    pub vars: Vars,
    folder: TempDir,
}

impl Default for Site {
    fn default() -> Self {
        Self::of(Account::builtin())
    }
}

impl Site {
    /// A site with this account.
    ///
    /// # Panics
    /// When the system gives no socket or no folder.
    pub fn of(account: Account) -> Self {
        let cloud = Simulator::start(account, Settings::default()).expect("a free port");
        let folder = tempfile::tempdir().expect("a folder");
        let keys = cloud.credentials("hardening-root-key-revoke").expect("the role of the function");
        let mut site = Self { vars: Vars::new(), cloud, folder };
        let url = site.cloud.base_url();
        let config = format!(
            "root_key: {{quarantine: true}}\nnotify:\n  channels:\n    - {{name: ops, type: webhook, url: \"{url}/inbox/ops\"}}\n"
        );
        let config = site.file("hardening.yaml", &config);
        let state = format!("file://{}", site.path("state").display());
        for (name, value) in [
            ("ALIBABA_CLOUD_ENDPOINT_URL", url),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", keys.id),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", keys.secret),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", keys.token.unwrap_or_default()),
            ("HARDENING_CONFIG", config),
            ("HARDENING_STATE", state),
        ] {
            site.vars.insert(name.to_owned(), value);
        }
        // Every key that calls from the internet, from where it calls.
        let state = site.cloud.state();
        let keys = state["users"].as_array().into_iter().flatten();
        let keys = keys.flat_map(|user| user["keys"].as_array().cloned().unwrap_or_default());
        let callers = keys.filter_map(|key| {
            let text = |name: &str| key[name].as_str().map(str::to_owned);
            Some((text("id")?, text("calls_from").filter(|_| key.get("calls_from_vpc").is_none())?))
        });
        let callers: Vec<_> = callers.collect();
        assert!(callers.len() > 3, "{state}");
        site.cloud.watch(callers);
        site
    }

    /// The same variables for the function of another role, with another configuration, in which `INBOX` stands for the
    /// simulator's.
    ///
    /// # Panics
    /// When there is no such role.
    pub fn vars_of(&self, role: &str, config: &str) -> Vars {
        let keys = self.cloud.credentials(role).expect("a role with a session");
        let config = config.replace("INBOX", &format!("{}/inbox", self.cloud.base_url()));
        let mut vars = self.with("HARDENING_CONFIG", &self.file(&format!("{role}.yaml"), &config));
        vars.insert("ALIBABA_CLOUD_ACCESS_KEY_ID".to_owned(), keys.id);
        vars.insert("ALIBABA_CLOUD_ACCESS_KEY_SECRET".to_owned(), keys.secret);
        vars.insert("ALIBABA_CLOUD_SECURITY_TOKEN".to_owned(), keys.token.unwrap_or_default());
        vars
    }

    /// A path in the site's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file there and returns its path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the folder can be written");
        path.to_str().expect("a path of ours").to_owned()
    }

    /// The variables, with one changed.
    pub fn with(&self, name: &str, value: &str) -> Vars {
        let mut vars = self.vars.clone();
        vars.insert(name.to_owned(), value.to_owned());
        vars
    }

    /// Everything that the state holds, by path.
    pub fn stored(&self) -> BTreeMap<PathBuf, String> {
        fn read(folder: &Path, into: &mut BTreeMap<PathBuf, String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    read(&path, into);
                } else if let Ok(data) = std::fs::read(&path) {
                    into.insert(path, String::from_utf8_lossy(&data).into_owned());
                }
            }
        }
        let mut stored = BTreeMap::new();
        read(&self.path("state"), &mut stored);
        stored
    }

    /// The account without what happened in it: what nothing may have changed.
    pub fn account(&self) -> Value {
        let mut state = self.cloud.state();
        state["events"] = json!(null);
        state
    }

    /// Ids of the messages of a kind that people got, each once.
    pub fn told(&self, kind: &str) -> Vec<String> {
        let bodies = self.cloud.inbox().into_iter().filter_map(|one| serde_json::from_str(&one.body).ok());
        let mut ids: Vec<String> = bodies
            .filter(|body: &Value| body["kind"] == kind)
            .map(|body| body["id"].as_str().unwrap_or_default().to_owned())
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// Checks that nobody was locked out at any moment and that the client asked for nothing that does not exist.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn nobody_was_harmed(&self) {
        assert_eq!(self.cloud.lockouts(), []);
        let wrong: Vec<_> = self.cloud.calls().into_iter().filter(|call| !call.unknown.is_empty()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
