//! What is said after the first two messages, or instead of them.

use shared::config::Severity;
use shared::notify::{Kind, Message, Section};
use shared::tr;

use super::{Facts, Plan};
use crate::proof::Proof;
use crate::view::Outcome;

impl Facts<'_> {
    /// Not proved yet: said again.
    pub(crate) fn escalation(&self, number: usize, standing: &str, proof: &Proof) -> Message {
        let (l, key) = (self.language, self.key());
        let title = tr!(
            l,
            "Still not revoked: root key {key} (reminder {number})",
            "仍未吊销:主账号密钥 {key}(第 {number} 次提醒)"
        );
        let id = format!("{}/escalation/{number}", self.case);
        let summary = format!("{standing} {}", self.proved(proof));
        let mut message = self.message(id, Kind::Alert, Severity::Critical, title, summary);
        message.sections.push(self.to_do(true));
        message
    }

    /// What stands between the key and the account, in one sentence.
    pub(crate) fn standing(&self, outcome: Outcome) -> String {
        let l = self.language;
        match outcome {
            Outcome::NetworkRestricted => tr!(l, "The quarantine stands.", "隔离仍然生效。"),
            Outcome::Unknown => tr!(
                l,
                "Whether the quarantine stands could not be read: UNKNOWN.",
                "隔离是否仍然生效无法读取:未知(UNKNOWN)。"
            ),
            _ => tr!(l, "Nothing restricts the key.", "该密钥没有受到任何限制。"),
        }
    }

    /// Somebody lifted the quarantine.
    pub(crate) fn lifted(&self) -> Message {
        let (l, key, case, undo) = (self.language, self.key(), self.case, self.undo());
        let title = tr!(
            l,
            "The quarantine of root key {key} was lifted, not by us",
            "主账号密钥 {key} 的隔离被解除,且并非本工具所为"
        );
        let summary = tr!(
            l,
            "The account-level AccessKey network policy is no longer as this function left it. Whoever holds root, or may set that policy, has changed it: the root key may work again. It is not closed again automatically.",
            "账号级访问密钥网络策略已不是本函数设置的内容。主账号持有者或有权设置该策略的人修改了它:该主账号密钥可能重新可用。本函数不会自动再次关闭。"
        );
        let id = format!("{case}/lifted");
        let mut message = self.message(id, Kind::Alert, Severity::Critical, title, summary);
        message.sections.push(self.to_do(true));
        let lines = vec![tr!(
            l,
            "If this was you: {undo} removes the pins that are left.",
            "如果是您本人操作:{undo} 可移除剩余的固定策略。"
        )];
        message.sections.push(Section { title: tr!(l, "If it was meant", "如果是有意为之"), lines });
        message
    }

    /// There is no record, so nothing was done.
    pub(crate) fn unrecorded(&self, why: &str) -> Message {
        let mut message = self.alert(Plan::Observe);
        let l = self.language;
        message.id = format!("{}/unrecorded", self.case);
        let line = tr!(
            l,
            "NOTHING was done: the case could not be recorded, and nothing may be changed without a record. {why} The event is delivered again.",
            "未采取任何措施:案例无法记录,而没有记录就不得更改任何内容。{why} 事件将再次投递。"
        );
        if let Some(first) = message.sections.first_mut() {
            first.lines = vec![line];
        }
        message
    }

    /// Root made a key for a RAM user.
    pub(crate) fn key_for_user(&self, user: &str) -> Message {
        let (l, key, account) = (self.language, self.key(), self.account());
        let title = tr!(
            l,
            "Root created an access key for RAM user {user}",
            "主账号为 RAM 用户 {user} 创建了访问密钥"
        );
        let summary = tr!(
            l,
            "The root account {account} has created the key {key} for {user}. It is not a root key and was left alone. Root is not for daily use: if nobody you know did this, look at the account.",
            "账号 {account} 的主账号为 {user} 创建了密钥 {key}。它不是主账号密钥,未做处理。主账号不应日常使用:如果不是您认识的人所为,请检查该账号。"
        );
        let id = format!("{}/for-user", self.case);
        self.message(id, Kind::Notice, Severity::Medium, title, summary)
    }

    /// Root keys that were there before this function was.
    pub(crate) fn found_at_start(&self, count: u64) -> Message {
        let (l, account) = (self.language, self.account());
        let title = tr!(l, "The root account has {count} access keys", "主账号有 {count} 个访问密钥");
        let summary = tr!(
            l,
            "First sweep of account {account}: {count} root access keys exist that no case explains. Nothing was changed. Root needs no access key: disable and delete them.",
            "首次巡检账号 {account}:存在 {count} 个没有案例说明的主账号访问密钥。未做任何更改。主账号不需要访问密钥:请停用并删除。"
        );
        let id = format!("{}/found/{count}", self.case);
        self.message(id, Kind::Notice, Severity::High, title, summary)
    }
}
