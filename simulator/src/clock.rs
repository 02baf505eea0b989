//! The account's time. Whatever the account dates goes by it; only how fresh a request is goes by the
//! machine's clock, so that a test may move the account's days without moving signatures.

use crate::cloud::Cloud;
use crate::ids;
use jiff::Timestamp;

impl Cloud {
    /// Now, for the account (`Settings::ahead`). Where that is beyond what can be dated, the last that can.
    pub(crate) fn now(&self) -> Timestamp {
        // Saturating additions of a plain duration do not fail.
        let now = Timestamp::now();
        now.saturating_add(self.settings.ahead).unwrap_or(now)
    }

    /// Now, in the form that the APIs use for dates.
    pub(crate) fn date(&self) -> String {
        ids::date(self.now())
    }
}
