//! The real binaries as child processes, and as much HTTP/1.1 as it takes to talk to them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use simulator::{Account, Keys, Settings, Simulator};

/// The longest that a reply may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(130);

/// The path of one of the workspace's binaries, built once in a test run: as these tests are built, and beside them.
pub fn binary(name: &str) -> PathBuf {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(build);
    built.get(name).unwrap_or_else(|| panic!("the workspace has no binary {name}: {built:?}")).clone()
}

/// The outer cargo holds no lock while tests run, so that an inner one may work in the same target folder.
fn build() -> BTreeMap<String, PathBuf> {
    let own = std::env::current_exe().expect("a test knows its own path");
    let profile = own.ancestors().nth(2).expect("tests lie in TARGET/PROFILE/deps");
    let target = profile.parent().expect("a profile's folder lies in the target folder");
    let name = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let mut cargo = Command::new(env!("CARGO"));
    // What the outer cargo tells of this package would make build scripts run anew.
    for (name, _) in std::env::vars_os() {
        let of_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if name.to_str().is_some_and(of_package) {
            cargo.env_remove(name);
        }
    }
    let output = cargo
        .args(["build", "--workspace", "--bins", "--message-format=json-render-diagnostics", "--profile", name])
        .arg("--target-dir")
        .arg(target)
        .current_dir(workspace())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "the binaries cannot be built: {}", output.status);
    let made = output.stdout.split(|byte| *byte == b'\n').filter_map(|line| {
        let line: Value = serde_json::from_slice(line).ok()?;
        let path = line["executable"].as_str()?;
        Some((line["target"]["name"].as_str()?.to_owned(), PathBuf::from(path)))
    });
    made.collect()
}

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workspace")
}

/// Variables of an environment.
pub type Vars = BTreeMap<String, String>;

/// A function as Function Compute runs it: its binary, with no environment but the one given. Dropping it kills it.
pub struct Function {
    child: Child,
    port: u16,
    lines: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Function {
    /// Starts `root-key-revoke` on a free port and waits until it answers.
    pub fn start(env: &Vars) -> Self {
        // Between finding a free port and taking it, somebody else may have taken it.
        for _ in 0..5 {
            let port = free_port();
            let mut env = env.clone();
            env.insert("FC_SERVER_PORT".to_owned(), port.to_string());
            let mut function = Self::start_at(&env, port);
            if function.is_ready() {
                return function;
            }
        }
        panic!("root-key-revoke does not answer");
    }

    /// Starts it without a word about the port: `env` decides. Does not wait.
    pub fn start_at(env: &Vars, port: u16) -> Self {
        let mut child = Command::new(binary("root-key-revoke"))
            .env_clear()
            .envs(env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let out = collect(child.stdout.take().expect("piped"), Arc::clone(&lines));
        let err = collect(child.stderr.take().expect("piped"), Arc::clone(&lines));
        Self { child, port, lines, readers: vec![out, err] }
    }

    /// Waits until it answers; false once it has ended.
    pub fn is_ready(&mut self) -> bool {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if self.child.try_wait().expect("a child can be asked").is_some() {
                return false;
            }
            // No path of its own: nothing is run, nothing is logged.
            let answered = Connection::open(self.port).and_then(|mut it| it.send("GET", "/", &[], b""));
            if answered.is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("root-key-revoke runs and does not answer: {:?}", self.lines());
    }

    /// The port it was told to listen on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `POST /invoke` over a connection of its own.
    pub fn invoke(&self, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.send("POST", "/invoke", headers, body)
    }

    /// One request over a connection of its own.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let sent = self.connect().send(method, path, headers, body);
        sent.unwrap_or_else(|error| panic!("{method} {path}: {error}; it said: {:?}", self.lines()))
    }

    /// A connection that stays open.
    pub fn connect(&self) -> Connection {
        Connection::open(self.port).expect("a running function accepts connections")
    }

    /// What it has printed so far, on both streams.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no reader panics").clone()
    }

    /// Asks it to end, as the platform does (SIGTERM). Does not wait.
    pub fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(status.expect("kill can be run").success(), "the process is gone already");
    }

    /// Waits until it has ended, and gives all that it printed.
    pub fn wait(mut self) -> (ExitStatus, Vec<String>) {
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                for reader in self.readers.drain(..) {
                    reader.join().expect("no reader panics");
                }
                return (status, self.lines());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end: {:?}", self.lines());
    }

    /// Ends it at once, wherever it is (SIGKILL), and gives what it had printed.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("a child can be killed");
        self.wait().1
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(stream: impl std::io::Read + Send + 'static, into: Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            into.lock().expect("no other panics").push(String::from_utf8_lossy(&line).into_owned());
        }
    })
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("there is a free port");
    listener.local_addr().expect("a listener has an address").port()
}

/// A connection over which requests are sent one after the other.
pub struct Connection(BufReader<TcpStream>);

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, as text.
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of a success, by the contract.
    pub fn success(&self) -> Value {
        let fc = self.headers.get("x-fc-status").map(String::as_str);
        assert_eq!((self.status, fc), (200, Some("200")), "{self:?}");
        self.json()
    }

    /// Type and message of a failure, by the contract.
    pub fn failure(&self) -> (String, String) {
        let fc = self.headers.get("x-fc-status").map(String::as_str);
        assert_eq!((self.status, fc), (404, Some("404")), "{self:?}");
        let body = self.json();
        let mut names: Vec<&String> = body.as_object().expect("an object").keys().collect();
        names.sort();
        assert_eq!(names, ["errorMessage", "errorType"]);
        let text = |name: &str| body[name].as_str().expect("a text").to_owned();
        (text("errorType"), text("errorMessage"))
    }
}

impl Connection {
    fn open(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and reads the reply.
    ///
    /// # Errors
    /// When the connection ends before the reply does.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Reply> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: function\r\ncontent-type: application/octet-stream\r\n\
             content-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        let stream = self.0.get_mut();
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        self.read()
    }

    fn read(&mut self) -> std::io::Result<Reply> {
        let broken = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_owned());
        let mut line = || {
            let mut line = String::new();
            match self.0.read_line(&mut line)? {
                0 => Err(broken("the connection was closed")),
                _ => Ok(line.trim_end().to_owned()),
            }
        };
        let status = line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| broken("not a status line"))?;
        let mut headers = BTreeMap::new();
        loop {
            let line = line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| broken("not a header"))?;
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.ok_or_else(|| broken("a reply without a length"))?];
        self.0.read_exact(&mut body)?;
        Ok(Reply { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// A simulated account, and what a function that is deployed in it has: a store and a configuration.
pub struct Stage {
    /// The account.
    pub cloud: Simulator,
    /// What the function is given for an environment.
    pub env: Vars,
    folder: tempfile::TempDir,
}

impl Stage {
    /// The built-in account, quarantine allowed, one channel: the simulator's inbox `ops`.
    pub fn new() -> Self {
        Self::of(Account::builtin())
    }

    /// The same with another account.
    pub fn of(account: Account) -> Self {
        let cloud = Simulator::start(account, Settings::default()).expect("there is a port for it");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut stage = Self { cloud, env: Vars::new(), folder };
        stage.set("HARDENING_STATE", &format!("file://{}", stage.path("state").display()));
        stage.set("HARDENING_CONFIG", &stage.path("hardening.yaml").display().to_string());
        stage.set("ALIBABA_CLOUD_ENDPOINT_URL", &stage.cloud.base_url());
        stage.configure("root_key: {mode: revoke, quarantine: true}\nbreak_glass: [user/emergency-admin]\n");
        stage
    }

    /// Writes the configuration: what every test needs, and `more`.
    pub fn configure(&self, more: &str) {
        let url = format!("{}/inbox/ops", self.cloud.base_url());
        let channel = format!("{{name: ops, type: webhook, url: \"{url}\", min_severity: low}}");
        let text = format!("version: 1\n{more}notify:\n  channels:\n    - {channel}\n");
        std::fs::write(self.path("hardening.yaml"), text).expect("the folder can be written");
    }

    /// Sets a variable of the function's environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// A path in the stage's own folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the function.
    pub fn function(&self) -> Function {
        Function::start(&self.env)
    }

    /// The credentials that the platform would bring: a session of the function's role.
    pub fn role(&self) -> Vec<(&'static str, String)> {
        self.as_principal("hardening-root-key-revoke")
    }

    /// The credentials of any principal of the account, as headers of an invocation.
    pub fn as_principal(&self, name: &str) -> Vec<(&'static str, String)> {
        headers_of(&self.cloud.credentials(name).unwrap_or_else(|| panic!("{name} has no credentials")))
    }

    /// Invokes with the role's credentials and a request id.
    pub fn invoke(&self, function: &Function, body: impl ToString) -> Reply {
        function.invoke(&borrowed(&self.role()), body.to_string().as_bytes())
    }

    /// An event in the envelope that EventBridge sends it in.
    pub fn envelope(&self, event: &Value) -> Value {
        Simulator::envelope(event, &self.cloud.account_id())
    }

    /// Everything in the account that the function could have changed: users with their keys, and policies.
    pub fn settings(&self) -> Value {
        let mut state = self.cloud.state();
        let mut settings = serde_json::Map::new();
        for part in ["root", "users", "roles", "policies", "rules", "buckets", "access_key_policy"] {
            let mut value = state[part].take();
            forget_use(&mut value);
            settings.insert(part.to_owned(), value);
        }
        Value::Object(settings)
    }

    /// The ids of all messages that arrived, in order.
    pub fn messages(&self) -> Vec<String> {
        let id = |body: &str| Some(serde_json::from_str::<Value>(body).ok()?["id"].as_str()?.to_owned());
        let arrived = self.cloud.inbox().into_iter().filter(|delivery| delivery.status == 200);
        arrived.map(|delivery| id(&delivery.body).expect("a message has an id")).collect()
    }

    /// Every file of the store, as text.
    pub fn stored(&self) -> BTreeMap<PathBuf, String> {
        fn walk(folder: &Path, into: &mut BTreeMap<PathBuf, String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("a folder can be read").path();
                if path.is_dir() {
                    walk(&path, into);
                } else {
                    let bytes = std::fs::read(&path).expect("a file can be read");
                    into.insert(path, String::from_utf8_lossy(&bytes).into_owned());
                }
            }
        }
        let mut files = BTreeMap::new();
        walk(&self.path("state"), &mut files);
        files
    }

    /// Runs `harden` in the function's surroundings, with the role's credentials in the environment.
    pub fn harden(&self, arguments: &[&str]) -> Output {
        let keys = self.cloud.credentials("hardening-root-key-revoke").expect("the role has a session");
        let mut env = self.env.clone();
        env.extend(environment_of(&keys));
        harden(&env, arguments)
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// Reading the account leaves traces of use, which are no change.
fn forget_use(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.starts_with("last_"));
            members.values_mut().for_each(forget_use);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_use),
        _ => {}
    }
}

/// Runs `harden` with no environment but this one.
pub fn harden(env: &Vars, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary("harden"));
    command.env_clear().envs(env).args(arguments).stdin(Stdio::null()).current_dir(workspace());
    command.output().expect("the binary can be run")
}

/// The headers by which the platform brings credentials.
pub fn headers_of(keys: &Keys) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("x-fc-request-id", format!("request-{}", keys.id)),
        ("x-fc-access-key-id", keys.id.clone()),
        ("x-fc-access-key-secret", keys.secret.clone()),
    ];
    headers.extend(keys.token.clone().map(|token| ("x-fc-security-token", token)));
    headers
}

/// The variables by which credentials are given to a process.
pub fn environment_of(keys: &Keys) -> Vars {
    let pairs = [("ALIBABA_CLOUD_ACCESS_KEY_ID", &keys.id), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &keys.secret)];
    let token = keys.token.as_ref().map(|token| ("ALIBABA_CLOUD_SECURITY_TOKEN", token));
    pairs.into_iter().chain(token).map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// Headers as a request takes them.
pub fn borrowed<'a>(headers: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
}
