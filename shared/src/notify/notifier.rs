//! Who gets a message, and how hard it is tried.

use std::time::Duration;

use futures_util::future::join_all;
use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::channel::{Channel, Refusal, open};
use super::{Deliveries, Failed, Message, render};
use crate::ambient::Env;
use crate::config::{Config, ConfigError, Endpoint, Severity};
use crate::openapi::{Client, Request, SendError, Target};

/// Attempts for one channel, the first included.
const ATTEMPTS: u32 = 3;
/// One attempt may take this long.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// The first pause; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause, whatever the receiver asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Sends messages to the channels of a configuration.
pub struct Notifier {
    routes: Vec<Route>,
    client: Client,
}

struct Route {
    name: String,
    min_severity: Severity,
    fallback: bool,
    direct: bool,
    /// The channel, or why there is none.
    channel: Result<Box<dyn Channel>, String>,
    /// What must not be in any text about a failure.
    secrets: Option<Endpoint>,
}

impl Route {
    /// Whether messages of this severity are for it.
    fn takes(&self, severity: Severity) -> bool {
        !self.fallback && !self.direct && severity >= self.min_severity
    }
}

impl Notifier {
    /// The notifier of a configuration, with the URLs and secrets that the environment holds.
    ///
    /// # Errors
    /// When a variable that a channel names is not set, or does not hold a URL.
    pub fn new(config: &Config, env: &Env, client: Client) -> Result<Self, ConfigError> {
        for channel in &config.notify.channels {
            channel.endpoint(env).map_err(|why| config.wrong(channel, &why))?;
        }
        Ok(Self::forgiving(config, env, client))
    }

    /// The same, but a channel that cannot be used becomes one that fails each time and says why: a variable that
    /// is not set must not keep a response to an incident, nor the other channels, from their work.
    pub fn forgiving(config: &Config, env: &Env, client: Client) -> Self {
        let route = |channel: &crate::config::ChannelConfig| {
            let endpoint = channel.endpoint(env).map_err(|why| config.wrong(channel, &why).to_string());
            Route {
                name: channel.name.clone(),
                min_severity: channel.min_severity,
                fallback: channel.fallback,
                direct: channel.direct,
                channel: endpoint.clone().map(|endpoint| open(channel, endpoint)),
                secrets: endpoint.ok(),
            }
        };
        Self { routes: config.notify.channels.iter().map(route).collect(), client }
    }

    /// The channels that cannot be used, and why.
    pub fn broken(&self) -> Vec<&str> {
        self.routes.iter().filter_map(|route| route.channel.as_ref().err()).map(String::as_str).collect()
    }

    /// The names of the channels, in the order of the configuration.
    pub fn channels(&self) -> Vec<&str> {
        self.routes.iter().map(|route| route.name.as_str()).collect()
    }

    /// Sends a message to every channel that its severity is high enough for, at the same time; to the fallback
    /// channel, with a note, if none of them took it. Nothing is begun that could not end before `deadline`.
    pub async fn send(&self, message: &Message, deadline: Option<Instant>) -> Deliveries {
        let mut result = Deliveries::default();
        let (meant, rest): (Vec<_>, Vec<_>) =
            self.routes.iter().partition(|route| route.takes(message.severity));
        let (spare, skipped): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|route| route.fallback && message.severity >= route.min_severity);
        result.skipped.extend(skipped.iter().map(|route| route.name.clone()));
        // What the others may not use up: a fallback that is left no time is none.
        let first_deadline = match deadline {
            Some(deadline) if !spare.is_empty() => {
                let now = Instant::now();
                Some(now + deadline.saturating_duration_since(now) / 2)
            }
            deadline => deadline,
        };
        self.deliver(&meant, message, first_deadline, &mut result).await;
        self.or_fallback(&spare, message, deadline, result).await
    }

    /// Sends a message to one channel, whatever its severity; to the fallback channel if that did not take it. Without a channel of
    /// that name, and without a fallback, to all that its severity is high enough for: nobody is forgotten.
    pub async fn send_to(
        &self,
        channel: Option<&str>,
        message: &Message,
        deadline: Option<Instant>,
    ) -> Deliveries {
        let mut result = Deliveries::default();
        let meant: Vec<&Route> =
            self.routes.iter().filter(|route| channel.is_some_and(|name| route.name == name)).collect();
        self.deliver(&meant, message, deadline, &mut result).await;
        if result.reached_someone() {
            return result;
        }
        let spare: Vec<&Route> = self.routes.iter().filter(|route| route.fallback).collect();
        let mut result = if meant.is_empty() && !spare.is_empty() {
            // It was never meant for another: nothing to note.
            self.deliver(&spare, message, deadline, &mut result).await;
            result
        } else {
            self.or_fallback(&spare, message, deadline, result).await
        };
        if !result.reached_someone() {
            let mut message = message.clone();
            if !result.failed.is_empty() {
                let failed: Vec<_> = result.failed.iter().map(|failed| failed.channel.clone()).collect();
                message.facts.push(render::fallback_note(&failed, message.language));
            }
            let others: Vec<&Route> = self
                .routes
                .iter()
                .filter(|route| {
                    route.takes(message.severity) && !result.failed.iter().any(|f| f.channel == route.name)
                })
                .collect();
            self.deliver(&others, &message, deadline, &mut result).await;
        }
        result
    }

    /// Sends a message to one channel and to no other.
    pub async fn send_to_only(
        &self,
        channel: &str,
        message: &Message,
        deadline: Option<Instant>,
    ) -> Deliveries {
        let mut result = Deliveries::default();
        let meant: Vec<&Route> = self.routes.iter().filter(|route| route.name == channel).collect();
        self.deliver(&meant, message, deadline, &mut result).await;
        result
    }

    /// The channels that a message of this severity goes to, the fallback left out.
    pub fn channels_for(&self, severity: Severity) -> Vec<&str> {
        self.routes.iter().filter(|route| route.takes(severity)).map(|route| route.name.as_str()).collect()
    }

    async fn or_fallback(
        &self,
        spare: &[&Route],
        message: &Message,
        deadline: Option<Instant>,
        mut result: Deliveries,
    ) -> Deliveries {
        if result.reached_someone() {
            result.skipped.extend(spare.iter().map(|route| route.name.clone()));
            return result;
        }
        let Some(fallback) = spare.first() else { return result };
        let failed: Vec<_> = result.failed.iter().map(|failed| failed.channel.clone()).collect();
        let mut message = message.clone();
        // With no other channel there is nothing it falls back from, and nothing to note.
        if self.routes.len() > 1 {
            message.facts.push(render::fallback_note(&failed, message.language));
        }
        result.fallback = Some(fallback.name.clone());
        self.deliver(spare, &message, deadline, &mut result).await;
        result
    }

    /// Sends a message to every channel there is, whatever its severity: to try them out.
    pub async fn send_to_all(&self, message: &Message, deadline: Option<Instant>) -> Deliveries {
        let mut result = Deliveries::default();
        self.deliver(&self.routes.iter().collect::<Vec<_>>(), message, deadline, &mut result).await;
        result
    }

    async fn deliver(
        &self,
        routes: &[&Route],
        message: &Message,
        deadline: Option<Instant>,
        result: &mut Deliveries,
    ) {
        let sent = join_all(routes.iter().map(|route| self.attempts(route, message, deadline))).await;
        for (route, outcome) in routes.iter().zip(sent) {
            let channel = route.name.clone();
            match outcome {
                Ok(()) => result.delivered.push(channel),
                Err(why) => result.failed.push(Failed {
                    channel,
                    why: route.secrets.as_ref().map_or(why.clone(), |own| own.scrub(&why)),
                }),
            }
        }
    }

    async fn attempts(
        &self,
        route: &Route,
        message: &Message,
        deadline: Option<Instant>,
    ) -> Result<(), String> {
        let left = || match deadline {
            None => Duration::MAX,
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
        };
        let channel = route.channel.as_ref().map_err(Clone::clone)?;
        let mut done = 0;
        loop {
            if left().is_zero() {
                return Err("there was no time left to send it".to_owned());
            }
            let mut request = channel.request(message, self.client.clock().now());
            request.timeout = left().min(ATTEMPT_TIMEOUT);
            let refusal = match self.client.send(request).await {
                Ok(reply) => match channel.verdict(&reply) {
                    Ok(()) => return Ok(()),
                    Err(refusal) => refusal,
                },
                Err(error) => unsent(error),
            };
            done += 1;
            let pause = self.pause(done, refusal.wait);
            if refusal.again && done < ATTEMPTS && pause < left() {
                tokio::time::sleep(pause).await;
                continue;
            }
            let after = if done > 1 { format!(" (after {done} attempts)") } else { String::new() };
            return Err(format!("{}{after}", refusal.why));
        }
    }

    /// What the receiver asked for, within limits; else exponential, with jitter.
    fn pause(&self, done: u32, asked: Option<Duration>) -> Duration {
        let own = PAUSE * 2u32.pow(done.saturating_sub(1));
        asked.unwrap_or_else(|| own.mul_f64(0.5 + self.client.random().fraction() / 2.0)).min(LONGEST_PAUSE)
    }
}

/// A message may arrive twice after this, and its id tells.
fn unsent(error: SendError) -> Refusal {
    let why = match error {
        SendError::Connect(why) => format!("no connection: {why}"),
        SendError::Timeout => "no answer in time".to_owned(),
        SendError::Interrupted(why) => format!("the connection broke: {why}"),
    };
    Refusal { why, again: true, wait: None }
}

impl Endpoint {
    /// An empty `POST` to it.
    pub(super) fn post(&self) -> Request {
        let target = Target::Url(self.base.clone());
        let mut request = Request::new("POST", target, self.path.expose_secret());
        request.query =
            self.query.iter().map(|(key, value)| (key.clone(), value.expose_secret().to_owned())).collect();
        request.set("user-agent", concat!("cloud-hardening/", env!("CARGO_PKG_VERSION")));
        request
    }

    /// A text without the secrets of this endpoint, should a receiver have repeated them.
    fn scrub(&self, text: &str) -> String {
        // Shorter ones are words like "send" and "v1", and hide nothing.
        let path = self.path.expose_secret().split('/').filter(|part| part.len() >= 8);
        let query = self.query.iter().map(|(_, value)| value.expose_secret());
        let secret = self.secret.iter().map(ExposeSecret::expose_secret);
        path.chain(query).chain(secret).filter(|part| part.len() >= 4).fold(text.to_owned(), |text, part| {
            if text.contains(part) { text.replace(part, "***") } else { text }
        })
    }
}

impl std::fmt::Debug for Notifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Notifier").field(&self.channels()).finish()
    }
}
