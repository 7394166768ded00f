//! What programs save in front of a body: the headers of HTTP (`curl -i`), and the name that the SDK for Go prints before
//! an answer.

use super::sequence::first_value;

/// What stands in front of a body.
#[derive(Debug, Default)]
pub(super) struct Head<'t> {
    /// How many bytes it is.
    length: usize,
    /// The status of the answer; none without headers.
    pub(super) status: Option<u16>,
    /// Why whoever follows may be another answer: this one may go without a body.
    goes_on: bool,
    is_chunked: bool,
    encoding: Option<&'t str>,
}

/// A body with what stands in front of it.
#[derive(Debug)]
pub(super) struct Message<'t> {
    pub(super) head: Head<'t>,
    pub(super) body: &'t str,
    /// The line and column at which the body begins, counted from one.
    pub(super) place: (u64, usize),
}

/// Whether bytes begin with headers of HTTP.
#[must_use]
pub(super) fn is_headed(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"HTTP/").and_then(<[u8]>::first).is_some_and(u8::is_ascii_digit)
}

/// The messages of a text; none if it begins with a body.
pub(super) fn messages(text: &str) -> Vec<Message<'_>> {
    let mut messages: Vec<Message<'_>> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(head) = text.get(at..).and_then(Head::of) {
        let (before, rest) = text.get(at..).unwrap_or_default().split_at(head.length);
        line += newlines(before);
        let column = before.rsplit('\n').next().unwrap_or_default().len() + 1;
        let body = rest.get(..body_length(rest)).unwrap_or(rest);
        at += before.len() + body.len();
        messages.push(Message { head, body, place: (line, column) });
        line += newlines(body);
    }
    messages
}

fn newlines(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}

/// How long the body is with which a text begins, and the blanks behind it: up to the next message.
fn body_length(text: &str) -> usize {
    let start = text.len() - text.trim_start().len();
    let body = text.get(start..).unwrap_or_default();
    if let Ok(value) = first_value(body) {
        let behind = body.get(value.len()..).unwrap_or_default();
        let next = text.len() - behind.trim_start().len();
        if Head::of(behind.trim_start()).is_some() {
            return next;
        }
    }
    // What is no JSON may hold anything, but hardly a line that begins with a status.
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if status(line).is_some() {
            return at;
        }
        at += line.len();
    }
    text.len()
}

/// The status that a line begins with.
fn status(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/")?;
    let (version, rest) = rest.split_once(' ')?;
    let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let (code, rest) = rest.split_at_checked(3)?;
    let ends = rest.is_empty() || rest.starts_with([' ', '\r', '\n']);
    code.parse().ok().filter(|code| is_version && ends && (100..600).contains(code))
}

impl<'t> Head<'t> {
    /// What stands in front of the body with which a text goes on.
    fn of(text: &'t str) -> Option<Self> {
        Self::printed(text).or_else(|| {
            let mut head = Self::block(text)?;
            // Redirects, proxies and requests for a login have a block of their own, and mostly no body.
            while head.goes_on
                && let Some(next) = text.get(head.length..).and_then(Self::block)
            {
                head = Self { length: head.length + next.length, ..next };
            }
            Some(head)
        })
    }

    /// The name that the SDK for Go prints before an answer.
    fn printed(text: &str) -> Option<Self> {
        let name = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let is_name =
            text.get(..name)?.ends_with("Response") && text.starts_with(|first: char| first.is_ascii_uppercase());
        (is_name && text.get(name..)?.starts_with(" {")).then(|| Self { length: name + 1, ..Self::default() })
    }

    /// One block of headers, with the blank line behind it.
    fn block(text: &'t str) -> Option<Self> {
        // A text without headers may be one long line.
        let mut lines = is_headed(text.as_bytes()).then(|| text.split_inclusive('\n'))?;
        let first = lines.next()?;
        // Where lines end in a way that HTTP does not know, nobody can tell where the body begins.
        let status = status(first).filter(|_| !first.trim_end().contains('\r'))?;
        let is_tunnel = first.to_ascii_lowercase().contains("connection established");
        let goes_on = is_tunnel || matches!(status, 100..=199 | 300..=399 | 401 | 407);
        let mut head = Self { length: first.len(), status: Some(status), goes_on, ..Self::default() };
        for line in lines {
            let is_body = line.trim_start().starts_with(['{', '[']);
            if is_body || self::status(line).is_some() {
                break;
            }
            head.length += line.len();
            if line.trim().is_empty() {
                break;
            }
            head.note(line);
        }
        Some(head)
    }

    fn note(&mut self, line: &'t str) {
        let Some((name, value)) = line.split_once(':') else { return };
        let value = value.trim();
        if name.eq_ignore_ascii_case("transfer-encoding") {
            self.is_chunked |= value.to_ascii_lowercase().contains("chunked");
        } else if name.eq_ignore_ascii_case("content-encoding") && !value.eq_ignore_ascii_case("identity") {
            self.encoding = Some(value);
        }
    }

    /// Why a body behind these headers cannot be read as it stands.
    pub(super) fn is_unreadable(&self, body: &str) -> Option<&'static str> {
        let size = body.lines().next().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let is_size = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
        (self.is_chunked && is_size).then_some("the body is still in chunks: save it without --raw of curl")
    }
}

/// How many bytes stand in front of the body with which a text goes on; `None` if they tell of an error.
pub(super) fn before_body(text: &str) -> Option<usize> {
    let head = Head::of(text).unwrap_or_default();
    head.status.is_none_or(|status| status < 400).then_some(head.length)
}

/// Why bytes that are no text cannot be read, if headers before them tell it.
pub(super) fn packed(valid: &str) -> Option<String> {
    let encoding = Head::of(valid)?.encoding?;
    Some(format!("the body is still packed ({encoding:.40}): save it with --compressed of curl, and without --raw"))
}
