//! Saved errors: whether a document is one, by the keys at its top, and the words that it has for it.

use std::borrow::Cow;

use serde::de::Deserialize;
use serde_json::value::RawValue;

use super::answer::Top;
use super::envelope::{Envelope, Found};
use super::nested;
use super::salvage::Parts;
use super::scalar::Scalar;

/// The keys of codes and messages that mean nothing but errors: those of CBR and its API gateway, and of programs that
/// hand these on.
const CODES: [&str; 3] = ["error_code", "errorCode", "errcode"];
const MESSAGES: [&str; 5] = ["error_msg", "error_message", "errorMsg", "errorMessage", "errmsg"];

/// The keys of codes and messages that good answers may have too.
const COMMON: [(&str, &str); 2] = [("code", "message"), ("Code", "Message")];

/// The keys around a code and a message, as IAM, Keystone and Nova have them.
const AROUND: [&str; 7] =
    ["error", "badRequest", "unauthorized", "forbidden", "itemNotFound", "overLimit", "computeFault"];

/// Words for success where answers are wrapped.
const SUCCESS: [&str; 6] = ["", "ok", "success", "succeed", "succeeded", "successful"];

/// Longer documents are not looked at for the words of an error.
const LONGEST: usize = 64 << 10;

/// Whether a code says that all went well.
pub(super) fn is_success(code: &Scalar<'_>) -> bool {
    match code {
        Scalar::Null => true,
        Scalar::Text(text) if SUCCESS.iter().any(|word| text.trim().eq_ignore_ascii_case(word)) => true,
        other => other.as_int().is_some_and(|code| matches!(code, 0 | 200..=299)),
    }
}

/// Whether a value says nothing.
pub(super) fn is_void(value: &Scalar<'_>) -> bool {
    matches!(value, Scalar::Null | Scalar::Bool(false)) || matches!(value, Scalar::Text(text) if text.trim().is_empty())
}

/// What the ledger says of a saved error with these words.
pub(super) fn told(words: &str) -> String {
    format!("a saved error instead of an answer: {words}")
}

/// What the ledger says of a saved error with these words that stands beside backups.
pub(super) fn beside(words: &str) -> String {
    format!("a saved error beside the backups: {words}")
}

impl Top<'_> {
    /// The words of a saved error, if this is one.
    pub(super) fn error_body(&self) -> Option<String> {
        let own = self.own_error().or_else(|| self.common_error());
        let around = AROUND.into_iter().find(|key| self.get(key).is_some_and(|value| !is_void(value)));
        let around = around.map(|key| {
            let said = [self.get(key), self.get("error_description")].into_iter().flatten().filter_map(spoken);
            let said = words(said);
            if said.is_empty() { key.to_owned() } else { format!("{key}: {said}") }
        });
        let denied = self.has("encoded_authorization_message").then(|| "authorization denied".to_owned());
        let status = self.http_status().filter(|&status| status >= 400).map(|status| format!("HTTP status {status}"));
        own.or(around).or(denied).or(status).or_else(|| self.failure())
    }

    /// A code or a message under keys that mean nothing else.
    fn own_error(&self) -> Option<String> {
        let find = |keys: &[&str], is_none: fn(&Scalar<'_>) -> bool| {
            let found = keys.iter().find_map(|key| self.get(key));
            (found, found.is_some_and(|value| !is_none(value)))
        };
        let (code, has_failed) = find(&CODES, is_success);
        let (message, says_so) = find(&MESSAGES, is_void);
        (has_failed || says_so).then(|| words([code, message].into_iter().flatten().filter_map(spoken)))
    }

    /// A code that says that something failed, beside a message or around an answer.
    fn common_error(&self) -> Option<String> {
        let is_around = self.keys.iter().any(|(key, _)| nested::is_wrapper(key));
        COMMON.iter().find_map(|(code, message)| {
            let (code, message) = (self.get(code).filter(|code| !is_success(code))?, self.get(message));
            let said = || words([Some(code), message].into_iter().flatten().filter_map(spoken));
            (message.is_some() || is_around).then(said)
        })
    }

    /// The word with which what stands around an answer says that something failed.
    fn failure(&self) -> Option<String> {
        const WORDS: [&str; 4] = ["error", "fail", "failed", "failure"];
        let is_around = self.keys.iter().any(|(key, _)| nested::is_wrapper(key));
        let status = self.text("status").filter(|status| WORDS.iter().any(|word| word.eq_ignore_ascii_case(status)));
        let no_success = self.get("success").is_some_and(|value| value.as_bool() == Some(false));
        let said = status.map(|status| format!("status {status}")).or(no_success.then(|| "success false".to_owned()));
        said.filter(|_| is_around)
    }
}

/// The words of a code or a message.
fn spoken<'s>(value: &'s Scalar<'_>) -> Option<Cow<'s, str>> {
    match value {
        Scalar::Text(text) => Some(Cow::Borrowed(text)),
        Scalar::Int(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// A code and a message in one line.
fn words<'s>(said: impl Iterator<Item = Cow<'s, str>>) -> String {
    said.map(|text| format!("{text:.160}")).collect::<Vec<_>>().join(" ")
}

/// Adds the words that stand further inside an error: a code and a message in an object under the one key of a document, or
/// under one that names an error.
pub(super) fn explained(text: &str, mut found: Found) -> Found {
    let is_error = matches!(&found.envelope, Envelope::Refused(why) if AROUND.iter().any(|key| *why == told(key)));
    let is_open = is_error || matches!(&found.envelope, Envelope::Unknown(_));
    if is_open
        && text.len() <= LONGEST
        && let Some(words) = inner(text, is_error)
    {
        found.envelope = Envelope::Refused(told(&words));
    }
    found
}

/// The key and the words of an error in an object.
fn inner(text: &str, is_error: bool) -> Option<String> {
    let Parts(parts) = serde_json::from_str(text).ok()?;
    let is_only = parts.len() == 1;
    parts.iter().find_map(|(key, raw)| {
        let is_meant = if is_error { AROUND.contains(&&**key) } else { is_only && !nested::is_wrapper(key) };
        let said = if is_meant { said_in(raw) } else { None };
        said.map(|said| format!("{key:.40}: {said}"))
    })
}

/// The code and the message in an object; none unless both are there.
fn said_in(raw: &RawValue) -> Option<String> {
    let Parts(parts) = serde_json::from_str(raw.get()).ok()?;
    let find = |common: [&str; 2], own: &[&str]| {
        let mut keys = common.iter().chain(own);
        let raw = keys.find_map(|key| parts.iter().find(|(met, _)| met == key).map(|(_, raw)| *raw))?;
        let text = String::deserialize(raw).ok();
        text.or_else(|| i64::deserialize(raw).ok().map(|number| number.to_string()))
    };
    let code = find(COMMON.map(|(code, _)| code), &CODES)?;
    let message = find(COMMON.map(|(_, message)| message), &MESSAGES)?;
    Some(words([code, message].into_iter().map(Cow::Owned)))
}
