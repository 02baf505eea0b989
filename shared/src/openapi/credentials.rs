//! Whose name a request is signed in.

use secrecy::{ExposeSecret, SecretString};

/// An access key, with its session token when it is temporary. `Debug` shows the key id and nothing else.
#[derive(Clone)]
pub struct Credentials {
    /// The public half: `LTAI…` for a long-lived key, `STS.…` for a temporary one.
    pub key_id: String,
    secret: SecretString,
    token: Option<SecretString>,
}

impl Credentials {
    /// A long-lived key.
    pub fn key(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { key_id: id.into(), secret: secret.into().into(), token: None }
    }

    /// A temporary key with its security token.
    pub fn sts(id: impl Into<String>, secret: impl Into<String>, token: impl Into<String>) -> Self {
        Self { key_id: id.into(), secret: secret.into().into(), token: Some(token.into().into()) }
    }

    /// Whether a session token goes with the key.
    pub fn is_temporary(&self) -> bool {
        self.token.is_some()
    }

    /// As environment variables, for a process that reads them there.
    pub fn into_env(self) -> Vec<(String, String)> {
        let mut variables = vec![
            ("ALIBABA_CLOUD_ACCESS_KEY_ID".to_owned(), self.key_id.clone()),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET".to_owned(), self.secret().to_owned()),
        ];
        variables
            .extend(self.token().map(|token| ("ALIBABA_CLOUD_SECURITY_TOKEN".to_owned(), token.to_owned())));
        variables
    }

    pub(crate) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_ref().map(ExposeSecret::expose_secret)
    }

    /// Takes the secret and the token out of a text that came back from outside: some error messages repeat
    /// the string that was signed, and the token is part of it.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        // The token first: a secret that happens to be part of it would break it up and leave the rest readable.
        if let Some(token) = self.token().filter(|token| !token.is_empty()) {
            clean = clean.replace(token, "***").replace(&super::percent(token), "***");
        }
        if !self.secret().is_empty() {
            clean = clean.replace(self.secret(), "***");
        }
        clean
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let credentials = Credentials::sts("STS.id", "the-secret", "the+token");
        assert!(!format!("{credentials:?}").contains("the"));
        let message = "string to sign is: x-acs-security-token:the+token the%2Btoken key the-secret";
        assert_eq!(credentials.scrub(message), "string to sign is: x-acs-security-token:*** *** key ***");
    }
}
