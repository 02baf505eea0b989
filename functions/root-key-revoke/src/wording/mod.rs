//! What people are told, in both languages. Each text says what happened, to what, how sure we are, and what to do.

mod done;
mod later;

use jiff::Timestamp;
use shared::config::{Language, Severity};
use shared::notify::{Kind, Message, Section, key_use_lines, undo_command};
use shared::snapshot::KeyUse;
use shared::tr;

use crate::decide::{Found, Subject};
use crate::proof::Proof;
use crate::view::{Outcome, Quarantined};

pub(crate) use done::done;

/// The function's name in messages.
pub(crate) const FUNCTION: &str = "root-key-revoke";

/// Everything that a message about a case draws on.
pub(crate) struct Facts<'a> {
    pub language: Language,
    pub case: &'a str,
    pub account: Option<&'a str>,
    pub subject: &'a Subject,
    pub now: Timestamp,
    /// HARDENING_STATE, as the function has it: `harden` on another machine must look into the same store.
    pub state: Option<&'a str>,
}

/// How a finished attempt stands, for the outcome message.
pub(crate) struct Result<'a> {
    pub outcome: Outcome,
    pub proof: &'a Proof,
    pub key_use: &'a KeyUse,
    pub quarantined: &'a Quarantined,
    /// A proof on record does not hold any more.
    pub relapsed: bool,
    /// Sweeps go on with the case.
    pub followed_up: bool,
    /// What was done, a sentence each.
    pub done: Vec<String>,
}

impl Facts<'_> {
    /// The command that takes this case's changes back, ready to paste.
    fn undo(&self) -> String {
        undo_command(self.state, self.case)
    }

    fn key(&self) -> String {
        self.subject.key.clone().unwrap_or_else(|| tr!(self.language, "(id unknown)", "(ID 未知)"))
    }

    fn account(&self) -> String {
        let account = self.account.or(self.subject.account.as_deref());
        account.map_or_else(|| tr!(self.language, "unknown", "未知"), str::to_owned)
    }

    fn message(&self, id: String, kind: Kind, severity: Severity, title: String, summary: String) -> Message {
        Message {
            id,
            kind,
            severity,
            function: FUNCTION.to_owned(),
            account_id: self.account.or(self.subject.account.as_deref()).map(str::to_owned),
            title,
            summary,
            facts: self.facts(),
            sections: Vec::new(),
            sent_at: self.now,
            language: self.language,
        }
    }

    fn facts(&self) -> Vec<(String, String)> {
        let l = self.language;
        let unknown = || tr!(l, "unknown", "未知");
        let or_unknown = |value: &Option<String>| value.clone().unwrap_or_else(unknown);
        let mfa = match self.subject.mfa {
            Some(true) => tr!(l, "yes", "是"),
            Some(false) => tr!(l, "no", "否"),
            None => unknown(),
        };
        vec![
            (tr!(l, "Access key", "访问密钥"), self.key()),
            (
                tr!(l, "Created at", "创建时间"),
                self.subject
                    .created_at
                    .map_or_else(unknown, |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
            ),
            (tr!(l, "Created from", "创建来源地址"), or_unknown(&self.subject.from)),
            (tr!(l, "Created with", "创建所用程序"), or_unknown(&self.subject.agent)),
            (tr!(l, "Session used MFA", "会话使用了 MFA"), mfa),
            (tr!(l, "Event", "事件"), or_unknown(&self.subject.event_id)),
            (tr!(l, "Case", "案例"), self.case.to_owned()),
        ]
    }

    /// The first word: sent before anything is tried.
    pub(crate) fn alert(&self, plan: Plan) -> Message {
        let l = self.language;
        let (key, account) = (self.key(), self.account());
        let how = match self.subject.found {
            Found::Event => tr!(
                l,
                "The root account {account} has created an access key, {key}.",
                "账号 {account} 的主账号(root)创建了访问密钥 {key}。"
            ),
            Found::Lookup => tr!(
                l,
                "The root account {account} has created an access key, {key}. No event was delivered: a sweep found it in ActionTrail.",
                "账号 {account} 的主账号(root)创建了访问密钥 {key}。没有收到事件投递,由巡检在操作审计(ActionTrail)中发现。"
            ),
            Found::Count => tr!(
                l,
                "The root account {account} has more access keys than before, and no event says which one is new.",
                "账号 {account} 的主账号(root)访问密钥数量增加,但没有事件说明是哪一个。"
            ),
        };
        let why = tr!(
            l,
            "A root key can do everything, no RAM policy limits it, and no role can revoke it. If nobody you know is doing this right now, the account is being taken over.",
            "主账号密钥拥有全部权限,任何 RAM 策略都无法限制它,任何角色也无法吊销它。如果此刻不是您认识的人在操作,账号正在被接管。"
        );
        let title = tr!(l, "Root access key created: {key}", "主账号创建了访问密钥:{key}");
        let id = format!("{}/alert", self.case);
        let mut message = self.message(id, Kind::Alert, Severity::Critical, title, format!("{how} {why}"));
        let plan = match plan {
            Plan::Observe => tr!(
                l,
                "Mode is observe: this function changes nothing. It reports what it would have done.",
                "当前为观察(observe)模式:本函数不做任何更改,只报告本应采取的措施。"
            ),
            Plan::Disable => tr!(
                l,
                "This function now tries to disable the key, which the platform is expected to refuse, and then tells you the result. The quarantine is switched off (root_key.quarantine).",
                "本函数现在尝试停用该密钥(平台预计会拒绝),随后通报结果。隔离未启用(root_key.quarantine)。"
            ),
            Plan::Quarantine => tr!(
                l,
                "This function now tries to disable the key; failing that, it pins every RAM user's key to what it may do today and closes the account to all other keys. The result follows.",
                "本函数现在尝试停用该密钥;若不成功,将把每个 RAM 用户的密钥固定为当前允许的范围,然后对账号的其他所有密钥关闭网络访问。随后通报结果。"
            ),
        };
        message
            .sections
            .push(Section { title: tr!(l, "What happens now", "正在进行"), lines: vec![plan] });
        message.sections.push(self.to_do(true));
        message
    }

    /// What was known, done and proved.
    pub(crate) fn outcome(&self, result: &Result<'_>) -> Message {
        let l = self.language;
        let key = self.key();
        let (severity, title, summary) = match result.outcome {
            Outcome::Revoked => (
                Severity::High,
                tr!(l, "Root key {key} is revoked: proved", "主账号密钥 {key} 已吊销:已证实"),
                self.proved(result.proof),
            ),
            Outcome::NetworkRestricted => (
                Severity::Critical,
                tr!(
                    l,
                    "Root key {key} is network-restricted, not revoked",
                    "主账号密钥 {key} 已被网络隔离,但尚未吊销"
                ),
                tr!(
                    l,
                    "From the network the key is useless with every service that enforces AccessKey network policies; that was read back. It still exists: only whoever holds root can disable it.",
                    "对所有执行访问密钥网络策略的服务,该密钥已无法从网络使用(已回读确认)。但它仍然存在:只有主账号持有者才能停用它。"
                ),
            ),
            Outcome::Observed => (
                Severity::Critical,
                tr!(
                    l,
                    "Root key {key} was created; nothing was changed (observe)",
                    "主账号密钥 {key} 已创建;未做任何更改(观察模式)"
                ),
                tr!(
                    l,
                    "Mode is observe: nothing was tried. Take the key for active until you have disabled it. Act now.",
                    "当前为观察模式:未采取任何措施。在您停用之前,请视该密钥为可用,并立即处理。"
                ),
            ),
            Outcome::Refused | Outcome::Unknown => (
                Severity::Critical,
                tr!(
                    l,
                    "Root key {key} could NOT be made useless: act now",
                    "未能使主账号密钥 {key} 失效:请立即处理"
                ),
                tr!(
                    l,
                    "Nothing that this function may do is proved to have worked. Take the key for active until you have disabled it yourself.",
                    "本函数能做的措施均未证实生效。在您亲自停用之前,请视该密钥为可用。"
                ),
            ),
        };
        let id = format!("{}/outcome/{}", self.case, result.outcome.name());
        let mut message = self.message(id, Kind::Update, severity, title, summary);
        let mut section = |title: String, lines: Vec<String>| {
            if !lines.is_empty() {
                message.sections.push(Section { title, lines });
            }
        };
        section(tr!(l, "What was done", "已采取的措施"), result.done.clone());
        let proved = match result.proof {
            Proof::None if result.relapsed => tr!(
                l,
                "It was on record as disabled, and that does not hold any more: the key was enabled again, or another was made.",
                "此前已证实停用,但现已不成立:该密钥被重新启用,或新建了其他密钥。"
            ),
            proof => self.proved(proof),
        };
        section(tr!(l, "What is proved", "已证实"), vec![proved]);
        section(tr!(l, "Use of the key", "密钥使用情况"), key_use_lines(result.key_use, l));
        if result.outcome == Outcome::NetworkRestricted {
            section(tr!(l, "Reach of the quarantine", "隔离的影响范围"), self.reach(result.quarantined));
        }
        if result.outcome != Outcome::Revoked {
            message.sections.push(self.to_do(result.followed_up));
        } else if result.quarantined.stands() {
            message.sections.push(self.lift());
        }
        message
    }

    fn reach(&self, quarantined: &Quarantined) -> Vec<String> {
        let l = self.language;
        let pinned = quarantined.pinned;
        let undo = self.undo();
        let mut lines = vec![
            tr!(
                l,
                "Unaffected: {pinned} RAM-user keys, each pinned to what it was allowed before; keys with a policy of their own; every role and STS token.",
                "不受影响:{pinned} 个 RAM 用户密钥(均固定为此前允许的范围);已有自身策略的密钥;所有角色和 STS 令牌。"
            ),
            tr!(
                l,
                "Dark until the quarantine is lifted: every root key, every key made from now on, and every RAM user's key that is disabled now and enabled meanwhile.",
                "解除隔离之前无法使用:所有主账号密钥、此后新建的所有密钥,以及目前已停用、期间被重新启用的 RAM 用户密钥。"
            ),
            tr!(
                l,
                "Not enforced by, so still open to the key: ApsaraMQ for RocketMQ, RabbitMQ and MQTT, EventBridge, Simple Message Queue, CloudMonitor event reporting over HTTP, Hologres.",
                "以下服务不执行该策略,密钥仍可访问:云消息队列 RocketMQ / RabbitMQ / MQTT 版、事件总线 EventBridge、轻量消息队列、云监控 HTTP 上报事件、Hologres。"
            ),
            tr!(
                l,
                "Whoever holds root can lift it. A timer checks that it stands.",
                "持有主账号的人可以解除隔离。定时器会检查其是否仍然生效。"
            ),
        ];
        if quarantined.by_other {
            lines.push(tr!(
                l,
                "The account was closed already, for another case.",
                "账号此前已因另一案例被关闭。"
            ));
        } else {
            lines.push(tr!(l, "To lift it: {undo}", "解除隔离:{undo}"));
        }
        lines
    }

    fn lift(&self) -> Section {
        let (l, undo) = (self.language, self.undo());
        Section {
            title: tr!(l, "What to do now", "现在请执行"),
            lines: vec![tr!(
                l,
                "The quarantine still stands: keys made since are dark. When you are sure, lift it: {undo}",
                "隔离仍然生效:此后新建的密钥无法使用。确认安全后解除隔离:{undo}"
            )],
        }
    }

    fn proved(&self, proof: &Proof) -> String {
        let l = self.language;
        match proof {
            Proof::Event { name, at, .. } => {
                let at = at.strftime("%Y-%m-%d %H:%M:%S UTC");
                tr!(
                    l,
                    "ActionTrail shows that root itself made the key unusable: {name} at {at}, naming the key.",
                    "操作审计显示主账号本人已使该密钥失效:{at} 的 {name},并指明了该密钥。"
                )
            }
            Proof::Count { was } => tr!(
                l,
                "The account's security report counts no root access key any more; it counted {was}.",
                "账号安全报告中主账号访问密钥数量已为 0,此前为 {was}。"
            ),
            Proof::ReadBack => {
                tr!(l, "The key was disabled, and reads as inactive.", "该密钥已被停用,回读状态为 Inactive。")
            }
            Proof::None => {
                tr!(l, "Nothing yet shows that the key was disabled.", "目前没有任何证据表明该密钥已停用。")
            }
            Proof::Unknown(why) => tr!(
                l,
                "Whether the key was disabled is UNKNOWN: {why}",
                "该密钥是否已停用:未知(UNKNOWN):{why}"
            ),
        }
    }

    /// The steps for the human who holds root.
    fn to_do(&self, followed_up: bool) -> Section {
        let l = self.language;
        let (key, account) = (self.key(), self.account());
        let mut section = Section {
            title: tr!(l, "What to do now (whoever holds root)", "现在请执行(主账号持有者)"),
            lines: vec![
                tr!(l, "Sign in as the root account {account}, with MFA.", "使用 MFA 登录主账号 {account}。"),
                tr!(
                    l,
                    "Open the AccessKey page (avatar menu, AccessKey).",
                    "打开 AccessKey 管理页面(头像菜单 → AccessKey)。"
                ),
                tr!(
                    l,
                    "Disable {key}, then delete it. Check that no other root key is there.",
                    "停用 {key},随后删除,并确认没有其他主账号密钥。"
                ),
                tr!(
                    l,
                    "Change the root password; check the MFA device, the recovery phone and mail.",
                    "修改主账号密码;检查 MFA 设备、安全手机和安全邮箱。"
                ),
                tr!(
                    l,
                    "If none of you created it: look for users, roles, policies and keys made since then.",
                    "如果不是你们创建的:排查此后新建的用户、角色、策略和密钥。"
                ),
            ],
        };
        section.lines.push(if followed_up {
            tr!(
                l,
                "This function keeps reminding you until the key is proved disabled.",
                "在证实密钥停用之前,本函数会持续提醒。"
            )
        } else {
            tr!(
                l,
                "This function cannot see that account: it does not follow this up, and reminds nobody.",
                "本函数无法查看该账号:不会跟进,也不会再提醒。"
            )
        });
        section
    }
}

/// What the configuration lets this function do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    Observe,
    Disable,
    Quarantine,
}
